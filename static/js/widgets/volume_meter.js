// @ts-check
import { fire } from "../helpers/events.js";

const CELLS = 20;
const WINDOW = 8192;
const PEAK_HOLD_MS = 1500;
const FLOOR_DB = -60;
const WORD_AT = [
  ["loud", 18],
  ["good", 4],
  ["silent", 0],
];

/** Loudness as 0..20 lit cells, from -60 dB to full scale. @param {Float32Array} samples */
export function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.max(0, Math.min(CELLS, Math.round((CELLS * (decibels - FLOOR_DB)) / -FLOOR_DB)));
}

/** @param {number} level */
export function wordOf(level) {
  return /** @type {[string, number]} */ (WORD_AT.find(([, from]) => level >= from))[0];
}

/** A row of cells that follows the microphone. */
export class VolumeMeter extends EventTarget {
  #element;
  #mediaStream;
  #word;
  #intervalMs;
  /** @type {AudioContext | null} */
  #context = null;
  #timer;
  #peak = 0;
  #peakAt = 0;

  /**
   * @param {{element: HTMLElement, mediaStream: MediaStream, word?: HTMLElement | null,
   *   intervalMs?: number}} options word carries data-silent, data-good and data-loud
   */
  constructor({ element, mediaStream, word = null, intervalMs = 100 }) {
    super();
    this.#element = element;
    this.#mediaStream = mediaStream;
    this.#word = word;
    this.#intervalMs = intervalMs;
  }

  connect() {
    if (this.#context) return;
    while (this.#element.children.length < CELLS) {
      this.#element.append(document.createElement("i"));
    }
    this.#element.setAttribute("aria-valuemin", "0");
    this.#element.setAttribute("aria-valuemax", String(CELLS));
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: WINDOW });
    context.createMediaStreamSource(this.#mediaStream).connect(analyser);
    // Every sample since the last look, and none twice: short sounds are not missed.
    const fresh = Math.min(WINDOW, Math.ceil((context.sampleRate * this.#intervalMs) / 1000));
    const samples = new Float32Array(WINDOW);
    this.#context = context;
    this.#timer = setInterval(() => {
      // Without a gesture a browser may start the context asleep.
      if (context.state === "suspended") void context.resume();
      analyser.getFloatTimeDomainData(samples);
      this.#show(levelOf(samples.subarray(WINDOW - fresh)));
    }, this.#intervalMs);
  }

  disconnect() {
    clearInterval(this.#timer);
    void this.#context?.close();
    this.#context = null;
  }

  #show(level) {
    const peak = this.#hold(level);
    const word = wordOf(level);
    Array.from(this.#element.children).forEach((cell, index) => {
      cell.classList.toggle("on", index < level);
      cell.classList.toggle("peak", peak > level && index === peak - 1);
    });
    this.#element.setAttribute("aria-valuenow", String(level));
    const text = this.#word?.dataset[word] ?? "";
    if (this.#word && this.#word.textContent !== text) this.#word.textContent = text;
    fire(this, "level", { level, peak, word });
  }

  #hold(level) {
    const now = performance.now();
    if (level >= this.#peak || now - this.#peakAt > PEAK_HOLD_MS) {
      this.#peak = level;
      this.#peakAt = now;
    }
    return this.#peak;
  }
}
