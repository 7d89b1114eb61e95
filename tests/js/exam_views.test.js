import assert from "node:assert/strict";
import { test } from "node:test";

import { isOver, viewOf } from "../../static/js/widgets/exam_views.js";

const STARTS = 1_000_000;
const ENDS = 2_000_000;

function makeState({ state = "checked_in", stage = "flow", lease = "active", level = "verified" } = {}) {
  return {
    attempt: { state },
    lease: { state: lease, level },
    deadlines: { starts: STARTS, ends: ENDS },
    stage,
    stages: [],
    recordings: [],
  };
}

test("a candidate before Enter sees the current stage", () => {
  const state = makeState({ stage: "draw" });

  const view = viewOf(state, STARTS - 1);

  assert.equal(view, "draw");
});

test("a browser that is not verified sees the identity check, after device preparation", () => {
  const later = makeState({ stage: "draw", level: "claimed" });
  const first = makeState({ stage: "devices", level: "claimed" });

  assert.equal(viewOf(later, 0), "check_in");
  assert.equal(viewOf(first, 0), "devices");
});

test("an entered candidate waits until the start second and not one millisecond longer", () => {
  const state = makeState({ state: "entered", stage: "answer" });

  const views = [STARTS - 1, STARTS, ENDS - 1, ENDS].map((now) => viewOf(state, now));

  assert.deepEqual(views, ["countdown", "answer", "answer", "upload"]);
});

test("a confirmation left open does not keep the questions away", () => {
  const state = makeState({ state: "entered", stage: "paper_check" });

  assert.equal(viewOf(state, STARTS - 1), "paper_check");
  assert.equal(viewOf(state, STARTS), "answer");
});

test("the deadline ends an entered attempt even when the server has not said so", () => {
  const entered = makeState({ state: "entered" });
  const waiting = makeState({ state: "checked_in" });

  assert.equal(isOver(entered, ENDS), true);
  assert.equal(isOver(entered, ENDS - 1), false);
  assert.equal(isOver(waiting, ENDS), false);
});

test("after the seal the receipt is shown, whichever state follows", () => {
  const views = ["submitted", "sealed", "marked", "released"].map((state) =>
    viewOf(makeState({ state, stage: "upload" }), ENDS),
  );

  assert.deepEqual(views, ["upload", "done", "done", "done"]);
});

test("a superseded browser controls nothing and still uploads after the end", () => {
  const sitting = makeState({ state: "entered", lease: "superseded" });

  assert.equal(viewOf(sitting, STARTS), "ended");
  assert.equal(viewOf(sitting, ENDS), "upload");
});

test("a browser that asks for a takeover waits at the identity check", () => {
  const state = makeState({ state: "entered", lease: "waiting", stage: "answer" });

  assert.equal(viewOf(state, STARTS), "check_in");
});

test("who is absent or has withdrawn sees why nobody sits here", () => {
  const views = ["absent", "withdrawn"].map((state) => viewOf(makeState({ state }), STARTS));

  assert.deepEqual(views, ["ended", "ended"]);
});
