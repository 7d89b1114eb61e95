// @ts-check
import { fire } from "../helpers/events.js";
import { ApiProblem, Offline, readReply } from "./api_problem.js";

const PATIENCE_MS = 20_000;

const isState = (reply) => Number.isInteger(reply?.server_ms) && Boolean(reply?.attempt);

/** Asks for the state, performs actions, and keeps the clock in step with the server. */
export class StateClient extends EventTarget {
  #base;
  #clock;
  #pollMs;
  #state = null;
  #offline = false;
  #timer;
  #connected = false;
  /** @type {Promise<any> | null} */
  #refreshing = null;

  /** @param {{url?: string, clock?: any, pollMs?: number}} options */
  constructor({ url = "/api/v1/attempts/me/", clock = null, pollMs = 5000 } = {}) {
    super();
    this.#base = url.endsWith("/") ? url : `${url}/`;
    this.#clock = clock;
    this.#pollMs = pollMs;
  }

  get state() {
    return this.#state;
  }

  get offline() {
    return this.#offline;
  }

  connect() {
    if (this.#connected) return;
    this.#connected = true;
    globalThis.addEventListener?.("online", this.#onWake);
    globalThis.document?.addEventListener("visibilitychange", this.#onVisible);
    void this.#poll();
  }

  disconnect() {
    this.#connected = false;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#onWake);
    globalThis.document?.removeEventListener("visibilitychange", this.#onVisible);
  }

  /** The state now; callers at the same time share one request. */
  refresh() {
    this.#refreshing ??= this.#fetchState().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** @param {string} path */
  get(path) {
    return this.#ask(path, { method: "GET" });
  }

  /**
   * Does something; its reply is the new state, or a refresh follows.
   * @param {string} path
   * @param {object | FormData | null} body
   */
  async act(path, body = null, { method = "POST" } = {}) {
    const isForm = body instanceof FormData;
    const headers = isForm ? {} : { "Content-Type": "application/json" };
    const sent = isForm ? body : JSON.stringify(body ?? {});
    const reply = await this.#ask(path, { method, headers, body: sent });
    // The action is done; a refresh that fails here is not its failure.
    if (!this.#take(reply)) await this.#fetchState().catch(() => undefined);
    return reply;
  }

  #onWake = () => void this.#poll();

  /** A page that was hidden may have slept: the clock needs a fresh sample. */
  #onVisible = () => {
    if (document.visibilityState !== "visible") return;
    this.#clock?.resync();
    void this.#poll();
  };

  async #poll() {
    clearTimeout(this.#timer);
    await this.refresh().catch(() => undefined);
    if (!this.#connected) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#poll(), this.#pollMs);
  }

  async #fetchState() {
    const after = this.#state ? `?after=${this.#state.cursor}` : "";
    this.#take(await this.#ask(`state${after}`, { method: "GET" }));
    return this.#state;
  }

  /** Replies may overtake each other: an older state never replaces a newer one. */
  #take(reply) {
    if (!isState(reply)) return false;
    const previous = this.#state;
    if (previous && reply.server_ms < previous.server_ms) return true;
    this.#state = reply;
    fire(this, "state", { state: reply, previous });
    return true;
  }

  async #ask(path, { headers = {}, ...request }) {
    const sentAt = performance.now();
    try {
      const reply = await this.#fetch(path, {
        ...request,
        headers: { Accept: "application/json", "Kaowu-Client": "1", ...headers },
      });
      if (isState(reply)) this.#clock?.sync(reply.server_ms, sentAt, performance.now());
      this.#setOffline(false);
      return reply;
    } catch (error) {
      throw this.#report(error);
    }
  }

  async #fetch(path, request) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE_MS);
    try {
      const response = await fetch(this.#base + path, {
        ...request,
        cache: "no-store",
        credentials: "same-origin",
        signal: limit.signal,
      });
      return await readReply(response);
    } finally {
      clearTimeout(timer);
    }
  }

  #report(error) {
    if (!(error instanceof ApiProblem)) {
      this.#setOffline(true);
      return error instanceof Offline ? error : new Offline("no reply", { cause: error });
    }
    this.#setOffline(false);
    const { status, code, title, facts } = error;
    fire(this, "problem", { status, code, title, facts });
    return error;
  }

  #setOffline(offline) {
    if (offline === this.#offline) return;
    this.#offline = offline;
    fire(this, offline ? "offline" : "online", {});
  }
}
