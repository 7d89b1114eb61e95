// @ts-check
import { sha256 } from "../helpers/digest.js";
import { fire } from "../helpers/events.js";
import { toHex } from "../helpers/hex.js";
import { pickMime, recorderOptions } from "./media_format.js";
import { SegmentChain } from "./segment_chain.js";
import { plainDevice, segmentHeader } from "./segment_header.js";
import { partsOf } from "./slicing.js";

const MAX_BYTES = 4 * 2 ** 20;
const STORE_RETRY_MS = 1000;

export class RecorderProblem extends Error {
  /** @param {"unsupported" | "ended" | "failed"} code */
  constructor(code, options = {}) {
    super(code, options);
    this.code = code;
  }
}

/**
 * Records one stream into the chunk store; every start is a new segment.
 *
 * Slices are read, hashed, chained and stored one after another. The network has no part
 * in it, and a store that refuses delays nothing: slices wait in memory until it takes them.
 */
export class StreamRecorder extends EventTarget {
  #stream;
  #recording;
  #store;
  #mediaStream;
  #sliceMs;
  #clock;
  #device;
  #maxBytes;
  #bitsPerSecond;
  /** @type {any} the segment being recorded */
  #run = null;
  /** @type {{segment: string, count: number, head: string} | null} */
  #head = null;
  #tail = Promise.resolve();
  #waiting = 0;
  #strained = false;

  /**
   * @param {{stream: "camera" | "screen" | "companion", recording: string, store: any,
   *   mediaStream: MediaStream, sliceMs: number, clock: {now(): number}, device?: string,
   *   maxBytes?: number, bitsPerSecond?: number}} options
   */
  constructor(options) {
    super();
    this.#stream = options.stream;
    this.#recording = options.recording;
    this.#store = options.store;
    this.#mediaStream = options.mediaStream;
    this.#sliceMs = options.sliceMs;
    this.#clock = options.clock;
    this.#device = plainDevice(options.device ?? "");
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#bitsPerSecond = options.bitsPerSecond;
  }

  get state() {
    if (!this.#run) return "idle";
    return this.#run.stopping ? "stopping" : "recording";
  }

  /** The last chunk that is stored: what a heartbeat carries. */
  get head() {
    return this.#head;
  }

  /** Slices captured and not stored yet. */
  get waiting() {
    return this.#waiting;
  }

  /** @param {string} reason start, resume, device, share */
  start(reason) {
    if (this.#run) throw new RecorderProblem("failed");
    const tracks = this.#mediaStream.getTracks();
    if (tracks.some((track) => track.readyState === "ended")) throw new RecorderProblem("ended");
    const recorder = this.#makeRecorder();
    const run = { uuid: crypto.randomUUID(), reason, recorder, stopping: false, lastMs: 0 };
    this.#run = Object.assign(run, this.#watch(run, tracks));
    try {
      recorder.start(this.#sliceMs);
    } catch (cause) {
      this.#release(run);
      throw new RecorderProblem("failed", { cause });
    }
    run.origin = performance.now();
    run.startedMs = Math.round(this.#clock.now());
  }

  /** Resolves when the final slice is stored. */
  async stop() {
    const run = this.#run;
    if (run) {
      this.#halt(run);
      await run.stopped;
    }
    await this.#tail;
    return this.#head;
  }

  /** Asks for the slice so far, before the page may go away. */
  flush() {
    if (this.state === "recording") this.#run.recorder.requestData();
  }

  #makeRecorder() {
    const mime = pickMime(this.#mediaStream.getAudioTracks().length > 0);
    if (mime === null) throw new RecorderProblem("unsupported");
    const options = { mime, stream: this.#stream, bitsPerSecond: this.#bitsPerSecond };
    try {
      return new MediaRecorder(this.#mediaStream, recorderOptions(options));
    } catch (cause) {
      throw new RecorderProblem("failed", { cause });
    }
  }

  #watch(run, tracks) {
    const { recorder } = run;
    const trackEnded = () => this.#end(run, "track_ended");
    for (const track of tracks) track.addEventListener("ended", trackEnded);
    recorder.onstart = () => {
      fire(this, "started", { segment: run.uuid, mime: recorder.mimeType, reason: run.reason });
    };
    recorder.ondataavailable = ({ data }) => this.#take(run, data);
    recorder.onerror = () => this.#end(run, "recorder_error");
    const stopped = new Promise((resolve) => {
      recorder.onstop = () => {
        if (!run.stopping) this.#end(run, "track_ended");
        this.#finish(run);
        resolve(undefined);
      };
    });
    const unwatch = () => {
      for (const track of tracks) track.removeEventListener("ended", trackEnded);
    };
    return { stopped, unwatch };
  }

  /** Stopped by something else than us: said at once, finished like any other stop. */
  #end(run, reason) {
    if (run.stopping) return;
    this.#halt(run);
    fire(this, "ended", { reason });
  }

  #halt(run) {
    if (run.stopping) return;
    run.stopping = true;
    if (run.recorder.state !== "inactive") run.recorder.stop();
  }

  /** After the last slice: the segment is closed in its turn. */
  #finish(run) {
    this.#release(run);
    this.#tail = this.#tail.then(async () => {
      if (run.chain) await this.#insist(() => this.#store.closeSegment(run.uuid));
    });
  }

