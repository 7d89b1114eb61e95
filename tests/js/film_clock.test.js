import assert from "node:assert/strict";
import { test } from "node:test";

import { insideOf, markFrom, placeAt } from "../../static/js/models/film_clock.js";

const FILMS = [
  { url: "/1", spans: [[1000, 0, 4000], [9000, 4000, 6000]] },
  { url: "/2", spans: [[20_000, 0, 1000]] },
];

test("placeAt finds film and second, also after a gap between two runs", () => {
  const places = [1000, 4999, 9500, 20_999].map((at) => placeAt(FILMS, at));

  assert.deepEqual(places, [
    { index: 0, seconds: 0 },
    { index: 0, seconds: 3.999 },
    { index: 0, seconds: 4.5 },
    { index: 1, seconds: 0.999 },
  ]);
});

test("placeAt is null before, between, after, and without films", () => {
  const places = [999, 5000, 11_000, 21_000].map((at) => placeAt(FILMS, at));

  assert.deepEqual(places, [null, null, null, null]);
  assert.equal(placeAt([], 5), null);
});

test("markFrom goes to the nearest mark either way and not to where we are", () => {
  const marks = [9000, 1000, 5000];

  assert.equal(markFrom(marks, 5000, 1), 9000);
  assert.equal(markFrom(marks, 5000, -1), 1000);
  assert.equal(markFrom(marks, 5100, -1), 1000);
  assert.equal(markFrom(marks, 9000, 1), null);
});

test("insideOf keeps an instant inside the plan", () => {
  const plan = { from_ms: 10, to_ms: 20 };

  assert.deepEqual([5, 15, 25].map((at) => insideOf(at, plan)), [10, 15, 20]);
});
