// @ts-check
/**
 * Cuts one slice into parts of at most `maxBytes`; the span is shared out without a hole.
 * @param {ArrayBuffer} bytes
 * @param {{startMs: number, durationMs: number, maxBytes: number}} how
 */
export function partsOf(bytes, { startMs, durationMs, maxBytes }) {
  const count = Math.ceil(bytes.byteLength / maxBytes);
  const at = (part) => Math.floor((durationMs * part) / count);
  return Array.from({ length: count }, (_, part) => ({
    bytes: count === 1 ? bytes : bytes.slice(part * maxBytes, (part + 1) * maxBytes),
    startMs: startMs + at(part),
    durationMs: at(part + 1) - at(part),
  }));
}
