import assert from "node:assert/strict";
import { test } from "node:test";

import { firstFragment, jumpTo, rateFor } from "../../static/js/models/live_media.js";
import { byTrouble } from "../../static/js/widgets/tile_grid.js";

const CLUSTER = [0x1f, 0x43, 0xb6, 0x75];
const WEBM = "video/webm;codecs=vp8,opus";
const bytes = (...parts) => new Uint8Array(parts.flat());

test("a cluster is found wherever it begins, and nothing that only looks like one", () => {
  const found = [
    firstFragment(bytes(CLUSTER, 1), WEBM),
    firstFragment(bytes(7, 0x1f, 0x43, 7, CLUSTER, 1), WEBM),
    firstFragment(bytes(1, 2, 0x1f, 0x43, 0xb6), WEBM),
    firstFragment(bytes(), WEBM),
  ];

  assert.deepEqual(found, [0, 4, -1, -1]);
});

test("a movie fragment begins with its size", () => {
  const moof = [...new TextEncoder().encode("moof")];

  assert.equal(firstFragment(bytes(9, 9, 0, 0, 0, 40, moof), "video/mp4;codecs=avc1"), 2);
});

test("the position jumps when it is too far behind, before the range, or beyond it", () => {
  const found = [
    jumpTo({ start: 0, end: 10, now: 7 }),
    jumpTo({ start: 0, end: 10, now: 6.9 }),
    jumpTo({ start: 30, end: 31, now: 0 }),
    jumpTo({ start: 30, end: 30.4, now: 0 }),
    jumpTo({ start: 0, end: 10, now: 12 }),
  ];

  assert.deepEqual(found, [null, 9, 30, 30, 9]);
});

test("what waits is played a little faster until the picture is near", () => {
  assert.deepEqual([rateFor({ end: 10, now: 7.5 }), rateFor({ end: 10, now: 8.5 })], [1.25, 1]);
});

test("the worst come first, then the numbers", () => {
  const rows = [
    { rank: 30, label: "002" },
    { rank: 90, label: "017" },
    { rank: 30, label: "001" },
  ];

  assert.deepEqual(rows.sort(byTrouble).map((row) => row.label), ["017", "001", "002"]);
});
