// What the server holds of one stream, laid out on one line of chunk numbers.

/**
 * @typedef {{uuid: string, count: number}} Stated what this browser recorded of a segment
 * @typedef {{uuid: string, ranges: number[][], stated_count: number | null, started_ms?: number}} Held
 * @typedef {{total: number, have: number[][], gaps: number[][], received: number,
 *   missing: number[][]}} Layout missing: spans in epoch milliseconds, by the slice length
 */

/**
 * Lay the segments one behind the other: the browser's order, then what only the server has.
 * @param {Stated[]} stated
 * @param {{segments: Held[]} | null} ledger
 * @param {number} sliceMs
 * @returns {Layout}
 */
export function layOut(stated, ledger, sliceMs) {
  const held = new Map((ledger?.segments ?? []).map((segment) => [segment.uuid, segment]));
  const own = new Set(stated.map((segment) => segment.uuid));
  const others = [...held.values()]
    .filter((segment) => !own.has(segment.uuid))
    .map((segment) => ({ uuid: segment.uuid, count: countOf(segment) }));
  /** @type {Layout} */
  const layout = { total: 0, have: [], gaps: [], received: 0, missing: [] };
  for (const { uuid, count } of [...others, ...stated]) {
    const ranges = held.get(uuid)?.ranges ?? [];
    const shift = (/** @type {number[]} */ [first, last]) => [first + layout.total, last + layout.total];
    layout.have.push(...ranges.map(shift));
    const absent = holes(ranges, count);
    layout.gaps.push(...absent.map(shift));
    const startedMs = held.get(uuid)?.started_ms;
    if (startedMs !== undefined) layout.missing.push(...absent.map(spanFrom(startedMs, sliceMs)));
    layout.received += ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    layout.total += Math.max(count, lastOf(ranges) + 1);
  }
  return layout;
}

/** Return the inclusive ranges of 0..count-1 that `ranges` leaves out. */
export function holes(/** @type {number[][]} */ ranges, /** @type {number} */ count) {
  const missing = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) missing.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next < count) missing.push([next, count - 1]);
  return missing;
}

function spanFrom(/** @type {number} */ startedMs, /** @type {number} */ sliceMs) {
  return (/** @type {number[]} */ [first, last]) => [
    startedMs + first * sliceMs,
    startedMs + (last + 1) * sliceMs,
  ];
}

function countOf(/** @type {Held} */ segment) {
  return segment.stated_count ?? lastOf(segment.ranges) + 1;
}

function lastOf(/** @type {number[][]} */ ranges) {
  return ranges.length ? ranges[ranges.length - 1][1] : -1;
}
