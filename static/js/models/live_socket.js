// @ts-check
import { Backoff } from "../helpers/backoff.js";
import { fire } from "../helpers/events.js";

const RIGHT_LOST = 4401;

/**
 * A socket that dials again until it is let go or its right is lost. Fires "up",
 * "down" and the event that `lost` names; what a message means, `hear` says.
 */
export class LiveSocket extends EventTarget {
  #url;
  #lost;
  #backoff;
  /** @type {WebSocket | null} */
  #socket = null;
  #connected = false;

  /** @param {{url: string, lost?: string, backoff?: Backoff}} options */
  constructor({ url, lost = "lost", backoff = new Backoff() }) {
    super();
    this.#url = url;
    this.#lost = lost;
    this.#backoff = backoff;
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    if (this.#connected) return;
    this.#connected = true;
    globalThis.addEventListener("online", this.#wake);
    this.#dial();
  }

  disconnect() {
    this.#connected = false;
    globalThis.removeEventListener("online", this.#wake);
    this.#backoff.cut();
    this.#socket?.close();
    this.#socket = null;
  }

  /** Says a message of the socket's table; false when the line is down. @param {object} message */
  say(message) {
    if (!this.open) return false;
    /** @type {WebSocket} */ (this.#socket).send(JSON.stringify(message));
    return true;
  }

  /** Where to dial now. @protected */
  address() {
    const url = new URL(this.#url, globalThis.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url;
  }

  /** Takes a message. @protected @param {any} message */
  hear(message) {
    fire(this, "frame", message);
  }

  /** The right is gone: says so once and stays away. @protected */
  lose() {
    if (!this.#connected) return;
    this.disconnect();
    fire(this, this.#lost);
  }

  #wake = () => this.#backoff.cut();

  #dial() {
    const socket = new WebSocket(this.address());
    this.#socket = socket;
    socket.onopen = () => fire(this, "up");
    socket.onmessage = ({ data }) => {
      // Not on opening: a server that accepts and drops must not be hammered.
      this.#backoff.reset();
      this.hear(JSON.parse(data));
    };
    socket.onclose = ({ code }) => void this.#closed(socket, code);
  }

  async #closed(socket, code) {
    if (socket !== this.#socket) return;
    if (code === RIGHT_LOST) {
      this.lose();
      return;
    }
    fire(this, "down", { code });
    await this.#backoff.sleep(this.#backoff.next());
    if (this.#connected && socket === this.#socket) this.#dial();
  }
}
