// What the phone's page works with: models, words, heartbeat, and the views it shows.

import { fire } from "../helpers/events.js";
import { ExamClock } from "../models/exam_clock.js";
import { phoneFacts } from "../models/phone_facts.js";
import { phoneView } from "../models/phone_views.js";
import { StateClient } from "../models/state_client.js";
import { Uploader } from "../models/uploader.js";
import { WakeLock } from "../models/wake_lock.js";
import { fill, find } from "./dom.js";
import { PhoneCamera } from "./phone_camera.js";
import { pageClock } from "./server_clock.js";
import { TimeWords } from "./time_words.js";
import { Words } from "./words.js";

const BEAT_MS = 5000;
const LOOK_MS = 2000;
const TICK_MS = 500;
const LIVE = new Set(["bound", "filming"]);
const SHOOTING = new Set(["pan", "film"]);

export class PhoneDesk extends EventTarget {
  root;
  store;
  words;
  times;
  clock = new ExamClock();
  client;
  uploader;
  camera;
  awake = new WakeLock();
  totals = { captured: 0, acknowledged: 0, pending: 0, problems: 0 };
  facts = /** @type {{battery?: number, charging?: number, free_mb?: number}} */ ({});
  stopped = false;
  view = "loading";
  #pageNow;
  #beatAt = 0;
  #token = "";

  /** @param {HTMLElement} root @param {any} store */
  constructor(root, store) {
    super();
    this.root = root;
    this.store = store;
    this.words = new Words(root);
    this.times = new TimeWords({ timeZone: root.dataset.timeZone ?? "UTC", zoneLabel: root.dataset.zoneLabel });
    this.#pageNow = pageClock(Number(root.dataset.serverMs));
    this.client = new StateClient({ url: "/phone/api/", clock: this.clock, pollMs: 60_000 });
    const { client } = this;
    this.camera = new PhoneCamera({ store, clock: { now: () => this.now() }, client });
    this.uploader = new Uploader({
      store,
      token: () => client.state?.edge_token ?? null,
      lockName: `kaowu-phone-${root.dataset.recording}`,
    });
  }

  get state() {
    return this.client.state;
  }

  get live() {
    return LIVE.has(this.state?.companion.state);
  }

  get offline() {
    return this.client.offline || !navigator.onLine;
  }

  now() {
    return this.clock.synced ? this.clock.now() : this.#pageNow();
  }

  async connect() {
    await this.store.recover();
    this.stopped = (await this.store.getMeta("stopped")) === this.root.dataset.pairing;
    this.client.addEventListener("state", this.#follow);
    this.camera.addEventListener("changed", () => this.show());
    this.uploader.addEventListener("progress", (/** @type {any} */ event) => {
      this.totals = event.detail;
    });
    this.uploader.addEventListener("unauthorised", () => void this.client.refresh().catch(() => undefined));
    addEventListener("beforeunload", (event) => {
      if (this.camera.shot) event.preventDefault();
    });
    this.uploader.connect();
    this.facts = await phoneFacts();
    this.client.connect();
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Stop for good, by hand (R73): the last slice is stored before the server is told. */
  async finish() {
    this.stopped = true;
    await this.store.putMeta("stopped", this.root.dataset.pairing);
    await this.camera.stop();
    await this.awake.disconnect();
    await this.act("stop");
  }

  /** Do something at the server; null when it did not work. @param {string} path */
  async act(path, body = {}) {
    try {
      return await this.client.act(path, body);
    } catch (problem) {
      if (/** @type {any} */ (problem).code !== "offline") await this.client.refresh().catch(() => undefined);
      return null;
    }
  }

  /** Show what went wrong, or nothing. @param {string} code */
  tell(code) {
    const key = this.words.has(`problem.${code}`) ? `problem.${code}` : "problem.failed";
    find(this.root, "[data-problem]").hidden = !code;
    fill(this.root, "problem", code ? this.words.say(key) : "");
  }

  #follow = () => {
    const { state } = this;
    this.root.dataset.ready = "true";
    this.root.dataset.companion = state.companion.state;
    if (state.edge_token && state.edge_token !== this.#token) this.uploader.kick();
    this.#token = state.edge_token ?? "";
    const { recording } = state;
    if (recording?.purge_ok) void this.store.purgeAcknowledged(recording.code);
    if (!this.live && !this.stopped && this.camera.shot) void this.camera.stop();
    this.show();
  };

  show() {
    if (!this.state) return;
    const { shot } = this.camera;
    const view = phoneView(this.state, { shot, stopped: this.stopped });
    const isNew = view !== this.view;
    this.view = view;
    if (isNew) this.#turnTo(view);
    fire(this, "view", { view, isNew });
  }

  #turnTo(/** @type {string} */ view) {
    this.root.dataset.viewNow = view;
    const shooting = SHOOTING.has(view);
    for (const section of this.root.querySelectorAll("[data-view]")) {
      /** @type {HTMLElement} */ (section).hidden = section.getAttribute("data-view") !== view;
    }
    for (const panel of this.root.querySelectorAll("[data-panel]")) {
      /** @type {HTMLElement} */ (panel).hidden = panel.getAttribute("data-panel") !== view;
    }
    find(this.root, '[data-shell="film"]').hidden = !shooting;
    find(this.root, '[data-shell="talk"]').hidden = shooting;
    find(document, ".k-top").hidden = shooting;
    document.body.className = shooting ? "" : "k-phone k-cand";
    document.querySelector(".k-skip")?.setAttribute("href", shooting ? "#film" : "#main");
    find(this.root, shooting ? "#film" : "#main").focus({ preventScroll: true });
  }

  #tick() {
    find(this.root, "[data-net-off]").hidden = !this.offline;
    this.root.dataset.net = this.offline ? "off" : "on";
    fire(this, "tick", {});
    if (!this.state) return;
    const late = this.now() >= this.state.deadlines.evidence_confirm_by;
    if (late && this.live && this.state.attempt.over && !this.stopped) void this.finish();
    const every = this.live ? BEAT_MS : LOOK_MS;
    if (performance.now() - this.#beatAt < every) return;
    this.#beatAt = performance.now();
    void this.#beat();
  }

  async #beat() {
    if (!this.live) {
      await this.client.refresh().catch(() => undefined);
      return;
    }
    this.facts = await phoneFacts();
    const facts = { ...this.facts, pending: this.totals.pending };
    await this.act("beat", { heads: this.camera.heads, facts });
    // The server takes the film as such once it holds the turn around the room.
    const told = this.state.companion.state;
    if (told === "bound" && this.camera.shot === "film") await this.act("film");
    if (this.stopped && this.live) await this.act("stop");
  }
}
