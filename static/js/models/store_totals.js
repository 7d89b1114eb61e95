// @ts-check
const ZERO = {
  captured: 0,
  capturedBytes: 0,
  acknowledged: 0,
  acknowledgedBytes: 0,
  pending: 0,
  problems: 0,
};

/** One segment's row as the numbers of the totals. */
function numbersOf({ count, bytes, acknowledged, acknowledgedBytes, problems }) {
  const pending = count - acknowledged - problems;
  return { captured: count, capturedBytes: bytes, acknowledged, acknowledgedBytes, pending, problems };
}

function plus(a, b) {
  return Object.fromEntries(Object.keys(ZERO).map((key) => [key, a[key] + b[key]]));
}

/**
 * Counts of chunks and bytes, by recording and together.
 * @param {any[]} segments rows of the store
 */
export function addUp(segments) {
  /** @type {Record<string, any>} */
  const recordings = {};
  let whole = ZERO;
  for (const segment of segments) {
    const numbers = numbersOf(segment);
    const before = recordings[segment.recording] ?? ZERO;
    recordings[segment.recording] = { stream: segment.stream, ...plus(before, numbers) };
    whole = plus(whole, numbers);
  }
  const { capturedBytes, acknowledgedBytes, ...counts } = whole;
  return { recordings, ...counts, pendingBytes: capturedBytes - acknowledgedBytes };
}
