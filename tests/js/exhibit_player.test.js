import assert from "node:assert/strict";
import { test } from "node:test";

import { clockText, placeOf } from "../../static/js/widgets/exhibit_player.js";

test("clockText shows minutes and two-digit seconds", () => {
  const shown = [0, 9.99, 60, 1200, 3723, -1].map(clockText);

  assert.deepEqual(shown, ["0:00", "0:09", "1:00", "20:00", "62:03", "0:00"]);
});

test("placeOf finds the part and the second within it", () => {
  const places = [0, 7.5, 8, 12, 13, 99].map((at) => placeOf([8, 5], at));

  assert.deepEqual(places, [
    { index: 0, within: 0 },
    { index: 0, within: 7.5 },
    { index: 1, within: 0 },
    { index: 1, within: 4 },
    { index: 1, within: 5 },
    { index: 1, within: 91 },
  ]);
});

test("placeOf before the beginning and without parts stays at zero", () => {
  assert.deepEqual(placeOf([8], -3), { index: 0, within: 0 });
  assert.deepEqual(placeOf([], 4), { index: 0, within: 0 });
});
