import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeWords } from "../../static/js/widgets/time_words.js";

const words = new TimeWords({ timeZone: "Asia/Shanghai" });

test("an instant is written in the zone of the session, 24 hours with seconds", () => {
  assert.equal(words.clock(Date.UTC(2027, 3, 27, 1, 8, 42)), "09:08:42");
  assert.equal(words.clock(Date.UTC(2027, 3, 26, 16, 0, 0)), "00:00:00");
});

test("a span is rounded up to whole seconds and never negative", () => {
  assert.equal(words.span(198_000), "03:18");
  assert.equal(words.span(197_001), "03:18");
  assert.equal(words.span(3_723_000), "1:02:03");
  assert.equal(words.span(-5), "00:00");
});
