// @ts-check
import { toBase64 } from "../helpers/bytes.js";
import { fromHex } from "../helpers/hex.js";
import { retryAfterMs } from "./upload_verdict.js";

const PATIENCE_MS = 20_000;
const SLOWEST_BYTES_PER_MS = 8;

/** @param {any} chunk as the chunk store gives it @param {string} token */
export function chunkHeaders(chunk, token) {
  return {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/octet-stream",
    "Content-Digest": `sha-256=:${toBase64(fromHex(chunk.digest))}:`,
    "Kaowu-Span": `${chunk.startMs},${chunk.durationMs}`,
    "Kaowu-Chain": chunk.chain,
    "Kaowu-Segment": chunk.segmentHeader,
  };
}

/**
 * Offers one chunk. Never throws: without a reply the status is null.
 * @param {string} endpoint
 * @param {any} chunk
 * @param {{token: string, signal: AbortSignal}} options
 * @returns {Promise<{status: number | null, body: any, retryAfterMs: number}>}
 */
export async function sendChunk(endpoint, chunk, { token, signal }) {
  const { recording, segment, seq, bytes } = chunk;
  const limit = new AbortController();
  const giveUp = () => limit.abort();
  const patience = PATIENCE_MS + bytes.byteLength / SLOWEST_BYTES_PER_MS;
  const timer = setTimeout(giveUp, patience);
  signal.addEventListener("abort", giveUp);
  try {
    const response = await fetch(`${endpoint}/${recording}/segments/${segment}/chunks/${seq}`, {
      method: "PUT",
      headers: chunkHeaders(chunk, token),
      body: bytes,
      cache: "no-store",
      redirect: "error",
      signal: limit.signal,
    });
    const body = await response.json().catch(() => null);
    const wait = retryAfterMs(response.headers.get("Retry-After"));
    return { status: response.status, body, retryAfterMs: wait };
  } catch {
    return { status: null, body: null, retryAfterMs: 0 };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}
