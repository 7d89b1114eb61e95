import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { once } from "../../static/js/helpers/events.js";
import { Uploader } from "../../static/js/models/uploader.js";
import { OTHER, RECORDING, fill, listen, makeSegment, makeStore } from "./support/chunks.js";
import { Locks, serve } from "./support/server.js";

const seqOf = (url) => Number(url.split("/").at(-1));
const taken = (request, body) => ({
  status: 201,
  json: { seq: seqOf(request.url), digest: createHash("sha256").update(body).digest("hex") },
});
const problem = (status, code, headers = {}) => ({ status, json: { status, code }, headers });

/** A connected uploader against a server that answers so; released when the test ends. */
async function makeUploader(t, { store, answer, token = () => "T", ...rest }) {
  const server = await serve(answer);
  const network = new EventTarget();
  const uploader = new Uploader({
    store,
    token,
    endpoint: server.url,
    locks: new Locks(),
    network,
    random: () => 0,
    ...rest,
  });
  t.after(async () => {
    uploader.disconnect();
    await server.close();
  });
  return { uploader, server, network };
}

async function makeFilled(count) {
  const { store } = makeStore();
  const owner = await makeSegment(store);
  const chunks = await fill(store, owner, count);
  return { store, owner, chunks };
}

test("chunks are sent oldest first, one at a time, as the protocol says", async (t) => {
  const { store, chunks } = await makeFilled(4);
  let inFlight = 0;
  let most = 0;
  const answer = async (request, body) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    inFlight -= 1;
    return taken(request, body);
  };
  const { uploader, server } = await makeUploader(t, { store, answer });

  uploader.connect();
  await uploader.drained();

  const path = (chunk) => `/${RECORDING}/segments/${chunk.segment}/chunks/${chunk.seq}`;
  assert.deepEqual(
    server.requests.map(({ method, url }) => [method, url]),
    chunks.map((chunk) => ["PUT", path(chunk)]),
  );
  assert.deepEqual(
    server.requests.map(({ body }) => body),
    chunks.map(({ bytes }) => Buffer.from(bytes)),
  );
  assert.equal(server.requests[0].headers.authorization, "Bearer T");
  assert.equal(server.requests[1].headers["kaowu-chain"], chunks[1].chain);
  assert.equal(most, 1);
  assert.equal((await store.totals()).acknowledged, 4);
});

test("a chunk stored while sending is sent too, and streams do not wait for each other", async (t) => {
  const { store, owner } = await makeFilled(1);
  const screen = await makeSegment(store, { recording: OTHER, stream: "screen" });
  await fill(store, screen, 1);
  const stuck = (request, body) =>
    request.url.includes(RECORDING) && seqOf(request.url) === 0 && !released
      ? problem(503, "store_failed")
      : taken(request, body);
  let released = false;
  const { uploader } = await makeUploader(t, { store, answer: stuck });

  uploader.connect();
  const [key] = await Promise.all([once(store, "acknowledged"), once(uploader, "failing")]);
  released = true;
  await fill(store, owner, 1);
  uploader.kick();
  await uploader.drained();

  assert.equal(key.recording, OTHER);
  assert.equal((await store.totals()).acknowledged, 3);
});

test("without an answer the chunk is tried again, and coming online cuts the wait", async (t) => {
  const { store } = await makeFilled(2);
  let down = true;
  const answer = (request, body) => (down ? null : taken(request, body));
  const slow = { random: () => 1 };
  const { uploader, server, network } = await makeUploader(t, { store, answer, ...slow });
  const seen = listen(uploader, "failing", "recovered", "problem");

  uploader.connect();
  for (const attempt of [1, 2, 3, 4, 5]) {
    const detail = await once(uploader, "failing");
    assert.equal(detail.attempt, attempt);
    if (attempt === 5) down = false;
    network.dispatchEvent(new Event("online"));
  }
  const began = performance.now();
  await uploader.drained();

  assert.ok(performance.now() - began < 3000, "a wait of 8 s was cut short");
  const delays = seen.filter(([name]) => name === "failing").map(([, { delayMs }]) => delayMs);
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000]);
  assert.deepEqual(seen.at(-1), ["recovered", {}]);
  assert.deepEqual(server.requests.map(({ url }) => seqOf(url)), [0, 0, 0, 0, 0, 0, 1]);
});

