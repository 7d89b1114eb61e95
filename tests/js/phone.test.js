import assert from "node:assert/strict";
import { test } from "node:test";

import { isInApp } from "../../static/js/models/in_app.js";
import { phoneLook } from "../../static/js/models/phone_heard.js";
import { phoneView } from "../../static/js/models/phone_views.js";

const CHROME = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
const SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Mobile/15E148 Safari/604.1";

function makeState({ companion = "bound", recording = "open" } = {}) {
  return { companion: { state: companion }, recording: { state: recording } };
}

test("browsers inside chat programs are known, the phone's own are not", () => {
  const shells = [`${SAFARI} MicroMessenger/8.0.50`, `${CHROME} QQ/9.0.1`, `${CHROME} DingTalk/7.6`];

  assert.deepEqual(shells.map(isInApp), [true, true, true]);
  assert.deepEqual([CHROME, SAFARI].map(isInApp), [false, false]);
});

test("the view follows the pairing, and the camera where it is on", () => {
  const still = { shot: "", stopped: false };
  const views = ["opened", "bound", "revoked", "superseded", "expired", "ended"].map((companion) =>
    phoneView(makeState({ companion }), still),
  );

  assert.deepEqual(views, ["check", "ready", "closed", "closed", "closed", "upload"]);
  assert.equal(phoneView(makeState(), { shot: "pan", stopped: false }), "pan");
  assert.equal(phoneView(makeState({ companion: "filming" }), { shot: "film", stopped: false }), "film");
});

test("a phone stopped by hand shows its upload before the server has heard of it", () => {
  const state = makeState({ companion: "filming" });

  assert.equal(phoneView(state, { shot: "", stopped: true }), "upload");
  assert.equal(phoneView(makeState({ companion: "ended", recording: "sealed" }), { shot: "", stopped: true }), "done");
});

test("the phone is lost nine seconds after it was last heard, by the server's clock", () => {
  const at = (seen) => ({ server_ms: 100_000, companion: { state: "filming", offer: null, last_seen_ms: seen } });

  assert.deepEqual(phoneLook(at(91_000), false), { look: "filming", since: null });
  assert.deepEqual(phoneLook(at(90_999), false), { look: "lost", since: 90_999 });
  assert.deepEqual(phoneLook(at(0), true), { look: "filming", since: null });
});

test("a revoked phone is a lost one; a stopped one has ended", () => {
  const of = (state) => ({ server_ms: 9, companion: { state, offer: null, last_seen_ms: 5 } });

  assert.deepEqual(phoneLook(of("revoked"), false), { look: "lost", since: 5 });
  assert.equal(phoneLook(of("ended"), true).look, "ended");
  assert.equal(phoneLook(of(null), false).look, "none");
});
