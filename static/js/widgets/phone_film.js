// The phone while it films: the turn around the room, then the fixed film to the end.

import { CameraPreview } from "./camera_preview.js";
import { fill, find, isOpen, setCheck, setOpen, setText } from "./dom.js";
import { grouped } from "./exam_words.js";
import { codeOf } from "./media_desk.js";
import { PhonePictures } from "./phone_pictures.js";

const HINTS = ["first", "second", "third"];
const LITTLE_MB = 2048;
const LITTLE_BATTERY = 30;
const LEFT_SHOWN_MS = 15_000;

export class PhoneFilm {
  #desk;
  #video;
  #pictures;
  /** @type {CameraPreview | null} */
  #preview = null;
  #panMs;
  #left = "";
  #leftUntil = 0;
  #busy = false;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
    this.#panMs = Number(desk.root.dataset.panMs);
    this.#video = /** @type {HTMLVideoElement} */ (find(desk.root, "[data-preview]"));
    this.#pictures = new PhonePictures({ video: this.#video, wanted: () => desk.live && desk.camera.recording });
    this.#on("begin", () => this.#begin());
    this.#on("pan-done", () => this.#shoot("film", "film"));
    this.#on("pan-again", () => this.#shoot("pan", "pan"));
    this.#on("stop", () => desk.finish());
  }

  connect() {
    const { camera } = this.#desk;
    camera.addEventListener("stream", this.#show);
    camera.addEventListener("left", this.#cameBack);
    this.#desk.addEventListener("tick", () => this.#tick());
    this.#desk.addEventListener("view", (/** @type {any} */ event) => this.#opened(event.detail));
    this.#pictures.connect();
  }

  /** A page that was filming goes on by itself where the browser lets it. */
  #opened(/** @type {{view: string, isNew: boolean}} */ { view, isNew }) {
    if (view !== "ready") return this.#tick();
    // Nothing is left to film: what was captured is sent.
    if (this.#desk.state.attempt.over) return void this.#desk.finish();
    const panned = this.#desk.state.companion.panned;
    for (const part of this.#desk.root.querySelectorAll("[data-ready='pan']")) part.hidden = panned;
    for (const part of this.#desk.root.querySelectorAll("[data-ready='film']")) part.hidden = !panned;
    this.#facts();
    if (isNew && this.#desk.state.companion.state === "filming") void this.#resume();
  }

  async #resume() {
    const allowed = await navigator.permissions?.query({ name: /** @type {any} */ ("camera") }).catch(() => null);
    if (allowed?.state === "granted") await this.#shoot("film", "resume");
  }

  async #begin() {
    const { state, store } = this.#desk;
    if (!state.companion.panned) return this.#shoot("pan", "pan");
    const { recordings } = await store.totals();
    const own = state.companion.state === "filming" && recordings[state.recording.code];
    await this.#shoot("film", own ? "resume" : "rescan");
  }

  async #shoot(/** @type {"pan" | "film"} */ shot, /** @type {string} */ reason) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#desk.camera.begin(shot, reason);
      this.#desk.tell("");
      void this.#desk.awake.connect();
    } catch (problem) {
      this.#desk.tell(codeOf(problem));
    } finally {
      this.#busy = false;
      this.#desk.show();
    }
  }

  #show = (/** @type {any} */ event) => {
    this.#preview?.disconnect();
    this.#preview = new CameraPreview({ element: this.#video, mediaStream: event.detail.stream });
    this.#preview.connect();
  };

  #cameBack = (/** @type {any} */ event) => {
    const { from, seconds } = event.detail;
    const { words, times } = this.#desk;
    if (seconds < 1) return;
    this.#left = words.say("film.left", { from: times.clock(from), seconds });
    this.#leftUntil = performance.now() + LEFT_SHOWN_MS;
  };

  #tick() {
    const { camera, words, times, offline, view, root } = this.#desk;
    if (view !== "pan" && view !== "film") return;
    root.dataset.camera = camera.recording ? "recording" : "lost";
    const time = times.span(camera.elapsedMs);
    const rec = view === "pan" ? "film.pan" : "film.rec";
    fill(root, "film-title", words.say(`film.title.${view}`));
    fill(root, "film-time", words.say(camera.recording ? rec : "film.lost", { time }));
    fill(root, "film-net", words.say(offline ? "film.net.off" : "film.net.on"));
    fill(root, "film-say", this.#say(view));
    if (view === "pan") this.#pan();
    else this.#film();
  }

  #say(/** @type {string} */ view) {
    const { camera, words, awake, state } = this.#desk;
    if (performance.now() < this.#leftUntil) return this.#left;
    if (view === "pan") {
      const third = Math.floor((camera.elapsedMs / this.#panMs) * HINTS.length);
      return words.say(`pan.${HINTS[third] ?? "enough"}`);
    }
    if (state.attempt.over) return words.say("film.over");
    if (!state.attempt.entered && camera.elapsedMs < LEFT_SHOWN_MS) return words.say("film.place");
    return words.say("film.say") + (awake.held ? "" : ` ${words.say("film.sleeps")}`);
  }

  #pan() {
    const { camera, root } = this.#desk;
    const bar = /** @type {HTMLProgressElement} */ (find(root, "[data-pan-progress]"));
    bar.max = this.#panMs;
    bar.value = Math.min(this.#panMs, camera.elapsedMs);
    const enough = camera.elapsedMs >= this.#panMs && camera.recording;
    setOpen(find(root, '[data-action="pan-done"]'), enough ? null : "");
  }

  #film() {
    const { state, root } = this.#desk;
    const over = state.attempt.over;
    setOpen(find(root, '[data-action="stop"]'), over ? null : "");
    find(root, "[data-stop-why]").hidden = over;
    this.#facts();
  }

  #facts() {
    const { totals, facts, words, root } = this.#desk;
    fill(root, "sent", grouped(totals.acknowledged));
    fill(root, "sent-of", words.say("film.sent_of", { total: grouped(totals.captured) }));
    const unknown = words.say("film.unknown");
    const level = facts.battery === undefined ? unknown : `${facts.battery} %`;
    fill(root, "battery", level);
    fill(root, "charging", words.say(facts.charging ? "film.charging" : "film.battery"));
    const size = facts.free_mb === undefined ? unknown : words.say("check.room", { size: (facts.free_mb / 1024).toFixed(1) });
    fill(root, "free", size);
    const few = facts.battery !== undefined && facts.battery < LITTLE_BATTERY && !facts.charging;
    const tight = facts.free_mb !== undefined && facts.free_mb < LITTLE_MB;
    this.#fact("battery", level, few, facts.battery);
    this.#fact("room", size, tight, facts.free_mb);
    find(root, '[data-fact="sent"]').dataset.tone = totals.pending > 10 ? "warn" : "ok";
  }

  #fact(/** @type {string} */ name, /** @type {string} */ what, /** @type {boolean} */ little, /** @type {number | undefined} */ known) {
    const { words, root } = this.#desk;
    const state = known === undefined ? "" : words.say(little ? "check.little" : "check.enough");
    const tone = known === undefined ? "idle" : little ? "warn" : "ok";
    find(root, `[data-fact="${name}"]`).dataset.tone = tone;
    setCheck(root, name, { tone, what, state });
  }

  #on(/** @type {string} */ action, /** @type {() => unknown} */ handler) {
    const button = find(this.#desk.root, `[data-action="${action}"]`);
    button.addEventListener("click", () => {
      if (isOpen(button)) void handler();
    });
  }
}

/** Write the four digits in two pairs: 83 16. @param {HTMLElement} root @param {string} digits */
export function writeDigits(root, digits) {
  setText(find(root, '[data-slot="cross-check"]'), digits.replace(/^(..)/, "$1 "));
}
