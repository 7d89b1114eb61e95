import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/helpers/backoff.js";
import { canonicalJson } from "../../static/js/helpers/canonical.js";
import { pickMime } from "../../static/js/models/media_format.js";
import { partsOf } from "../../static/js/models/slicing.js";
import { retryAfterMs, verdictOf } from "../../static/js/models/upload_verdict.js";
import { levelOf, wordOf } from "../../static/js/widgets/volume_meter.js";

test("back-off grows to its ceiling and never undercuts what the server asked", () => {
  const slow = new Backoff({ random: () => 1 });
  const quick = new Backoff({ random: () => 0 });

  const delays = [0, 1, 2, 3, 4, 5, 6].map(() => slow.next());

  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 15000, 15000]);
  assert.deepEqual([quick.next(), quick.next(), quick.next(7000)], [500, 500, 7000]);
});

test("back-off that is cut wakes every sleeper at once", async () => {
  const backoff = new Backoff();
  const sleepers = Promise.all([backoff.sleep(60_000), backoff.sleep(90_000)]);

  backoff.cut();

  assert.deepEqual(await sleepers, [undefined, undefined]);
});

test("canonical JSON sorts keys, keeps Chinese and refuses fractions", () => {
  const text = canonicalJson({ b: [1, null, { d: true, c: "考\"务" }], a: "" });

  assert.equal(text, '{"a":"","b":[1,null,{"c":"考\\"务","d":true}]}');
  assert.throws(() => canonicalJson({ a: 0.5 }), TypeError);
});

test("a large slice is cut into parts that share its span without a hole", () => {
  const bytes = Uint8Array.from({ length: 10 }, (_, i) => i).buffer;

  const parts = partsOf(bytes, { startMs: 2000, durationMs: 1000, maxBytes: 4 });

  const seen = parts.map((part) => [[...new Uint8Array(part.bytes)], part.startMs, part.durationMs]);
  assert.deepEqual(seen, [
    [[0, 1, 2, 3], 2000, 333],
    [[4, 5, 6, 7], 2333, 333],
    [[8, 9], 2666, 334],
  ]);
});

test("a slice within the cap is one part", () => {
  const bytes = new ArrayBuffer(4);

  const parts = partsOf(bytes, { startMs: 0, durationMs: 7, maxBytes: 4 });

  assert.deepEqual(parts, [{ bytes, startMs: 0, durationMs: 7 }]);
});

test("the first format that the browser records is picked, silent ones without sound", () => {
  const only = (...mimes) => (mime) => mimes.includes(mime);

  const picked = [
    pickMime(true, () => true),
    pickMime(false, () => true),
    pickMime(true, only("video/mp4", "video/webm")),
    pickMime(true, only("video/mp4")),
    pickMime(true, only()),
  ];

  const vp8 = "video/webm;codecs=vp8";
  assert.deepEqual(picked, [`${vp8},opus`, vp8, "video/webm", "video/mp4", null]);
});

test("only a reply that repeats number and digest acknowledges", () => {
  const chunk = { seq: 3, digest: "ab" };
  const told = (status, body) => verdictOf({ status, body }, chunk);

  assert.equal(told(201, { seq: 3, digest: "ab" }), "acknowledged");
  assert.equal(told(200, { seq: 3, digest: "ab" }), "acknowledged");
  assert.equal(told(200, { seq: 4, digest: "ab" }), "retry");
  assert.equal(told(200, { seq: 3, digest: "cd" }), "retry");
  assert.equal(told(200, null), "retry");
  assert.equal(told(204, null), "retry");
});

test("refusals of the protocol stop a chunk, foreign pages and failures do not", () => {
  const told = (status, code) =>
    verdictOf({ status, body: code ? { code } : null }, { seq: 0, digest: "" });

  const stopping = [
    [403, "wrong_recording"],
    [403, "window_closed"],
    [404, "not_found"],
    [409, "chunk_conflict"],
    [413, "too_large"],
    [422, "bad_header"],
    [422, "segment_mismatch"],
    [429, "too_many"],
  ];
  assert.deepEqual(
    stopping.map(([status, code]) => told(status, code)),
    stopping.map(() => "stop"),
  );
  assert.deepEqual([told(422, "digest_mismatch"), told(422, "length_mismatch")], ["few", "few"]);
  assert.equal(told(401, "bad_token"), "token");
  const again = [told(null), told(503, "store_failed"), told(502), told(403), told(408, "too_slow")];
  assert.deepEqual(again, ["retry", "retry", "retry", "retry", "retry"]);
});

test("Retry-After is read as seconds or as a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  const waits = ["2", "Thu, 01 Jan 2026 00:00:05 GMT", "Thu, 01 Jan 2020 00:00:00 GMT", "soon", null];

  assert.deepEqual(
    waits.map((value) => retryAfterMs(value, now)),
    [2000, 5000, 0, 0, 0],
  );
});

test("loudness becomes cells and a word", () => {
  const tone = (size) => Float32Array.from({ length: 480 }, (_, i) => size * Math.sin(i / 4));

  const levels = [levelOf(new Float32Array(480)), levelOf(tone(0.01)), levelOf(tone(0.1)), levelOf(tone(1))];

  assert.deepEqual(levels, [0, 6, 12, 19]);
  assert.deepEqual(levels.map(wordOf), ["silent", "good", "good", "loud"]);
});
