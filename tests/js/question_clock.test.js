import assert from "node:assert/strict";
import test from "node:test";

import { questionAt } from "../../static/js/models/question_clock.js";

const QUESTIONS = [{ seconds: 60 }, { seconds: 120 }, { seconds: 30 }];

test("each question is open for its own time, half-open", () => {
  const found = [-5, 0, 59.9, 60, 179.9, 180, 209].map((at) => questionAt(QUESTIONS, at));
  assert.deepEqual(found, [0, 0, 0, 1, 1, 2, 2]);
});

test("the last question keeps the time that is left", () => {
  assert.equal(questionAt(QUESTIONS, 10_000), 2);
});

test("a paper without questions has no place beyond the first", () => {
  assert.equal(questionAt([], 10), 0);
});
