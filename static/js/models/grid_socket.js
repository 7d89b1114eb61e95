// @ts-check
import { LiveSocket } from "./live_socket.js";

const BEAT_MS = 20_000;

/** The tiles of a proctor's rooms as they change: "frame", "up", "down" and "lost". */
export class GridSocket extends LiveSocket {
  #timer;

  /** @param {{url?: string, backoff?: import("../helpers/backoff.js").Backoff}} options */
  constructor({ url = "/ws/grid/", ...options } = {}) {
    super({ url, ...options });
  }

  connect() {
    // So that no proxy takes the silence of our side for the end.
    this.#timer ??= setInterval(() => this.say({ kind: "heartbeat" }), BEAT_MS);
    super.connect();
  }

  disconnect() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    super.disconnect();
  }
}
