// @ts-check
import { Backoff } from "../helpers/backoff.js";
import { fire } from "../helpers/events.js";

const RIGHT_LOST = 4401;
const BEAT_MS = 20_000;

/** The tiles of a proctor's rooms as they change: "frame", "up", "down" and "lost". */
export class GridSocket extends EventTarget {
  #url;
  /** @type {WebSocket | null} */
  #socket = null;
  #connected = false;
  #timer;
  #backoff = new Backoff();

  /** @param {{url?: string}} options */
  constructor({ url = "/ws/grid/" } = {}) {
    super();
    this.#url = url;
  }

  connect() {
    if (this.#connected) return;
    this.#connected = true;
    globalThis.addEventListener("online", this.#wake);
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#dial();
  }

  disconnect() {
    this.#connected = false;
    globalThis.removeEventListener("online", this.#wake);
    clearInterval(this.#timer);
    this.#backoff.cut();
    this.#socket?.close();
    this.#socket = null;
  }

  #wake = () => this.#backoff.cut();

  /** So that no proxy takes the silence of our side for the end. */
  #beat() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send('{"kind":"heartbeat"}');
  }

  #dial() {
    const url = new URL(this.#url, globalThis.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => fire(this, "up");
    socket.onmessage = ({ data }) => {
      this.#backoff.reset();
      fire(this, "frame", JSON.parse(data));
    };
    socket.onclose = ({ code }) => void this.#closed(socket, code);
  }

  async #closed(socket, code) {
    if (socket !== this.#socket || !this.#connected) return;
    if (code === RIGHT_LOST) {
      this.disconnect();
      fire(this, "lost");
      return;
    }
    fire(this, "down", { code });
    await this.#backoff.sleep(this.#backoff.next());
    if (this.#connected && socket === this.#socket) this.#dial();
  }
}
