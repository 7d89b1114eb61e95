// What the page can find out about this computer, written as lines of a checklist.

import { askPersistence, capabilities, isExtended, storageRoom } from "../models/browser_facts.js";
import { openScreen, stopStream } from "../models/devices.js";
import { setCheck } from "./dom.js";
import { codeOf } from "./media_desk.js";

const MEBIBYTE = 2 ** 20;
const ROOM_NEEDED = 512 * MEBIBYTE;
const CLOCK_FAIR_MS = 1500;

export class DeviceChecks {
  #root;
  #desk;
  /** @type {Record<string, boolean>} */
  passed = {};

  /** @param {{root: ParentNode, desk: any}} options */
  constructor({ root, desk }) {
    this.#root = root;
    this.#desk = desk;
  }

  browser() {
    const found = capabilities();
    const ok = Boolean(found.mediaRecorder && found.indexedDB && found.crypto && (found.webm || found.mp4));
    this.#write("browser", ok, { what: this.#say(ok ? "check.browser.ok" : "check.browser.bad"), fix: "check.browser.fix" });
    return ok;
  }

  /** R25: the server compares what the browser reports with the session's list. */
  computer() {
    const { computer } = this.#desk.state ?? {};
    if (!computer) return;
    const what = computer.platform || this.#say("check.computer.unknown");
    const fix = computer.why_not?.message ?? "";
    const tone = fix ? "bad" : computer.platform ? "ok" : "warn";
    const state = this.#say({ bad: "state.fix", ok: "state.ok", warn: "state.look" }[tone]);
    this.passed.computer = !fix;
    setCheck(this.#root, "computer", { tone, what, fix, state });
  }

  /** Open camera and microphone if needed, and say what is wrong with them. */
  async camera() {
    const { media } = this.#desk;
    try {
      const stream = await media.openCamera();
      const { width, height } = stream.getVideoTracks()[0]?.getSettings() ?? {};
      const what = this.#say("check.camera.ok", { label: media.label("video"), width: width ?? 0, height: height ?? 0 });
      this.#write("camera", true, { what });
      return true;
    } catch (problem) {
      const fix = `check.media.${codeOf(problem)}`;
      const known = this.#desk.words.has(fix) ? fix : "check.media.failed";
      this.#write("camera", false, { what: this.#say("check.camera.bad"), fix: known });
      this.#write("microphone", false, { what: this.#say("check.microphone.bad"), fix: known });
      return false;
    }
  }

  /** Called with each level of the meter; a voice once heard stays heard. */
  microphone(/** @type {string} */ word) {
    if (this.passed.microphone) return;
    if (word === "silent") return;
    const what = this.#say("check.microphone.ok", { label: this.#desk.media.label("audio") });
    this.#write("microphone", true, { what });
  }

  /** Start over with the microphone, after another one was chosen. */
  forgetMicrophone() {
    delete this.passed.microphone;
    setCheck(this.#root, "microphone", { tone: "idle", what: this.#say("check.microphone.speak"), state: "" });
  }

  /** The share test: asks for the whole screen and gives it back at once. */
  async screen() {
    try {
      stopStream(await openScreen({ policy: "monitor" }));
      this.#write("screen", true, { what: this.#say("check.screen.ok") });
    } catch (problem) {
      const fix = `check.screen.${codeOf(problem)}`;
      const known = this.#desk.words.has(fix) ? fix : "check.screen.failed";
      this.#write("screen", false, { what: this.#say("check.screen.bad"), fix: known });
    }
  }

  displays() {
    const extended = isExtended();
    const policy = this.#desk.client.state?.session.single_display;
    if (policy === "off" || (policy === "warn" && extended)) {
      const what = extended ? "check.displays.bad" : "check.displays.ok";
      this.passed.displays = true;
      setCheck(this.#root, "displays", { tone: extended ? "warn" : "ok", what: this.#say(what), state: this.#say("state.look") });
      return;
    }
    if (extended === null) {
      this.passed.displays = true;
      setCheck(this.#root, "displays", { tone: "warn", what: this.#say("check.displays.unknown"), state: this.#say("state.look") });
      return;
    }
    const what = this.#say(extended ? "check.displays.bad" : "check.displays.ok");
    this.#write("displays", !extended, { what, fix: "check.displays.fix" });
  }

  async storage() {
    void askPersistence();
    const { quota, usage } = await storageRoom();
    const free = Math.max(0, (quota ?? 0) - (usage ?? 0));
    const what = this.#say("check.storage.what", { free: Math.floor(free / MEBIBYTE), need: ROOM_NEEDED / MEBIBYTE });
    this.#write("storage", free >= ROOM_NEEDED, { what, fix: "check.storage.fix" });
  }

  network() {
    const { client, clock } = this.#desk;
    const difference = Math.abs(Date.now() - this.#desk.now());
    const ok = !client.offline && clock.synced;
    const seconds = (difference / 1000).toFixed(1);
    const what = this.#say(ok ? "check.clock.ok" : "check.clock.bad", { seconds });
    this.#write("clock", ok, { what, fix: "check.clock.fix" });
    if (ok && difference > CLOCK_FAIR_MS) {
      setCheck(this.#root, "clock", { tone: "ok", what: this.#say("check.clock.server", { seconds }) });
    }
  }

  #write(/** @type {string} */ name, /** @type {boolean} */ ok, /** @type {{what: string, fix?: string}} */ { what, fix = "" }) {
    this.passed[name] = ok;
    setCheck(this.#root, name, {
      tone: ok ? "ok" : "bad",
      what,
      fix: ok || !fix ? "" : this.#say(fix),
      state: this.#say(ok ? "state.ok" : "state.fix"),
    });
  }

  #say(/** @type {string} */ key, facts = {}) {
    return this.#desk.words.say(key, facts);
  }
}
