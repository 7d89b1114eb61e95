// @ts-check
/** Plays the parts of one exhibit as one recording, by button and by key. */

const STEP_SECONDS = 10;
const KEYS_SETTING = "kaowu.single-keys";
const FIELDS = "input:not([type=range]), textarea, select, [contenteditable]";

/**
 * @param {number} seconds
 * @returns {string} minutes and seconds, as on a clock face
 */
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * @param {number[]} lengths seconds of each part
 * @param {number} at seconds from the beginning of the first part
 * @returns {{index: number, within: number}} the part that plays then
 */
export function placeOf(lengths, at) {
  let before = 0;
  for (let index = 0; index < lengths.length; index += 1) {
    if (at < before + lengths[index] || index === lengths.length - 1) {
      return { index, within: Math.max(0, at - before) };
    }
    before += lengths[index];
  }
  return { index: 0, within: 0 };
}

export class ExhibitPlayer {
  #root;
  /** @type {HTMLVideoElement} */ #video;
  /** @type {HTMLInputElement} */ #seek;
  /** @type {string[]} */ #addresses = [];
  /** @type {number[]} */ #lengths = [];
  #index = 0;
  #listening = new AbortController();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#video = this.#find("[data-player-video]");
    this.#seek = this.#find("[data-player-seek]");
    for (const part of root.querySelectorAll("[data-part]")) {
      this.#addresses.push(/** @type {HTMLDataElement} */ (part).value);
      this.#lengths.push(Number(part.getAttribute("data-ms")) / 1000);
    }
  }

  connect() {
    const { signal } = this.#listening;
    const video = this.#video;
    video.removeAttribute("controls");
    this.#find("[data-player-controls]").hidden = false;
    this.#root.addEventListener("click", (event) => this.#press(event), { signal });
    this.#seek.addEventListener("input", () => this.#goTo(Number(this.#seek.value)), { signal });
    for (const name of ["timeupdate", "play", "pause", "seeked", "ratechange"]) {
      video.addEventListener(name, () => this.#draw(), { signal });
    }
    video.addEventListener("click", () => this.#toggle(), { signal });
    video.addEventListener("loadedmetadata", () => this.#learnLength(), { signal });
    video.addEventListener("ended", () => this.#playNext(), { signal });
    video.addEventListener("error", () => this.#fail(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    if (video.readyState >= HTMLMediaElement.HAVE_METADATA) this.#learnLength();
    if (video.error) this.#fail();
    this.#drawKeys();
    this.#draw();
  }

  disconnect() {
    this.#listening.abort();
    this.#video.pause();
  }

  get #total() {
    return this.#lengths.reduce((sum, length) => sum + length, 0);
  }

  get #position() {
    const before = this.#lengths.slice(0, this.#index);
    return before.reduce((sum, length) => sum + length, 0) + this.#video.currentTime;
  }

  get #keysOn() {
    return localStorage.getItem(KEYS_SETTING) !== "off";
  }

  /** @param {Event} event */
  #press(event) {
    const target = /** @type {Element} */ (event.target);
    const rate = target.closest("[data-rate]")?.getAttribute("data-rate");
    if (rate) this.#video.playbackRate = Number(rate);
    const action = target.closest("[data-action]")?.getAttribute("data-action");
    if (action === "play") this.#toggle();
    if (action === "back") this.#goTo(this.#position - STEP_SECONDS);
    if (action === "ahead") this.#goTo(this.#position + STEP_SECONDS);
    if (action === "keys") {
      localStorage.setItem(KEYS_SETTING, this.#keysOn ? "off" : "on");
      this.#drawKeys();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {Element} */ (event.target);
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (!this.#keysOn || held || target.closest(FIELDS)) return;
    if (event.key === " " && target.closest("button, a, summary")) return;
    const acts = {
      " ": () => this.#toggle(),
      j: () => this.#goTo(this.#position - STEP_SECONDS),
      l: () => this.#goTo(this.#position + STEP_SECONDS),
      ",": () => this.#shiftRate(-1),
      ".": () => this.#shiftRate(1),
    };
    const act = acts[/** @type {keyof typeof acts} */ (event.key.toLowerCase())];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #toggle() {
    if (this.#video.paused) this.#play();
    else this.#video.pause();
  }

  #play() {
    // A refused start leaves the button as it is; a broken file fires "error".
    this.#video.play().catch(() => this.#draw());
  }

  /** @param {number} step */
  #shiftRate(step) {
    const rates = [...this.#root.querySelectorAll("[data-rate]")].map((chip) =>
      Number(chip.getAttribute("data-rate")),
    );
    const at = rates.indexOf(this.#video.playbackRate) + step;
    if (rates[at]) this.#video.playbackRate = rates[at];
  }

  /** @param {number} seconds */
  #goTo(seconds) {
    const wanted = Math.min(Math.max(0, seconds), this.#total);
    const { index, within } = placeOf(this.#lengths, wanted);
    if (index === this.#index) this.#video.currentTime = within;
    else this.#load(index, within, !this.#video.paused);
  }

  #playNext() {
    if (this.#index + 1 < this.#addresses.length) this.#load(this.#index + 1, 0, true);
    else this.#draw();
  }

  /**
   * @param {number} index
   * @param {number} within
   * @param {boolean} playing
   */
  #load(index, within, playing) {
    const rate = this.#video.playbackRate;
    this.#index = index;
    this.#video.src = this.#addresses[index];
    this.#video.addEventListener(
      "loadedmetadata",
      () => {
        this.#video.currentTime = within;
        this.#video.playbackRate = rate;
        if (playing) this.#play();
      },
      { once: true, signal: this.#listening.signal },
    );
  }

  #learnLength() {
    if (Number.isFinite(this.#video.duration)) {
      this.#lengths[this.#index] = this.#video.duration;
    }
    this.#find("[data-player-error]").hidden = true;
    this.#draw();
  }

  #fail() {
    const line = this.#find("[data-player-error]");
    line.textContent = this.#root.dataset.wordFailed ?? "";
    line.hidden = false;
  }

  #draw() {
    const { paused, playbackRate } = this.#video;
    const now = clockText(this.#position);
    const all = clockText(this.#total);
    this.#find("[data-player-now]").textContent = now;
    this.#find("[data-player-all]").textContent = all;
    this.#find("[data-player-icon-play]").hidden = !paused;
    this.#find("[data-player-icon-pause]").hidden = paused;
    const { wordPlay, wordPause } = this.#root.dataset;
    this.#find("[data-player-word]").textContent = (paused ? wordPlay : wordPause) ?? "";
    this.#seek.max = String(this.#total || 1);
    this.#seek.value = String(this.#position);
    this.#seek.setAttribute("aria-valuetext", `${now} / ${all}`);
    for (const chip of this.#root.querySelectorAll("[data-rate]")) {
      const chosen = Number(chip.getAttribute("data-rate")) === playbackRate;
      chip.setAttribute("aria-pressed", String(chosen));
    }
  }

  #drawKeys() {
    this.#find("[data-action=keys]").setAttribute("aria-pressed", String(this.#keysOn));
  }

  /**
   * @param {string} selector
   * @returns {any}
   */
  #find(selector) {
    return this.#root.querySelector(selector);
  }
}
