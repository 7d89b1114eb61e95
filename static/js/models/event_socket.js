// @ts-check
import { fire } from "../helpers/events.js";
import { LiveSocket } from "./live_socket.js";

/**
 * A doorbell: says that something happened. What it was, the state reply tells. Fires
 * "events", "up", "down", "lease_lost", and "frame" for any other message.
 */
export class EventSocket extends LiveSocket {
  #cursor;

  /** @param {{url?: string, cursor?: number, backoff?: import("../helpers/backoff.js").Backoff}} options */
  constructor({ url = "/ws/attempt/", cursor = 0, ...options } = {}) {
    super({ url, lost: "lease_lost", ...options });
    this.#cursor = cursor;
  }

  get cursor() {
    return this.#cursor;
  }

  /**
   * Sends the chain heads and how the page is; false when the line is down.
   * @param {object} heads
   * @param {object} [facts]
   */
  beat(heads, facts) {
    return this.say({ kind: "heartbeat", cursor: this.#cursor, heads, facts });
  }

  /** @protected */
  address() {
    const url = super.address();
    url.searchParams.set("after", String(this.#cursor));
    return url;
  }

  /** @protected @param {any} message */
  hear(message) {
    if (message.kind === "lease_lost") this.lose();
    if (message.kind !== "events") {
      super.hear(message);
      return;
    }
    this.#cursor = Math.max(this.#cursor, message.cursor);
    fire(this, "events", { events: message.events, cursor: this.#cursor });
  }
}
