// What every stage of the exam page works with: models, words, and one way to act.

import { fire } from "../helpers/events.js";
import { ChunkStore } from "../models/chunk_store.js";
import { ExamClock } from "../models/exam_clock.js";
import { StateClient } from "../models/state_client.js";
import { Uploader } from "../models/uploader.js";
import { find, fill, setText } from "./dom.js";
import { ExamViews } from "./exam_views.js";
import { MediaDesk } from "./media_desk.js";
import { RecordingDesk } from "./recording_desk.js";
import { pageClock } from "./server_clock.js";
import { TimeWords } from "./time_words.js";
import { Words } from "./words.js";

const TICK_MS = 200;

export class ExamDesk extends EventTarget {
  root;
  words;
  times;
  views;
  clock = new ExamClock();
  client;
  media = new MediaDesk();
  /** @type {ChunkStore} */
  store;
  /** @type {RecordingDesk} */
  recordings;
  /** @type {Uploader} */
  uploader;
  #pageNow;
  #timer = 0;

  /**
   * @param {HTMLElement} root
   * @param {ChunkStore} store
   */
  constructor(root, store) {
    super();
    this.root = root;
    this.store = store;
    this.words = new Words(root);
    this.times = new TimeWords({
      timeZone: root.dataset.timeZone ?? "UTC",
      zoneLabel: root.dataset.zoneLabel,
    });
    this.views = new ExamViews(root);
    this.#pageNow = pageClock(Number(root.dataset.serverMs));
    this.client = new StateClient({ url: "/api/v1/attempts/me/", clock: this.clock });
    const { media, clock, client } = this;
    this.recordings = new RecordingDesk({ media, store, clock, client });
    this.uploader = new Uploader({ store, token: () => client.state?.edge_token ?? null });
  }

  get state() {
    return this.client.state;
  }

  /** The recording row of a stream, as the server sees it. */
  recording(/** @type {string} */ stream) {
    return this.state?.recordings.find((/** @type {any} */ row) => row.stream === stream) ?? null;
  }

  /** Server time in epoch milliseconds, from the first moment of the page. */
  now() {
    return this.clock.synced ? this.clock.now() : this.#pageNow();
  }

  connect() {
    this.media.connect();
    this.views.connect();
    for (const button of this.root.querySelectorAll('[data-action="dismiss"]')) {
      button.addEventListener("click", () => this.#showProblem(""));
    }
    this.#timer = setInterval(() => fire(this, "tick", { now: this.now() }), TICK_MS);
  }

  disconnect() {
    clearInterval(this.#timer);
    this.views.disconnect();
    this.uploader.disconnect();
    this.client.disconnect();
    this.recordings.disconnect();
    this.media.disconnect();
  }

  /**
   * Do something at the server; a refusal is shown in three lines, and null comes back.
   * @param {string} path
   * @param {object | FormData | null} body
   */
  async act(path, body = null) {
    try {
      const reply = await this.client.act(path, body);
      this.#showProblem("");
      return reply;
    } catch (problem) {
      this.tell(problem);
      return null;
    }
  }

  /** Show what went wrong: the server's own sentence, or ours for a known code. */
  tell(/** @type {any} */ problem) {
    const code = problem?.code ?? "failed";
    const key = `problem.${code}`;
    const text = problem?.title || this.words.say(this.words.has(key) ? key : "problem.failed");
    const todo = this.words.say(code === "offline" ? "problem.todo.offline" : "problem.todo");
    this.#showProblem(text, todo);
  }

  /** Say something once to people who listen to the page. */
  announce(/** @type {string} */ text) {
    setText(find(this.root, "[data-announce]"), text);
  }

  /** The reason of a closed action with its window, or null when it is open. */
  whyNot(/** @type {string} */ action) {
    const may = this.state?.may?.[action];
    if (!may || may.open) return null;
    if (may.why_not?.code !== "window_closed" || !may.opens_ms) {
      return may.why_not?.message || this.words.say("why.closed");
    }
    const facts = {
      opens: this.times.clock(may.opens_ms),
      closes: may.closes_ms ? this.times.clock(may.closes_ms) : "",
    };
    const now = this.now();
    // The window opened since the last reply: the server still decides on the click.
    if (now >= may.opens_ms && (!may.closes_ms || now < may.closes_ms)) return null;
    return this.words.say(now < may.opens_ms ? "why.not_yet" : "why.over", facts);
  }

  /** Leave a view that was opened by hand for the one that belongs to the hour. */
  backToNow() {
    this.views.release();
  }

  #showProblem(/** @type {string} */ text, todo = "") {
    for (const banner of this.root.querySelectorAll("[data-problem]")) {
      /** @type {HTMLElement} */ (banner).hidden = !text;
      fill(banner, "problem", text);
      if (todo) fill(banner, "problem-todo", todo);
    }
  }
}
