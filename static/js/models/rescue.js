// @ts-check
import { uint32, utf8 } from "../helpers/bytes.js";

const MAGIC = "KWR1";

/**
 * Everything that is still held of one recording, as one file: the last resort when the
 * network does not come back. After the magic, for each chunk: 4 bytes big-endian length
 * of a JSON line with its facts, the line, then as many raw bytes as the line's `size`.
 *
 * @param {{chunks(recording: string): AsyncIterable<any>}} store
 * @param {string} recording
 * @returns {Promise<Blob>}
 */
export async function rescueFile(store, recording) {
  /** @type {BlobPart[]} */
  const parts = [utf8(MAGIC)];
  for await (const { bytes, order, ...facts } of store.chunks(recording)) {
    const line = utf8(JSON.stringify(facts));
    // A Blob of its own lets the browser move the bytes out of memory.
    parts.push(uint32(line.length), line, new Blob([bytes]));
  }
  return new Blob(parts, { type: "application/octet-stream" });
}
