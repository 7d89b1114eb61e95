// @ts-check
import { Backoff } from "../helpers/backoff.js";
import { fromBase64 } from "../helpers/bytes.js";
import { fire } from "../helpers/events.js";
import { ApiProblem, Offline, readReply } from "./api_problem.js";
import { isBundle, openPaper } from "./paper_seal.js";

const SPREAD_MS = 500;
const CEILING_MS = 4000;
const LONGEST_SLEEP_MS = 30_000;

/** Fetches the sealed paper ahead of time and its key at the start, and opens it. */
export class PaperBox extends EventTarget {
  #options;
  /** @type {AbortController | null} */
  #life = null;
  #backoff = new Backoff({ floorMs: 250, ceilingMs: CEILING_MS });
  /** @type {ArrayBuffer | null} */
  #bundle = null;
  /** @type {Uint8Array | null} */
  #key = null;
  #questions = null;

  /**
   * @param {{bundleUrl: string, keyUrl: string, token: () => string | null,
   *   clock: {now(): number, untilMs(epochMs: number): number}, opensMs: number,
   *   store?: any, name?: string, random?: () => number}} options
   *   store keeps bundle and key over a reload, under `name`
   */
  constructor(options) {
    super();
    this.#options = { store: null, name: "paper", random: Math.random, ...options };
  }

  get questions() {
    return this.#questions;
  }

  get hasBundle() {
    return this.#bundle !== null;
  }

  connect() {
    if (this.#life) return;
    this.#life = new AbortController();
    globalThis.addEventListener?.("online", this.#onOnline);
    void this.#work(this.#life.signal);
  }

  disconnect() {
    this.#life?.abort();
    this.#life = null;
    globalThis.removeEventListener?.("online", this.#onOnline);
    this.#backoff.cut();
  }

  /** Asks for both again (R65): another paper may have replaced a faulty one. */
  async refresh() {
    const bundle = await this.#download();
    const key = await this.#askKey();
    await this.#open(bundle, key);
    return this.#questions;
  }

  #onOnline = () => this.#backoff.cut();

  async #work(signal) {
    await this.#recall();
    if (!this.#bundle) await this.#adopt(await this.#persist(signal, () => this.#download()));
    if (signal.aborted) return;
    await this.#sleepUntilStart(signal);
    this.#key ??= await this.#persist(signal, () => this.#askKey());
    if (signal.aborted || !this.#bundle || !this.#key) return;
    await this.#open(this.#bundle, this.#key).catch((error) => this.#spoiled(error, signal));
  }

  /** What cannot be opened is fetched anew, once more and more slowly. */
  async #spoiled(error, signal) {
    fire(this, "problem", { code: error.code ?? "paper_damaged" });
    this.#bundle = null;
    this.#key = null;
    await this.#options.store?.putMeta(this.#options.name, null);
    await this.#backoff.sleep(this.#backoff.next(1000));
    if (!signal.aborted) await this.#work(signal);
  }

  async #recall() {
    const kept = await this.#options.store?.getMeta(this.#options.name);
    this.#bundle ??= kept?.bundle ?? null;
    this.#key ??= kept?.key ?? null;
  }

  async #sleepUntilStart(signal) {
    const opensMs = this.#options.opensMs + this.#options.random() * SPREAD_MS;
    for (;;) {
      const wait = this.#options.clock.untilMs(opensMs);
      if (signal.aborted || wait <= 0 || this.#key) return;
      // In short naps, because the clock may be corrected meanwhile.
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(wait, wait > 2000 ? wait / 2 : wait, LONGEST_SLEEP_MS));
      });
    }
  }

  /** Tries until it works or we are disconnected. */
  async #persist(signal, action) {
    this.#backoff.reset();
    while (!signal.aborted) {
      try {
        return await action();
      } catch (error) {
        const delayMs = this.#backoff.next(error.retryAfterMs ?? 0);
        fire(this, "waiting", { code: error.code ?? "offline", delayMs });
        await this.#backoff.sleep(delayMs);
      }
    }
    return null;
  }

  /** Held for the start, and over a reload. @param {ArrayBuffer | null} bundle */
  async #adopt(bundle) {
    if (!bundle) return;
    this.#bundle = bundle;
    await this.#options.store?.putMeta(this.#options.name, { bundle, key: null });
    fire(this, "bundle", { size: bundle.byteLength });
  }

  async #download() {
    const response = await this.#ask(this.#options.bundleUrl);
    if (!response.ok) await readReply(response);
    const bundle = await response.arrayBuffer();
    if (!isBundle(bundle)) throw new Offline("another page answered");
    return bundle;
  }

  async #askKey() {
    const reply = await readReply(await this.#ask(this.#options.keyUrl));
    if (typeof reply?.key !== "string") throw new Offline("no key in the reply");
    return fromBase64(reply.key);
  }

  async #ask(url) {
    const token = this.#options.token();
    if (!token) throw new ApiProblem({ status: 401, code: "bad_token" });
    const headers = { Authorization: `Bearer ${token}`, "Kaowu-Client": "1" };
    try {
      return await fetch(url, { headers, cache: "no-store", redirect: "error" });
    } catch (cause) {
      throw new Offline("no reply", { cause });
    }
  }

  async #open(bundle, key) {
    const questions = await openPaper(bundle, key);
    this.#bundle = bundle;
    this.#key = key;
    this.#questions = questions;
    await this.#options.store?.putMeta(this.#options.name, { bundle, key });
    fire(this, "opened", { questions });
  }
}
