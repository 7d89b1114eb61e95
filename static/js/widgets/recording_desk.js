// Keeps both streams recording from Enter to the end, whatever happens to devices.

import { fire } from "../helpers/events.js";
import { StreamRecorder } from "../models/recorder.js";

const RETRY_MS = 3000;
const STREAMS = /** @type {const} */ (["camera", "screen"]);

/** @typedef {"camera" | "screen"} Stream */

export class RecordingDesk extends EventTarget {
  #media;
  #store;
  #clock;
  #client;
  /** @type {Map<Stream, StreamRecorder>} */
  #recorders = new Map();
  /** @type {Map<Stream, number>} instants at which a stream was lost */
  #lostAt = new Map();
  /** @type {Set<Stream>} streams that were recorded before, in this browser or on the server */
  #known = new Set();
  #timer = 0;
  #switching = false;
  #running = false;

  /** @param {{media: any, store: any, clock: any, client: any}} options */
  constructor({ media, store, clock, client }) {
    super();
    this.#media = media;
    this.#store = store;
    this.#clock = clock;
    this.#client = client;
  }

  get running() {
    return this.#running;
  }

  /** Segment, count and chain value of each recorder, for the heartbeat. */
  get heads() {
    /** @type {Record<string, any>} */
    const heads = {};
    for (const [stream, recorder] of this.#recorders) heads[stream] = recorder.head;
    return heads;
  }

  /** What one stream does now: "off", "recording" or "lost". */
  of(/** @type {Stream} */ stream) {
    const recorder = this.#recorders.get(stream);
    if (recorder && recorder.state !== "idle") return "recording";
    return this.#running ? "lost" : "off";
  }

  /** Start both; camera by itself, the screen only when a share is already given. */
  async start() {
    if (this.#running) return;
    this.#running = true;
    for (const recording of this.#client.state.recordings) {
      if (recording.chunks > 0) this.#known.add(recording.stream);
    }
    const { recordings } = await this.#store.totals();
    for (const held of Object.values(recordings)) this.#known.add(/** @type {any} */ (held).stream);
    await this.#startCamera();
    if (this.#media.screen) this.#begin("screen", this.#media.screen);
    this.#timer = setInterval(() => this.#mend(), RETRY_MS);
    this.#changed();
  }

  /** Ask for the screen, from a click, and record it. */
  async shareScreen() {
    const stream = await this.#media.shareScreen();
    await this.#recorders.get("screen")?.stop();
    if (this.#running) this.#begin("screen", stream);
    return stream;
  }

  /** Exchange camera or microphone; the recording goes on in a new segment. */
  async choose(/** @type {{videoId?: string, audioId?: string}} */ choice) {
    this.#switching = true;
    try {
      await this.#recorders.get("camera")?.stop();
      const stream = await this.#media.choose(choice);
      if (this.#running) this.#begin("camera", stream, "device_changed");
    } finally {
      this.#switching = false;
    }
  }

  /** Stop both for good; resolves when the last slice is stored. */
  async finish() {
    if (!this.#running) return;
    this.#running = false;
    clearInterval(this.#timer);
    await Promise.all([...this.#recorders.values()].map((recorder) => recorder.stop()));
    this.#media.release();
    this.#changed();
  }

  disconnect() {
    clearInterval(this.#timer);
    for (const recorder of this.#recorders.values()) recorder.stop();
  }

  async #startCamera() {
    try {
      this.#begin("camera", await this.#media.openCamera());
    } catch {
      this.#lose("camera");
    }
  }

  #begin(/** @type {Stream} */ stream, /** @type {MediaStream} */ mediaStream, reason = "") {
    const recording = this.#client.state.recordings.find(
      (/** @type {any} */ row) => row.stream === stream,
    );
    if (!recording) return this.#lose(stream);
    const recorder = new StreamRecorder({
      stream,
      recording: recording.code,
      store: this.#store,
      mediaStream,
      sliceMs: this.#client.state.session.slice_ms,
      clock: this.#clock,
      device: mediaStream.getVideoTracks()[0]?.label ?? "",
    });
    recorder.addEventListener("ended", (event) => this.#ended(stream, recorder, event));
    recorder.addEventListener("strain", (event) => this.#pass("strain", event));
    recorder.addEventListener("relief", (event) => this.#pass("relief", event));
    this.#recorders.set(stream, recorder);
    try {
      recorder.start(reason || this.#reason(stream));
    } catch {
      this.#recorders.delete(stream);
      return this.#lose(stream);
    }
    this.#found(stream);
  }

  #reason(/** @type {Stream} */ stream) {
    if (!this.#known.has(stream)) return "start";
    return stream === "screen" && this.#lostAt.has(stream) ? "share_restarted" : "resume";
  }

  #found(/** @type {Stream} */ stream) {
    this.#known.add(stream);
    const lostAt = this.#lostAt.get(stream);
    this.#lostAt.delete(stream);
    if (lostAt) this.#observe(stream, lostAt, Math.round(this.#clock.now()));
    this.#changed();
  }

  #ended(/** @type {Stream} */ stream, /** @type {StreamRecorder} */ recorder, /** @type {any} */ event) {
    if (event.detail.reason === "stopped" || this.#recorders.get(stream) !== recorder) return;
    if (this.#switching && stream === "camera") return;
    this.#recorders.delete(stream);
    if (this.#running) this.#lose(stream);
  }

  #lose(/** @type {Stream} */ stream) {
    if (!this.#lostAt.has(stream)) {
      this.#lostAt.set(stream, Math.round(this.#clock.now()));
      this.#observe(stream, this.#clock.now(), null);
    }
    this.#changed();
  }

  /** The camera needs no click: try again until it is back. */
  async #mend() {
    if (this.#switching || this.of("camera") !== "lost") return;
    await this.#startCamera();
  }

  #observe(/** @type {Stream} */ stream, /** @type {number} */ from, /** @type {number | null} */ to) {
    const kind = stream === "screen" ? "share_stopped" : "device_lost";
    fire(this, "observed", { kind, stream, from_ms: Math.round(from), to_ms: to, facts: {} });
  }

  #pass(/** @type {string} */ name, /** @type {any} */ event) {
    fire(this, name, event.detail);
  }

  #changed() {
    fire(this, "changed", Object.fromEntries(STREAMS.map((stream) => [stream, this.of(stream)])));
  }
}