  #release(run) {
    run.unwatch();
    if (this.#run === run) this.#run = null;
  }

  /** One slice, in its turn. Its span ends now and begins where the last one ended. */
  #take(run, blob) {
    if (blob.size === 0) return;
    const endMs = Math.max(run.lastMs, Math.round(performance.now() - run.origin));
    const span = { startMs: run.lastMs, durationMs: endMs - run.lastMs };
    run.lastMs = endMs;
    this.#waiting += 1;
    this.#tail = this.#tail.then(async () => {
      await this.#keep(run, blob, span);
      this.#waiting -= 1;
    });
  }

  async #keep(run, blob, span) {
    if (!run.chain) await this.#openSegment(run);
    const bytes = await this.#insist(() => blob.arrayBuffer());
    for (const part of partsOf(bytes, { ...span, maxBytes: this.#maxBytes })) {
      const digest = await sha256(part.bytes);
      const { seq, chain } = await run.chain.add({ digest, ...part });
      const identity = { recording: this.#recording, segment: run.uuid, seq };
      const facts = { digest: toHex(digest), chain };
      const chunk = { ...identity, ...facts, ...part, segmentHeader: run.header };
      await this.#insist(() => this.#store.putChunk(chunk));
      this.#head = { segment: run.uuid, count: seq + 1, head: chain };
      const { bytes: kept, segmentHeader: _, ...detail } = chunk;
      fire(this, "captured", { ...detail, size: kept.byteLength });
    }
  }

  /** With the first slice, because only then the browser has settled the format. */
  async #openSegment(run) {
    const { uuid, reason, startedMs } = run;
    const mime = run.recorder.mimeType;
    run.header = segmentHeader({ mime, device: this.#device, reason, startedMs });
    const chain = await SegmentChain.begin({ segment: uuid, mime });
    const owner = { recording: this.#recording, stream: this.#stream, device: this.#device };
    const row = { uuid, ...owner, mime, reason, startedMs, header: run.header, head: chain.head };
    await this.#insist(() => this.#store.putSegment(row));
    run.chain = chain;
  }

  /** Repeats until it works: a captured slice is never given up. */
  async #insist(action) {
    for (;;) {
      try {
        const result = await action();
        if (this.#strained) fire(this, "relief", {});
        this.#strained = false;
        return result;
      } catch (error) {
        this.#strained = true;
        const code = error?.code === "store_full" ? "store_full" : "store_failed";
        fire(this, "strain", { code, waiting: this.#waiting });
        await new Promise((resolve) => {
          setTimeout(resolve, STORE_RETRY_MS);
        });
      }
    }
  }
}
