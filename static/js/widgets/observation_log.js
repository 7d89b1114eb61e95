// What this page noticed of itself, kept until the server has it.

const SEND_MS = 5000;
const AT_ONCE = 50;

export class ObservationLog {
  #desk;
  /** @type {any[]} */
  #items = [];
  #timer = 0;
  #hiddenAt = 0;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
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
  };

  async #send() {
    if (!this.#items.length || this.#desk.client.offline) return;
    const items = this.#items.slice(0, AT_ONCE);
    try {
      await this.#desk.client.act("observations", { items });
      this.#items.splice(0, items.length);
    } catch (problem) {
      // A refused report would be refused again; an unsent one is sent later.
      if (/** @type {any} */ (problem).code !== "offline") this.#items.splice(0, items.length);
    }
  }
}
