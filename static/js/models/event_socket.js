// @ts-check
import { Backoff } from "../helpers/backoff.js";
import { fire } from "../helpers/events.js";

const LEASE_LOST = 4401;

/** @param {string} path @param {number} cursor */
function socketUrl(path, cursor) {
  const url = new URL(path, globalThis.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("after", String(cursor));
  return url.href;
}

/** A doorbell: says that something happened. What it was, the state reply tells. */
export class EventSocket extends EventTarget {
  #url;
  #cursor;
  /** @type {WebSocket | null} */
  #socket = null;
  #connected = false;
  #backoff = new Backoff();

  /** @param {{url?: string, cursor?: number}} options */
  constructor({ url = "/ws/attempt/", cursor = 0 } = {}) {
    super();
    this.#url = url;
    this.#cursor = cursor;
  }

  get cursor() {
    return this.#cursor;
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    if (this.#connected) return;
    this.#connected = true;
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#dial();
  }

  disconnect() {
    this.#connected = false;
    globalThis.removeEventListener?.("online", this.#onOnline);
    this.#backoff.cut();
    this.#socket?.close();
    this.#socket = null;
  }

  /**
   * Sends the chain heads and how the page is; false when the line is down.
   * @param {object} heads
   * @param {object} [facts]
   */
  beat(heads, facts) {
    return this.say({ kind: "heartbeat", cursor: this.#cursor, heads, facts });
  }

  /** Says a message of the socket's table; false when the line is down. @param {object} message */
  say(message) {
    if (!this.open) return false;
    /** @type {WebSocket} */ (this.#socket).send(JSON.stringify(message));
    return true;
  }

  #onOnline = () => this.#backoff.cut();

  #dial() {
    const socket = new WebSocket(socketUrl(this.#url, this.#cursor));
    this.#socket = socket;
    socket.onopen = () => {
      this.#backoff.reset();
      fire(this, "up", {});
    };
    socket.onmessage = ({ data }) => this.#read(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(socket, code);
  }

  #read(message) {
    if (message.kind === "lease_lost") this.#loseLease();
    if (message.kind !== "events") {
      fire(this, "frame", message);
      return;
    }
    this.#cursor = Math.max(this.#cursor, message.cursor);
    fire(this, "events", { events: message.events, cursor: this.#cursor });
  }

  #loseLease() {
    if (!this.#connected) return;
    this.disconnect();
    fire(this, "lease_lost", {});
  }

  async #closed(socket, code) {
    if (socket !== this.#socket) return;
    if (code === LEASE_LOST) this.#loseLease();
    if (!this.#connected) return;
    fire(this, "down", { code });
    await this.#backoff.sleep(this.#backoff.next());
    if (this.#connected && socket === this.#socket) this.#dial();
  }
}
