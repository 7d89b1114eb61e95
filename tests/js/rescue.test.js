import assert from "node:assert/strict";
import { test } from "node:test";

import { rescueFile } from "../../static/js/models/rescue.js";
import { RECORDING, fill, makeSegment, makeStore } from "./support/chunks.js";

/** Reads a rescue file back, as the server's side would. */
function read(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const magic = new TextDecoder().decode(bytes.subarray(0, 4));
  const chunks = [];
  for (let at = 4; at < bytes.length; ) {
    const length = view.getUint32(at);
    const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length)));
    const start = at + 4 + length;
    chunks.push({ ...facts, bytes: bytes.slice(start, start + facts.size).buffer });
    at = start + facts.size;
  }
  return { magic, chunks };
}

test("the rescue file holds every chunk with its facts", async () => {
  const { store } = makeStore();
  const owner = await makeSegment(store);
  const chunks = await fill(store, owner, 3);
  await store.markAcknowledged({ segment: owner.segment, seq: 0 });

  const file = await rescueFile(store, RECORDING);
  const { magic, chunks: saved } = read(new Uint8Array(await file.arrayBuffer()));

  const states = ["acknowledged", "pending", "pending"];
  assert.equal(magic, "KWR1");
  assert.deepEqual(
    saved,
    chunks.map((chunk, i) => ({ ...chunk, size: 100, status: states[i], problem: null })),
  );
});
