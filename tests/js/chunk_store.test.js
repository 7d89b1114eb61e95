import assert from "node:assert/strict";
import { test } from "node:test";

import { StoreFull } from "../../static/js/models/chunk_store.js";
import { OTHER, RECORDING, fill, listen, makeChunk, makeSegment, makeStore } from "./support/chunks.js";

const seqs = (rows) => rows.map(({ seq }) => seq);

async function held(store, recording = RECORDING) {
  const rows = [];
  for await (const row of store.chunks(recording)) rows.push(row);
  return rows;
}

test("next gives the oldest pending chunk of its recording with its bytes", async () => {
  const { store } = makeStore();
  const camera = await makeSegment(store);
  const screen = await makeSegment(store, { recording: OTHER, stream: "screen" });
  const [first] = await fill(store, camera, 2);
  const [shown] = await fill(store, screen, 1);

  const next = await store.next(RECORDING);
  const other = await store.next(OTHER);

  assert.deepEqual(next, { ...first, size: 100, status: "pending", problem: null, order: 1 });
  assert.deepEqual(other.bytes, shown.bytes);
  assert.equal(await store.next("nobody"), null);
});

test("an acknowledged chunk is not sent again and stays until it may be purged", async () => {
  const { store } = makeStore();
  const owner = await makeSegment(store);
  await fill(store, owner, 3);

  await store.markAcknowledged({ segment: owner.segment, seq: 0 });
  await store.markAcknowledged({ segment: owner.segment, seq: 0 });
  const before = [seqs(await held(store)), (await store.next(RECORDING)).seq];
  const purged = await store.purgeAcknowledged(RECORDING);

  assert.deepEqual(before, [[0, 1, 2], 1]);
  assert.equal(purged, 1);
  assert.deepEqual(seqs(await held(store)), [1, 2]);
});

test("totals count chunks and bytes by recording and together", async () => {
  const { store } = makeStore();
  const camera = await makeSegment(store, { segment: RECORDING });
  const screen = await makeSegment(store, { segment: OTHER, recording: OTHER, stream: "screen" });
  await fill(store, camera, 3, 10);
  await fill(store, screen, 1, 7);
  await store.markAcknowledged({ segment: camera.segment, seq: 0 });
  await store.markProblem({ segment: camera.segment, seq: 1 }, "chunk_conflict");

  const totals = await store.totals();

  const bytes = { capturedBytes: 30, acknowledgedBytes: 10 };
  const none = { acknowledged: 0, acknowledgedBytes: 0, problems: 0 };
  assert.deepEqual(totals, {
    recordings: {
      [RECORDING]: { stream: "camera", captured: 3, ...bytes, acknowledged: 1, pending: 1, problems: 1 },
      [OTHER]: { stream: "screen", captured: 1, capturedBytes: 7, ...none, pending: 1 },
    },
    captured: 4,
    acknowledged: 1,
    pending: 2,
    problems: 1,
    pendingBytes: 27,
  });
  assert.deepEqual(await store.pending(), [
    { recording: RECORDING, count: 1 },
    { recording: OTHER, count: 1 },
  ]);
});

test("a chunk stored twice counts once", async () => {
  const { store } = makeStore();
  const owner = await makeSegment(store);
  const [chunk] = await fill(store, owner, 1);

  await store.putChunk(chunk);

  assert.equal((await store.totals()).captured, 1);
  assert.deepEqual(seqs(await held(store)), [0]);
});

test("the statement survives purging and leaves empty segments out", async () => {
  const { store } = makeStore();
  const late = await makeSegment(store, { startedMs: 9000 });
  const early = await makeSegment(store, { startedMs: 1000 });
  await makeSegment(store, { startedMs: 5000 });
  await fill(store, late, 1);
  await fill(store, early, 2);
  for (const seq of [0, 1]) await store.markAcknowledged({ segment: early.segment, seq });

  await store.purgeAcknowledged(RECORDING);
  const statement = await store.statement(RECORDING);

  assert.deepEqual(statement, [
    { uuid: early.segment, mime: "video/webm", count: 2, head: early.chain.head },
    { uuid: late.segment, mime: "video/webm", count: 1, head: late.chain.head },
  ]);
});

test("segments that a crash left open are found once and keep count and head", async () => {
  const { store } = makeStore();
  const open = await makeSegment(store);
  const closed = await makeSegment(store);
  await fill(store, open, 2);
  await fill(store, closed, 1);
  await store.closeSegment(closed.segment);

  const found = [await store.recover(), await store.recover()];

  const row = { uuid: open.segment, recording: RECORDING, stream: "camera", count: 2 };
  assert.deepEqual(found, [[row], []]);
  const head = open.chain.head;
  const statement = await store.statement(RECORDING);
  assert.deepEqual(
    statement.find(({ uuid }) => uuid === open.segment),
    { uuid: open.segment, mime: "video/webm", count: 2, head },
  );
});

test("under quota pressure the oldest acknowledged go and the new chunk is kept", async () => {
  const { store } = makeStore({ quotaBytes: 3000 });
  const owner = await makeSegment(store);
  await fill(store, owner, 30);
  for (let seq = 0; seq < 25; seq += 1) {
    await store.markAcknowledged({ segment: owner.segment, seq });
  }
  const seen = listen(store, "evicted");

  await store.putChunk(await makeChunk(owner));

  assert.deepEqual(seen, [["evicted", { recording: RECORDING, count: 20 }]]);
  assert.deepEqual(seqs(await held(store)), [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  assert.equal((await store.statement(RECORDING))[0].count, 31);
});

test("a full store refuses a chunk and never drops what is not acknowledged", async () => {
  const { store } = makeStore({ quotaBytes: 250 });
  const owner = await makeSegment(store);
  await fill(store, owner, 2);
  const third = await makeChunk(owner);

  await assert.rejects(store.putChunk(third), StoreFull);
  const before = [seqs(await held(store)), (await store.statement(RECORDING))[0].count];
  await store.markAcknowledged({ segment: owner.segment, seq: 0 });
  await store.putChunk(third);

  assert.deepEqual(before, [[0, 1], 2]);
  assert.deepEqual(seqs(await held(store)), [1, 2]);
});

test("what the server misses goes again, and so does what it had refused", async () => {
  const { store } = makeStore();
  const owner = await makeSegment(store);
  await fill(store, owner, 5);
  for (const seq of [0, 1, 2, 3]) await store.markAcknowledged({ segment: owner.segment, seq });
  await store.markProblem({ segment: owner.segment, seq: 4 }, "chunk_conflict");

  const missed = await store.requeue(RECORDING, { [owner.segment]: [[1, 2], [9, 9]] });
  const first = (await store.next(RECORDING)).seq;
  const refused = await store.requeue(RECORDING);

  assert.deepEqual([missed, first, refused], [2, 1, 1]);
  const { pending, acknowledged, problems } = await store.totals();
  assert.deepEqual([pending, acknowledged, problems], [3, 2, 0]);
});

test("small facts are kept by name", async () => {
  const { store } = makeStore();

  await store.putMeta("nonce", { value: "ab" });

  assert.deepEqual([await store.getMeta("nonce"), await store.getMeta("none")], [{ value: "ab" }, null]);
});
