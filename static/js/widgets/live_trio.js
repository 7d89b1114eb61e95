// Three live pictures of one candidate, and in words how far behind each of them is.

import { fire } from "../helpers/events.js";
import { LivePlayer } from "../models/live_player.js";
import { fill, find } from "./dom.js";

const ASK_MS = 1000;
const SHOW_MS = 500;
const PATIENCE_MS = 8000;
const STANDS_MS = 10_000;
const GONE = new Set([401, 403, 404]);

export class LiveTrio extends EventTarget {
  #base;
  #words;
  #now;
  /** @type {Map<string, {figure: HTMLElement, player: LivePlayer, line: any, unsupported: boolean}>} */
  #streams = new Map();
  #timer = 0;
  #shown = 0;
  #connected = false;

  /** @param {{root: HTMLElement, words: any, now: () => number}} options */
  constructor({ root, words, now }) {
    super();
    this.#base = root.dataset.base ?? "";
    this.#words = words;
    this.#now = now;
    for (const figure of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-live]"))) {
      const video = /** @type {HTMLVideoElement} */ (find(figure, "video"));
      const player = new LivePlayer({ video, fetchChunks: this.#fetchChunks });
      const stream = { figure, player, line: null, unsupported: false };
      player.addEventListener("unsupported", () => {
        stream.unsupported = true;
      });
      // For whoever looks for the cause; the caption tells the proctor how far behind.
      player.addEventListener("trouble", (event) => {
        figure.dataset.trouble = /** @type {CustomEvent} */ (event).detail.reason;
      });
      this.#streams.set(figure.dataset.live ?? "", stream);
    }
  }

  connect() {
    this.#connected = true;
    this.#shown = setInterval(() => this.#show(), SHOW_MS);
    void this.#ask();
  }

  disconnect() {
    this.#connected = false;
    clearTimeout(this.#timer);
    clearInterval(this.#shown);
    for (const { player } of this.#streams.values()) player.disconnect();
  }

  /** Sound of the camera; pictures are silent until it is asked for. */
  hear(/** @type {boolean} */ on) {
    const figure = this.#streams.get("camera")?.figure;
    if (figure) /** @type {HTMLVideoElement} */ (find(figure, "video")).muted = !on;
  }

  async #ask() {
    if (!document.hidden) await this.#askOnce();
    if (this.#connected) this.#timer = setTimeout(() => void this.#ask(), ASK_MS);
  }

  async #askOnce() {
    try {
      const response = await this.#get("live");
      if (GONE.has(response.status)) {
        this.disconnect();
        fire(this, "lost");
        return;
      }
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const reply = await response.json();
      for (const line of reply.streams) this.#take(line);
      fire(this, "tile", reply.tile);
    } catch {
      fire(this, "down");
    }
  }

  #take(/** @type {any} */ line) {
    const stream = this.#streams.get(line.stream);
    if (!stream) return;
    stream.line = line;
    stream.player.offer(line);
  }

  #show() {
    for (const { figure, player, line, unsupported } of this.#streams.values()) {
      const shownMs = player.shownMs;
      const behindMs = shownMs === null ? null : Math.max(0, this.#now() - shownMs);
      figure.dataset.behindMs = behindMs === null ? "" : String(Math.round(behindMs));
      figure.toggleAttribute("data-stale", behindMs !== null && behindMs > STANDS_MS);
      fill(figure, "behind", this.#say(line, behindMs, unsupported));
    }
  }

  #say(/** @type {any} */ line, /** @type {number | null} */ behindMs, /** @type {boolean} */ unsupported) {
    const { words } = this.#words;
    if (!line || line.state === "nothing") return words.say("live.nothing");
    if (line.state === "archived") return words.say("live.archived");
    if (unsupported) return words.say("live.unsupported");
    if (behindMs === null) return words.say("live.waiting");
    if (behindMs > STANDS_MS) return words.say("live.stands", { time: this.#words.span(behindMs) });
    return words.say("live.behind", { seconds: Math.round(behindMs / 1000) });
  }

  /** @type {import("../models/live_player.js").FetchChunks} */
  #fetchChunks = async (segment, first, last) => {
    const response = await this.#get(`segments/${segment}/chunks/${first}-${last}`);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(String(response.status));
    const newest = Number(response.headers.get("Kaowu-Last-Chunk"));
    return { last: newest, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  #get(/** @type {string} */ path) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    return fetch(this.#base + path, { cache: "no-store", credentials: "same-origin", signal });
  }
}
