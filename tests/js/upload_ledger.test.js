import assert from "node:assert/strict";
import { test } from "node:test";

import { holes, layOut } from "../../static/js/widgets/upload_ledger.js";

const makeLedger = (segments) => ({ segments });
const SLICE_MS = 1000;
const makeHeld = (uuid, ranges, stated = null) => ({
  uuid,
  ranges,
  stated_count: stated,
  started_ms: 50_000,
});

test("holes are what the ranges leave out, inclusive at both ends", () => {
  assert.deepEqual(holes([[2, 4], [6, 9]], 12), [[0, 1], [5, 5], [10, 11]]);
  assert.deepEqual(holes([], 3), [[0, 2]]);
  assert.deepEqual(holes([[0, 2]], 3), []);
  assert.deepEqual(holes([], 0), []);
});

test("segments lie one behind the other, in the browser's order", () => {
  const stated = [{ uuid: "a", count: 3 }, { uuid: "b", count: 4 }];
  const ledger = makeLedger([makeHeld("b", [[1, 3]]), makeHeld("a", [[0, 2]])]);

  const layout = layOut(stated, ledger, SLICE_MS);

  assert.deepEqual(layout, {
    total: 7,
    have: [[0, 2], [4, 6]],
    gaps: [[3, 3]],
    received: 6,
    missing: [[50_000, 51_000]],
  });
});

test("a segment that only the server has is counted with what it holds", () => {
  const ledger = makeLedger([makeHeld("other", [[0, 1], [3, 4]]), makeHeld("a", [[0, 0]])]);

  const layout = layOut([{ uuid: "a", count: 2 }], ledger, SLICE_MS);

  assert.deepEqual(layout, {
    total: 7,
    have: [[0, 1], [3, 4], [5, 5]],
    gaps: [[2, 2], [6, 6]],
    received: 5,
    missing: [[52_000, 53_000], [51_000, 52_000]],
  });
});

test("without an answer of the server everything stated is missing", () => {
  const layout = layOut([{ uuid: "a", count: 2 }], null, SLICE_MS);

  assert.deepEqual(layout, { total: 2, have: [], gaps: [[0, 1]], received: 0, missing: [] });
});
