// @ts-check
import { Backoff } from "../helpers/backoff.js";
import { fire, once } from "../helpers/events.js";
import { ApiProblem, Offline, readReply } from "./api_problem.js";
import { EventSocket } from "./event_socket.js";

const PATIENCE_MS = 15_000;
const ANSWER_MS = 5_000;
const FINAL = new Set([400, 401, 403, 404, 409, 413, 422]);

/**
 * How a conversation reaches the server: a socket while it is up, requests besides,
 * each tried until it is answered. Fires `ring`, `lost`, `offline`, `online`.
 */
export class HelpLine extends EventTarget {
  #backoff = new Backoff({ floorMs: 500, ceilingMs: 8_000 });
  /** @type {EventSocket | null} */
  #socket = null;
  #connected = false;
  offline = false;

  get connected() {
    return this.#connected;
  }

  connect() {
    this.#connected = true;
    globalThis.addEventListener("online", this.#wake);
  }

  disconnect() {
    this.#connected = false;
    globalThis.removeEventListener("online", this.#wake);
    this.#socket?.disconnect();
    this.#backoff.cut();
  }

  /** Hear of the conversation from now on. @param {{url: string, cursor: number}} place */
  listen(place) {
    if (this.#socket || !this.#connected) return;
    const socket = new EventSocket(place);
    this.#socket = socket;
    socket.addEventListener("up", () => {
      this.#backoff.cut();
      fire(this, "ring");
    });
    socket.addEventListener("events", () => fire(this, "ring"));
    socket.addEventListener("lease_lost", () => {
      this.#socket = null;
      fire(this, "lost");
    });
    socket.connect();
  }

  /**
   * Do something until an answer comes; null when nobody waits for it any more.
   * Throws a refusal that another try would only repeat.
   * @param {() => Promise<any>} act
   */
  async persist(act) {
    while (this.#connected) {
      try {
        const reply = await act();
        this.#backoff.reset();
        this.#setOffline(false);
        return reply;
      } catch (error) {
        const problem = /** @type {any} */ (error);
        if (problem instanceof ApiProblem && FINAL.has(problem.status)) throw problem;
        this.#setOffline(!(problem instanceof ApiProblem));
        await this.#backoff.sleep(this.#backoff.next(problem.retryAfterMs ?? 0));
      }
    }
    return null;
  }

  /** Say it without waiting; false when the socket is down. @param {object} message */
  tell(message) {
    return this.#socket?.say(message) ?? false;
  }

  /**
   * True when the socket's other end took it; false to try the other way, which also
   * says in words why a message was refused.
   * @param {{kind: string, client_id: string, text: string}} message
   */
  async say(message) {
    const socket = this.#socket;
    if (!socket?.say(message)) return false;
    const limit = new Promise((resolve) => setTimeout(resolve, ANSWER_MS, null));
    for (;;) {
      const frame = await Promise.race([once(socket, "frame"), once(socket, "down"), limit]);
      if (!frame?.kind) return false;
      if (frame.client_id === message.client_id) return frame.kind === "accepted";
    }
  }

  /** @param {string} url @param {object | null} body */
  async ask(url, body = null) {
    const headers = { Accept: "application/json", "Kaowu-Client": "1" };
    const sent = body && {
      method: "POST",
      body: JSON.stringify(body),
      headers: { ...headers, "Content-Type": "application/json" },
    };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const how = { headers, cache: "no-store", credentials: "same-origin", signal, ...sent };
    try {
      return await readReply(await fetch(url, /** @type {RequestInit} */ (how)));
    } catch (error) {
      throw error instanceof ApiProblem ? error : new Offline("no reply", { cause: error });
    }
  }

  #wake = () => this.#backoff.cut();

  #setOffline(/** @type {boolean} */ offline) {
    if (offline === this.offline) return;
    this.offline = offline;
    fire(this, offline ? "offline" : "online");
  }
}
