// @ts-check
import { Backoff } from "../helpers/backoff.js";
import { fire, once } from "../helpers/events.js";
import { sendChunk } from "./chunk_request.js";
import { verdictOf } from "./upload_verdict.js";

const SWEEP_MS = 2000;
const PROGRESS_MS = 200;
const FEW_TRIES = 5;

/**
 * Sends what the chunk store holds: one request at a time per recording, oldest first.
 *
 * One uploader per origin works; the others wait for its lock. What is stored is the
 * queue, so nothing is lost by disconnecting at any moment.
 */
export class Uploader extends EventTarget {
  #store;
  #token;
  #endpoint;
  #lockName;
  #locks;
  #network;
  #random;
  /** @type {AbortController | null} */
  #life = null;
  #active = false;
  /** @type {Map<string, {backoff: Backoff, again: boolean, tries: number}>} */
  #lanes = new Map();
  #sweepTimer;
  #progressTimer = null;

  /**
   * @param {{store: any, token: () => string | null, endpoint?: string, lockName?: string,
   *   locks?: any, network?: any, random?: () => number}} options
   */
  constructor(options) {
    super();
    this.#store = options.store;
    this.#token = options.token;
    this.#endpoint = options.endpoint ?? "/api/v1/recordings";
    this.#lockName = options.lockName ?? "kaowu-uploader";
    this.#locks = options.locks ?? globalThis.navigator?.locks;
    this.#network = options.network ?? globalThis;
    this.#random = options.random ?? Math.random;
  }

  /** False while another page of this origin uploads. */
  get active() {
    return this.#active;
  }

  connect() {
    if (this.#life) return;
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#store.addEventListener("stored", this.#onStored);
    this.#network.addEventListener?.("online", this.#onOnline);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
    const hold = () => this.#hold(signal);
    if (!this.#locks) void hold();
    else this.#locks.request(this.#lockName, { signal }, hold).catch(() => undefined);
  }

  disconnect() {
    this.#life?.abort();
    this.#life = null;
    this.#store.removeEventListener("stored", this.#onStored);
    this.#network.removeEventListener?.("online", this.#onOnline);
    clearInterval(this.#sweepTimer);
    clearTimeout(this.#progressTimer);
    this.#progressTimer = null;
    for (const { backoff } of this.#lanes.values()) backoff.cut();
  }

  /** Tries now, whatever the back-off says. */
  kick() {
    for (const { backoff } of this.#lanes.values()) backoff.cut();
    void this.#sweep();
  }

  /** Resolves when nothing waits to be sent. */
  async drained() {
    while ((await this.#store.totals()).pending > 0) await once(this, "progress");
  }

  #onStored = () => {
    for (const lane of this.#lanes.values()) lane.again = true;
    void this.#sweep();
  };

  #onOnline = () => this.kick();

  /** Keeps the lock until we are disconnected. @param {AbortSignal} signal */
  #hold(signal) {
    if (signal.aborted) return undefined;
    this.#setActive(true);
    void this.#sweep();
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        this.#setActive(false);
        resolve(undefined);
      });
    });
  }

  #setActive(active) {
    this.#active = active;
    fire(this, "role", { active });
  }

  async #sweep() {
    this.#reportSoon();
    if (!this.#active) return;
    const { signal } = /** @type {AbortController} */ (this.#life);
    for (const { recording } of await this.#store.pending()) {
      if (!this.#lanes.has(recording) && !signal.aborted) void this.#run(recording, signal);
    }
  }

  async #run(recording, signal) {
    const lane = { backoff: new Backoff({ random: this.#random }), again: true, tries: 0 };
    this.#lanes.set(recording, lane);
    try {
      while (lane.again && !signal.aborted) {
        lane.again = false;
        await this.#empty(recording, lane, signal);
      }
    } finally {
      this.#lanes.delete(recording);
    }
  }

  async #empty(recording, lane, signal) {
    for (;;) {
      const chunk = signal.aborted ? null : await this.#store.next(recording);
      if (!chunk || signal.aborted) return;
      await this.#offer(chunk, lane, signal);
      this.#reportSoon();
    }
  }

  async #offer(chunk, lane, signal) {
    const token = this.#token();
    const none = { status: 401, body: null, retryAfterMs: 0 };
    const reply = token ? await sendChunk(this.#endpoint, chunk, { token, signal }) : none;
    if (signal.aborted && reply.status === null) return;
    const verdict = verdictOf(reply, chunk);
    if (verdict === "acknowledged") await this.#acknowledge(chunk, lane);
    else if (verdict === "stop") await this.#refuse(chunk, lane, reply);
    else if (verdict === "few" && lane.tries + 1 >= FEW_TRIES) {
      await this.#refuse(chunk, lane, reply);
    } else {
      if (verdict === "few") lane.tries += 1;
      if (verdict === "token") fire(this, "unauthorised", {});
      await this.#wait(chunk, lane, reply);
    }
  }

  async #acknowledge(chunk, lane) {
    await this.#store.markAcknowledged(chunk);
    const failed = lane.backoff.failures > 0;
    lane.backoff.reset();
    lane.tries = 0;
    if (failed) fire(this, "recovered", {});
  }

  /** Said once, kept in the store, and the next chunk goes on. */
  async #refuse(chunk, lane, { status, body }) {
    await this.#store.markProblem(chunk, body.code);
    lane.tries = 0;
    const { recording, segment, seq } = chunk;
    fire(this, "problem", { recording, segment, seq, code: body.code, status });
  }

  async #wait({ recording }, { backoff }, { status, retryAfterMs }) {
    const delayMs = backoff.next(retryAfterMs);
    fire(this, "failing", { recording, attempt: backoff.failures, delayMs, status });
    this.#reportSoon();
    await backoff.sleep(delayMs);
  }

  /** Many changes, one event. */
  #reportSoon() {
    if (!this.#life || this.#progressTimer !== null) return;
    this.#progressTimer = setTimeout(async () => {
      const totals = await this.#store.totals();
      this.#progressTimer = null;
      const failing = [...this.#lanes.values()].some(({ backoff }) => backoff.failures > 0);
      fire(this, "progress", { ...totals, failing });
    }, PROGRESS_MS);
  }
}
