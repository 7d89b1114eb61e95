import assert from "node:assert/strict";
import { test } from "node:test";
import { focusNotice } from "../../static/js/models/focus_notice.js";

const span = (at, ms = 4000) => ({ from_ms: at, to_ms: at + ms });
const told = (facts) => ({ policy: "limit", limit: 2, count: 0, last: null, ...facts });

test("focusNotice says nothing where leaving is only recorded, or never happened", () => {
  assert.equal(focusNotice(undefined, [span(10)]), null);
  assert.equal(focusNotice(told({ policy: "log", limit: null }), [span(10)]), null);
  assert.equal(focusNotice(told({}), []), null);
});

test("focusNotice warns without a number where there is no limit", () => {
  const notice = focusNotice(told({ policy: "warn", limit: null, count: 1, last: span(10, 400) }), []);

  assert.deepEqual(notice, { count: 1, from: 10, seconds: 1, key: "warn", left: null });
});

test("focusNotice counts down to the limit and past it", () => {
  const keys = [1, 2, 3, 4].map((count) => {
    const { key, left } = focusNotice(told({ count, last: span(count * 10_000) }), []);
    return [key, left];
  });

  assert.deepEqual(keys, [["left", 1], ["last", 0], ["over", 0], ["over", 0]]);
});

test("focusNotice adds what the server has not received, and nothing twice", () => {
  const server = told({ count: 1, last: span(10_000) });

  const offline = focusNotice(server, [span(10_000), span(50_000)]);

  assert.deepEqual(offline, { count: 2, from: 50_000, seconds: 4, key: "last", left: 0 });
  assert.equal(focusNotice(server, [span(10_000)]).count, 1);
});
