// @ts-check
/** Plays the streams of an attempt on one clock; the clock waits for slow films. */

import { insideOf, markFrom, placeAt } from "../models/film_clock.js";

const TICK_MS = 200;
const DRIFT_SECONDS = 0.4;
const BACK_MS = 5000;
const LEFT = 100;
const WIDTH = 860;

/** @typedef {{films: import("../models/film_clock.js").Film[], video: HTMLVideoElement, none: HTMLElement, index: number}} Lane */

export class FilmTrio {
  #root;
  #plan;
  /** @type {Lane[]} */ #lanes = [];
  #clockMs;
  #untilMs = Infinity;
  #playing = false;
  #rate = 1;
  #tickedMs = 0;
  #timer = 0;
  #time;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#plan = JSON.parse(this.#find("#film-plan").textContent);
    this.#clockMs = this.#plan.clip?.[0] ?? this.#plan.from_ms;
    const zone = this.#plan.time_zone;
    this.#time = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium" });
    for (const { stream, films } of this.#plan.streams) {
      const figure = this.#find(`[data-stream="${stream}"]`);
      const [video, none] = [figure.querySelector("video"), figure.querySelector("[data-none]")];
      this.#lanes.push({ films, video, none, index: -1 });
    }
  }

  connect() {
    if (!this.#lanes.length) return;
    this.#root.addEventListener("click", (event) => this.#press(event));
    this.#find("[data-seek]").addEventListener("input", (/** @type {any} */ event) => {
      this.goTo(Number(event.target.value));
    });
    for (const lane of this.#lanes) {
      lane.video.addEventListener("error", () => this.#fail(lane));
    }
    this.goTo(this.#clockMs);
    this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
  }

  disconnect() {
    window.clearInterval(this.#timer);
    this.#setPlaying(false);
  }

  /** @param {number} clockMs */
  goTo(clockMs) {
    this.#clockMs = insideOf(clockMs, this.#plan);
    for (const lane of this.#lanes) this.#place(lane, true);
    this.#draw();
  }

  /** @param {Event} event */
  #press(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    const rate = button?.getAttribute("data-rate");
    if (rate) this.#setRate(Number(rate));
    const action = button?.getAttribute("data-action");
    if (action === "play") this.#play(Infinity);
    if (action === "back") this.goTo(this.#clockMs - BACK_MS);
    if (action === "next") this.#toMark(1);
    if (action === "previous") this.#toMark(-1);
    if (action === "clip") {
      this.goTo(this.#plan.clip[0]);
      this.#setPlaying(false);
      this.#play(Math.max(this.#plan.clip[1], this.#plan.clip[0] + BACK_MS));
    }
  }

  /** @param {number} untilMs */
  #play(untilMs) {
    this.#untilMs = untilMs;
    this.#setPlaying(!this.#playing);
  }

  /** @param {number} direction */
  #toMark(direction) {
    const mark = markFrom(this.#plan.marks_ms, this.#clockMs, direction);
    if (mark !== null) this.goTo(mark);
  }

  /** @param {boolean} playing */
  #setPlaying(playing) {
    this.#playing = playing;
    this.#tickedMs = performance.now();
    for (const lane of this.#lanes) this.#place(lane, false);
    this.#draw();
  }

  /** @param {number} rate */
  #setRate(rate) {
    this.#rate = rate;
    for (const { video } of this.#lanes) video.playbackRate = rate;
    for (const chip of this.#root.querySelectorAll("[data-rate]")) {
      chip.setAttribute("aria-pressed", String(Number(chip.getAttribute("data-rate")) === rate));
    }
  }

  #tick() {
    if (!this.#playing) return;
    const now = performance.now();
    if (!this.#lanes.some((lane) => this.#isLate(lane))) {
      this.#clockMs += (now - this.#tickedMs) * this.#rate;
    }
    this.#tickedMs = now;
    for (const lane of this.#lanes) this.#place(lane, false);
    if (this.#clockMs >= Math.min(this.#untilMs, this.#plan.to_ms)) this.#setPlaying(false);
    this.#draw();
  }

  /** @param {Lane} lane */
  #isLate({ video, index }) {
    return index >= 0 && !video.error && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !video.ended;
  }

  /**
   * @param {Lane} lane
   * @param {boolean} exactly also where the film is nearly right
   */
  #place(lane, exactly) {
    const place = placeAt(lane.films, this.#clockMs);
    lane.none.hidden = place !== null;
    lane.video.hidden = place === null;
    if (!place) {
      lane.video.pause();
      return;
    }
    if (place.index !== lane.index) this.#load(lane, place.index);
    const drift = Math.abs(lane.video.currentTime - place.seconds);
    if (exactly || drift > DRIFT_SECONDS * this.#rate) lane.video.currentTime = place.seconds;
    if (this.#playing && lane.video.paused) lane.video.play().catch(() => undefined);
    if (!this.#playing && !lane.video.paused) lane.video.pause();
  }

  /**
   * @param {Lane} lane
   * @param {number} index
   */
  #load(lane, index) {
    lane.index = index;
    lane.video.src = lane.films[index].url;
    lane.video.playbackRate = this.#rate;
    lane.video.defaultPlaybackRate = this.#rate;
  }

  /** @param {Lane} lane */
  #fail(lane) {
    lane.none.textContent = this.#root.dataset.wordFailed ?? "";
    lane.none.hidden = false;
  }

  #draw() {
    this.#find("[data-now]").textContent = this.#time.format(this.#clockMs);
    const seek = this.#find("[data-seek]");
    seek.value = String(Math.round(this.#clockMs));
    seek.setAttribute("aria-valuetext", this.#time.format(this.#clockMs));
    const { wordPlay, wordPause } = this.#root.dataset;
    this.#find("[data-play-word]").textContent = (this.#playing ? wordPause : wordPlay) ?? "";
    const share = (this.#clockMs - this.#plan.from_ms) / (this.#plan.to_ms - this.#plan.from_ms || 1);
    const x = String(LEFT + share * WIDTH);
    const head = this.#find("[data-head]");
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
  }

  /**
   * @param {string} selector
   * @returns {any}
   */
  #find(selector) {
    return this.#root.querySelector(selector);
  }
}
