import assert from "node:assert/strict";
import { test } from "node:test";
import { headphonesAmong } from "../../static/js/models/headphones.js";

const named = (...labels) => labels.map((label) => ({ label }));

test("headphonesAmong names what sounds like headphones, each once", () => {
  const worn = ["Headset (Jabra)", "AirPods Pro", "WH-1000 Hands-Free AG Audio", "蓝牙耳机", "Galaxy Buds2"];
  const found = headphonesAmong(named(...worn, worn[0]));

  assert.deepEqual(found, worn);
});

test("headphonesAmong passes over speakers, microphones and labels that are hidden", () => {
  assert.deepEqual(headphonesAmong(named("", "Microphone Array (Realtek)", "Speakers (High Definition Audio)", "麦克风")), []);
});
