// What this page noticed of itself, kept until the server has it.

import { fire } from "../helpers/events.js";

const SEND_MS = 5000;
const AT_ONCE = 50;

/** `left`: the exam page was left, and is seen again. */
export class ObservationLog extends EventTarget {
  #desk;
  /** @type {any[]} */
  #items = [];
  #timer = 0;
  #hiddenAt = 0;
  #sending = false;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    super();
    this.#desk = desk;
  }

  /** The leavings that the server may not have yet. */
  get leavings() {
    return this.#items.filter(({ kind }) => kind === "focus_lost");
  }

  connect() {
    this.#desk.recordings.addEventListener("observed", this.#take);
    document.addEventListener("visibilitychange", this.#seen);
    this.#timer = setInterval(() => void this.#send(), SEND_MS);
  }

  disconnect() {
    this.#desk.recordings.removeEventListener("observed", this.#take);
    document.removeEventListener("visibilitychange", this.#seen);
    clearInterval(this.#timer);
  }

  #take = (/** @type {any} */ event) => {
    this.#items.push(event.detail);
  };

  /** R57: leaving the page is a fact with its time, and nothing more. */
  #seen = () => {
    const now = Math.round(this.#desk.now());
    if (document.hidden) {
      this.#hiddenAt = now;
      return;
    }
    if (!this.#hiddenAt || !this.#desk.recordings.running) return;
    const span = { from_ms: this.#hiddenAt, to_ms: now };
    this.#items.push({ kind: "focus_lost", stream: "screen", ...span, facts: {} });
    this.#hiddenAt = 0;
    fire(this, "left", span);
    void this.#send();
  };

  async #send() {
    if (!this.#items.length || this.#desk.client.offline || this.#sending) return;
    this.#sending = true;
    const items = this.#items.slice(0, AT_ONCE);
    try {
      await this.#desk.client.act("observations", { items });
      this.#items.splice(0, items.length);
    } catch (problem) {
      // A refused report would be refused again; an unsent one is sent later.
      if (/** @type {any} */ (problem).code !== "offline") this.#items.splice(0, items.length);
    } finally {
      this.#sending = false;
    }
  }
}