test("Retry-After is waited for", async (t) => {
  const { store } = await makeFilled(1);
  const answer = () => problem(503, "store_failed", { "Retry-After": "7" });
  const { uploader } = await makeUploader(t, { store, answer });

  uploader.connect();
  const detail = await once(uploader, "failing");

  assert.deepEqual(detail, { recording: RECORDING, attempt: 1, delayMs: 7000, status: 503 });
});

test("a conflict is surfaced once, kept, and the next chunk goes on", async (t) => {
  const { store, owner } = await makeFilled(3);
  const answer = (request, body) =>
    seqOf(request.url) === 1 ? problem(409, "chunk_conflict") : taken(request, body);
  const { uploader, server } = await makeUploader(t, { store, answer });
  const seen = listen(uploader, "problem");

  uploader.connect();
  await uploader.drained();

  const where = { recording: RECORDING, segment: owner.segment, seq: 1 };
  assert.deepEqual(seen, [["problem", { ...where, code: "chunk_conflict", status: 409 }]]);
  assert.deepEqual(server.requests.map(({ url }) => seqOf(url)), [0, 1, 2]);
  const { acknowledged, problems } = await store.totals();
  assert.deepEqual([acknowledged, problems], [2, 1]);
});

test("a damaged transfer is tried five times and then surfaced", async (t) => {
  const { store } = await makeFilled(1);
  const answer = () => problem(422, "digest_mismatch");
  const { uploader, server } = await makeUploader(t, { store, answer });
  uploader.addEventListener("failing", () => uploader.kick());

  uploader.connect();
  const detail = await once(uploader, "problem");

  assert.equal(detail.code, "digest_mismatch");
  assert.equal(server.requests.length, 5);
});

test("an old token is asked for anew and the chunk goes with the new one", async (t) => {
  const { store } = await makeFilled(1);
  let token = null;
  const answer = (request, body) =>
    request.headers.authorization === "Bearer new" ? taken(request, body) : problem(401, "bad_token");
  const { uploader, server } = await makeUploader(t, { store, answer, token: () => token });

  uploader.connect();
  await once(uploader, "unauthorised");
  token = "old";
  uploader.kick();
  await once(uploader, "unauthorised");
  token = "new";
  uploader.kick();
  await uploader.drained();

  const sent = server.requests.map(({ headers }) => headers.authorization);
  assert.deepEqual(sent, ["Bearer old", "Bearer new"]);
});

test("a portal that answers 200 to everything acknowledges nothing", async (t) => {
  const { store } = await makeFilled(1);
  const answer = () => ({ status: 200, bytes: "<html>Welcome to the hotel</html>" });
  const { uploader } = await makeUploader(t, { store, answer });

  uploader.connect();
  const detail = await once(uploader, "failing");

  assert.equal(detail.status, 200);
  assert.equal((await store.totals()).acknowledged, 0);
});

test("one page uploads at a time and the next takes over", async (t) => {
  const { store } = await makeFilled(2);
  const locks = new Locks();
  const blocked = await makeUploader(t, { store, answer: () => null, locks });
  const { uploader } = await makeUploader(t, { store, answer: taken, locks });

  blocked.uploader.connect();
  await once(blocked.uploader, "failing");
  uploader.connect();
  const before = [blocked.uploader.active, uploader.active];
  blocked.uploader.disconnect();
  await uploader.drained();

  assert.deepEqual(before, [true, false]);
  assert.deepEqual([blocked.uploader.active, uploader.active], [false, true]);
});

test("progress tells what is captured, acknowledged and waiting", async (t) => {
  const { store } = await makeFilled(3);
  const { uploader } = await makeUploader(t, { store, answer: taken });

  uploader.connect();
  await uploader.drained();
  await fill(store, await makeSegment(store), 1);
  await uploader.drained();
  const detail = await once(uploader, "progress");

  const { captured, acknowledged, pending, pendingBytes, problems, failing } = detail;
  assert.deepEqual(
    { captured, acknowledged, pending, pendingBytes, problems, failing },
    { captured: 4, acknowledged: 4, pending: 0, pendingBytes: 0, problems: 0, failing: false },
  );
  assert.equal(detail.recordings[RECORDING].stream, "camera");
});
