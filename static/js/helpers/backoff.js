// @ts-check
/** Full-jitter back-off whose wait can be cut short. Times are milliseconds. */
export class Backoff {
  #floor;
  #ceiling;
  #random;
  #failures = 0;
  /** @type {Set<() => void>} */
  #sleepers = new Set();

  constructor({ floorMs = 500, ceilingMs = 15_000, random = Math.random } = {}) {
    this.#floor = floorMs;
    this.#ceiling = ceilingMs;
    this.#random = random;
  }

  get failures() {
    return this.#failures;
  }

  /** One more failure: how long to wait, never less than the server asked for. */
  next(atLeastMs = 0) {
    const reach = Math.min(this.#ceiling, this.#floor * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    const delay = this.#floor + this.#random() * (reach - this.#floor);
    return Math.max(Math.round(delay), atLeastMs);
  }

  reset() {
    this.#failures = 0;
  }

  /** @param {number} delayMs */
  sleep(delayMs) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#sleepers.delete(done);
        resolve(undefined);
      };
      const timer = setTimeout(done, delayMs);
      this.#sleepers.add(done);
    });
  }

  /** Ends every wait now. */
  cut() {
    for (const wake of [...this.#sleepers]) wake();
  }
}
