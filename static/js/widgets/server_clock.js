// The server's time in the header, ticking from the instant of the reply.

import { TimeWords } from "./time_words.js";

const TICK_MS = 250;

/** Return a clock that starts at the page's own `server_ms`. */
export function pageClock(/** @type {number} */ serverMs) {
  const [navigation] = performance.getEntriesByType("navigation");
  const arrived = /** @type {PerformanceNavigationTiming} */ (navigation)?.responseStart ?? 0;
  return () => serverMs + performance.now() - arrived;
}

export class ServerClock {
  #element;
  #now;
  #words;
  #timer = 0;

  /**
   * @param {HTMLElement} element <time data-server-ms data-time-zone>
   * @param {(() => number) | null} now
   */
  constructor(element, now = null) {
    this.#element = element;
    this.#now = now ?? pageClock(Number(element.dataset.serverMs));
    this.#words = new TimeWords({ timeZone: element.dataset.timeZone ?? "UTC" });
  }

  connect() {
    this.#show();
    this.#timer = setInterval(() => this.#show(), TICK_MS);
  }

  disconnect() {
    clearInterval(this.#timer);
  }

  #show() {
    const text = this.#words.clock(this.#now());
    if (this.#element.textContent === text) return;
    this.#element.textContent = text;
    this.#element.setAttribute("datetime", text);
  }
}
