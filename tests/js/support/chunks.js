// @ts-check
/** Stores with chunks in them, for tests of what works on a store. */
import { sha256 } from "../../../static/js/helpers/digest.js";
import { toHex } from "../../../static/js/helpers/hex.js";
import { ChunkStore } from "../../../static/js/models/chunk_store.js";
import { SegmentChain } from "../../../static/js/models/segment_chain.js";
import { MemoryPort } from "./memory_port.js";

export const RECORDING = "11111111-1111-4111-8111-111111111111";
export const OTHER = "22222222-2222-4222-8222-222222222222";
export const MIME = "video/webm";

export function makeStore(options = {}) {
  const port = new MemoryPort(options);
  return { port, store: new ChunkStore({ port }) };
}

export async function makeSegment(store, options = {}) {
  const { recording = RECORDING, stream = "camera", startedMs = 1000 } = options;
  const segment = options.segment ?? crypto.randomUUID();
  const chain = await SegmentChain.begin({ segment, mime: MIME });
  const words = { mime: MIME, device: "", reason: "start", header: "aGVhZGVy" };
  await store.putSegment({
    uuid: segment,
    recording,
    stream,
    startedMs,
    head: chain.head,
    ...words,
  });
  return { segment, recording, chain };
}

/** The next chunk of a segment, `size` bytes that tell its number. */
export async function makeChunk({ segment, recording, chain }, size = 100) {
  const bytes = new Uint8Array(size).fill(chain.count + 1);
  const digest = await sha256(bytes);
  const span = { startMs: chain.count * 1000, durationMs: 1000 };
  const link = await chain.add({ digest, ...span });
  const identity = { recording, segment, ...link, ...span };
  return { ...identity, bytes: bytes.buffer, digest: toHex(digest), segmentHeader: "aGVhZGVy" };
}

export async function fill(store, owner, count, size = 100) {
  const made = [];
  for (let i = 0; i < count; i += 1) {
    const chunk = await makeChunk(owner, size);
    await store.putChunk(chunk);
    made.push(chunk);
  }
  return made;
}

/** Details of every event of these names, as they come. */
export function listen(target, ...names) {
  const seen = [];
  for (const name of names) {
    target.addEventListener(name, ({ detail }) => seen.push([name, detail]));
  }
  return seen;
}
