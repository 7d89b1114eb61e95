// Keeps the exam page in step with state and clock: recording, upload, purge, doorbell.

import { fire } from "../helpers/events.js";
import { EventSocket } from "../models/event_socket.js";
import { WakeLock } from "../models/wake_lock.js";
import { fill, find } from "./dom.js";
import { isOver } from "./exam_views.js";
import { grouped } from "./exam_words.js";
import { PagePresence } from "./page_presence.js";
import { ThumbnailMaker } from "./thumbnail_maker.js";

const BEAT_MS = 5000;

export class ExamKeeper extends EventTarget {
  #desk;
  /** @type {EventSocket | null} */
  #socket = null;
  #awake = new WakeLock();
  #timer = 0;
  #token = "";
  #purged = new Set();
  #presence;
  #thumbnails;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    super();
    this.#desk = desk;
    this.#presence = new PagePresence({ desk });
    this.#thumbnails = new ThumbnailMaker({ desk });
  }

  connect() {
    const { client, uploader, recordings } = this.#desk;
    client.addEventListener("state", this.#follow);
    this.#desk.addEventListener("tick", this.#tick);
    uploader.addEventListener("progress", this.#progress);
    uploader.addEventListener("unauthorised", () => void client.refresh().catch(() => undefined));
    recordings.addEventListener("changed", this.#streams);
    recordings.addEventListener("strain", () => this.#desk.tell({ code: "store_strain" }));
    addEventListener("beforeunload", this.#warn);
    this.#presence.connect();
    this.#thumbnails.connect();
    this.#timer = setInterval(this.#beat, BEAT_MS);
  }

  disconnect() {
    const { client, uploader, recordings } = this.#desk;
    client.removeEventListener("state", this.#follow);
    this.#desk.removeEventListener("tick", this.#tick);
    uploader.removeEventListener("progress", this.#progress);
    recordings.removeEventListener("changed", this.#streams);
    removeEventListener("beforeunload", this.#warn);
    clearInterval(this.#timer);
    this.#presence.disconnect();
    this.#thumbnails.disconnect();
    this.#socket?.disconnect();
    this.#awake.disconnect();
  }

  #beat = () => {
    this.#socket?.beat(this.#desk.recordings.heads, this.#presence.facts);
  };

  #follow = () => {
    const { state, uploader, store, root } = this.#desk;
    root.dataset.ready = "true";
    root.dataset.attemptState = state.attempt.state;
    if (state.edge_token && state.edge_token !== this.#token) uploader.kick();
    this.#token = state.edge_token ?? "";
    this.#ring(state);
    for (const { code, purge_ok: purgeOk } of state.recordings) {
      if (!purgeOk || this.#purged.has(code)) continue;
      this.#purged.add(code);
      void store.purgeAcknowledged(code);
    }
    this.#supervise();
  };

  #ring(/** @type {any} */ state) {
    if (this.#socket || state.lease.state === "superseded") return;
    const { client } = this.#desk;
    this.#socket = new EventSocket({ url: "/ws/attempt/", cursor: state.cursor });
    for (const name of ["events", "lease_lost"]) {
      this.#socket.addEventListener(name, () => void client.refresh().catch(() => undefined));
    }
    this.#socket.connect();
  }

  #tick = () => {
    const { state, views } = this.#desk;
    if (!state) return;
    views.follow(state, this.#desk.now());
    this.#supervise();
  };

  /** From Enter to the end both streams record; the deadline stops them, online or not. */
  #supervise() {
    const { state, recordings, client } = this.#desk;
    const now = this.#desk.now();
    const sits = state.attempt.state === "entered" && state.lease.state === "active";
    if (isOver(state, now) || (recordings.running && !sits)) {
      if (!recordings.running) return;
      void recordings.finish().then(() => client.refresh().catch(() => undefined));
      this.#awake.disconnect();
      this.#desk.announce(this.#desk.words.say("room.over"));
    } else if (sits && !recordings.running) {
      void recordings.start();
      this.#awake.connect();
    }
  }

  #streams = (/** @type {any} */ event) => {
    const { root, words, recordings } = this.#desk;
    root.dataset.camera = event.detail.camera;
    root.dataset.screen = event.detail.screen;
    const top = /** @type {HTMLElement} */ (find(document, '[data-top="recording"]'));
    top.hidden = !recordings.running;
    const both = event.detail.camera === "recording" && event.detail.screen === "recording";
    fill(top, "recording", words.say(both ? "top.recording" : "top.partly"));
  };

  #progress = (/** @type {any} */ event) => {
    const { acknowledged, captured, pending } = event.detail;
    const { root, words } = this.#desk;
    root.dataset.pending = String(pending);
    root.dataset.acknowledged = String(acknowledged);
    const top = /** @type {HTMLElement} */ (find(document, '[data-top="uploaded"]'));
    top.hidden = !captured;
    const facts = { have: grouped(acknowledged), total: grouped(captured) };
    fill(top, "uploaded", words.say("top.uploaded", facts));
    fire(this, "progress", event.detail);
  };

  #warn = (/** @type {BeforeUnloadEvent} */ event) => {
    if (this.#desk.recordings.running) event.preventDefault();
  };
}
