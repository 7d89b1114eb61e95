// @ts-check
/**
 * @typedef {{from_ms: number, to_ms: number}} Span
 * @typedef {{policy: string, limit: number | null, count: number, last: Span | null}} Told
 */

/**
 * What somebody who left the exam page is told, or null (R57). The server counts; what
 * it has not received yet is added, so that an outage hides nothing.
 * @param {Told | undefined} told
 * @param {Span[]} noticed what this page noticed and may not have sent
 */
export function focusNotice(told, noticed) {
  if (!told || told.policy === "log") return null;
  const unsent = noticed.filter(({ from_ms: from }) => from > (told.last?.from_ms ?? 0));
  const count = told.count + unsent.length;
  const last = unsent.at(-1) ?? told.last;
  if (!last) return null;
  const seconds = Math.max(1, Math.round((last.to_ms - last.from_ms) / 1000));
  return { count, from: last.from_ms, seconds, ...standing(told.limit, count) };
}

/** @param {number | null} limit @param {number} count */
function standing(limit, count) {
  if (limit === null) return { key: "warn", left: null };
  const left = Math.max(0, limit - count);
  return { key: count > limit ? "over" : left ? "left" : "last", left };
}
