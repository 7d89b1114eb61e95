import assert from "node:assert/strict";
import { test } from "node:test";

import { ExamClock } from "../../static/js/models/exam_clock.js";

function makeClock() {
  const state = { now: 0 };
  return { state, clock: new ExamClock({ monotonic: () => state.now }) };
}

test("the clock is the server's time at the middle of the round trip", () => {
  const { state, clock } = makeClock();

  clock.sync(1_000_050, 0, 100);
  state.now = 500;

  assert.equal(clock.now(), 1_000_500);
  assert.equal(clock.untilMs(1_001_000), 500);
  assert.equal(clock.uncertainty, 50);
});

test("a slower sample that agrees is not taken, a faster one is", () => {
  const { clock } = makeClock();

  const taken = [
    clock.sync(1_000_050, 0, 100),
    clock.sync(1_001_180, 1000, 1400),
    clock.sync(1_002_015, 2000, 2020),
  ];

  assert.deepEqual(taken, [true, false, true]);
  assert.equal(clock.now(), 1_000_005);
});

test("a sample that contradicts the best one means sleep and is taken", () => {
  const { state, clock } = makeClock();
  clock.sync(1_000_005, 0, 10);

  const taken = clock.sync(1_061_100, 1000, 1200);
  state.now = 1200;

  assert.equal(taken, true);
  assert.equal(clock.now(), 1_061_200);
});

test("after a wake-up and after ten minutes any sample is taken", () => {
  const { clock } = makeClock();
  clock.sync(1_000_005, 0, 10);

  clock.resync();
  const woken = clock.sync(1_001_100, 1000, 1200);
  const early = clock.sync(1_002_200, 2000, 2400);
  const old = clock.sync(1_700_200, 700_000, 700_400);

  assert.deepEqual([woken, early, old], [true, false, true]);
});

test("before the first sample the clock says that it guesses", () => {
  const { clock } = makeClock();

  assert.equal(clock.synced, false);
  assert.equal(clock.uncertainty, Infinity);
  assert.equal(clock.now(), performance.timeOrigin);
});
