// @ts-check
import { fire } from "../helpers/events.js";

const GRACE_MS = 250;
const STALE_MS = 600_000;

/**
 * The server's time on the monotonic clock; the computer's own time is never asked.
 *
 * The sample with the shortest round trip wins. A sample that contradicts it means that
 * the monotonic clock stood still (sleep), so the newer one is right.
 */
export class ExamClock extends EventTarget {
  #monotonic;
  /** @type {{offset: number, uncertainty: number, takenAt: number} | null} */
  #best = null;

  /** @param {{monotonic?: () => number}} options */
  constructor({ monotonic = () => performance.now() } = {}) {
    super();
    this.#monotonic = monotonic;
  }

  get synced() {
    return this.#best !== null;
  }

  /** Half the round trip of the sample in use, in milliseconds. */
  get uncertainty() {
    return this.#best?.uncertainty ?? Infinity;
  }

  /**
   * @param {number} serverMs epoch milliseconds
   * @param {number} sentAt monotonic
   * @param {number} receivedAt monotonic
   * @returns {boolean} whether the sample was taken
   */
  sync(serverMs, sentAt, receivedAt) {
    const sample = {
      offset: serverMs - (sentAt + receivedAt) / 2,
      uncertainty: (receivedAt - sentAt) / 2,
      takenAt: receivedAt,
    };
    if (!this.#isBetter(sample)) return false;
    this.#best = sample;
    fire(this, "synced", { uncertainty: sample.uncertainty });
    return true;
  }

  /** After a wake-up: the next sample is taken whatever its round trip. */
  resync() {
    if (this.#best) this.#best.uncertainty = Infinity;
  }

  /** Epoch milliseconds of the server; before the first sample, the computer's guess. */
  now() {
    return this.#monotonic() + (this.#best?.offset ?? performance.timeOrigin);
  }

  /** @param {number} epochMs */
  untilMs(epochMs) {
    return epochMs - this.now();
  }

  #isBetter(sample) {
    const best = this.#best;
    if (!best || sample.uncertainty <= best.uncertainty) return true;
    if (sample.takenAt - best.takenAt > STALE_MS) return true;
    const apart = Math.abs(sample.offset - best.offset);
    return apart > sample.uncertainty + best.uncertainty + GRACE_MS;
  }
}
