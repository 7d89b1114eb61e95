// @ts-check
import { fire } from "../helpers/events.js";
import { firstFragment, jumpTo, rateFor } from "./live_media.js";

const JOIN_BACK = 3;
const FAR_BEHIND = 8;
const KEEP_S = 15;
const SPARE_S = 5;

/**
 * Plays one stream a few seconds behind the camera, from its stored chunks.
 *
 * The header comes from chunk 0; playing begins at a fragment found in a recent chunk.
 * What is old is dropped, and where the picture falls behind it jumps.
 */
export class LivePlayer extends EventTarget {
  #video;
  #fetchChunk;
  /** @type {any} the newest line of the live reply */
  #line = null;
  /** @type {any} the segment being played */
  #run = null;
  #busy = false;

  /**
   * @param {{video: HTMLVideoElement,
   *   fetchChunk: (segment: string, seq: number) => Promise<Uint8Array | null>}} options
   */
  constructor({ video, fetchChunk }) {
    super();
    this.#video = video;
    this.#fetchChunk = fetchChunk;
  }

  /** When what is shown happened, in epoch milliseconds; null before the first picture. */
  get shownMs() {
    const { readyState, currentTime } = this.#video;
    if (!this.#run?.joined || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    return this.#run.startedMs + currentTime * 1000;
  }

  /** Take what the server holds now. @param {any} line one of the live reply's streams */
  offer(line) {
    if (line.state !== "live") {
      this.disconnect();
      return;
    }
    this.#line = line;
    if (line.segment !== this.#run?.segment) this.#open(line);
    void this.#pump();
  }

  disconnect() {
    if (!this.#run) return;
    URL.revokeObjectURL(this.#run.url);
    this.#run = null;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #open({ segment, mime, started_ms: startedMs }) {
    this.disconnect();
    if (!globalThis.MediaSource?.isTypeSupported(mime)) {
      fire(this, "unsupported", { mime });
      return;
    }
    const source = new MediaSource();
    const url = URL.createObjectURL(source);
    const run = { segment, mime, startedMs, source, url, buffer: null, next: -1, joined: false };
    this.#run = run;
    this.#video.src = url;
    source.addEventListener("sourceopen", () => {
      if (this.#run !== run || run.buffer) return;
      /** @type {any} */ (run).buffer = source.addSourceBuffer(mime);
      void this.#pump();
    });
  }

  /** One piece after the other until nothing newer is held. */
  async #pump() {
    const run = this.#run;
    if (this.#busy || !run?.buffer) return;
    this.#busy = true;
    try {
      while (run === this.#run && run.next <= this.#line.newest) await this.#step(run);
    } catch (problem) {
      // The next reply tries again; a broken buffer begins anew.
      if (run === this.#run && run.source.readyState !== "open") this.disconnect();
      fire(this, "trouble", { problem });
    } finally {
      this.#busy = false;
    }
  }

  async #step(run) {
    if (run.next < 0) return this.#begin(run);
    if (this.#line.newest - run.next > FAR_BEHIND) this.#rejoin(run);
    const bytes = await this.#fetchChunk(run.segment, run.next);
    if (run !== this.#run) return undefined;
    const from = bytes && !run.joined ? firstFragment(bytes, run.mime) : 0;
    if (bytes === null) this.#lose(run);
    else if (from >= 0) {
      await this.#append(run, bytes.subarray(from));
      run.joined = true;
    }
    run.next += 1;
    return this.#keepUp(run);
  }

  /** The header first: all that precedes the first fragment. */
  async #begin(run) {
    const bytes = await this.#fetchChunk(run.segment, this.#line.init);
    if (run !== this.#run) return;
    if (bytes === null) throw new Error("no header");
    const end = firstFragment(bytes, run.mime);
    await this.#append(run, end < 0 ? bytes : bytes.subarray(0, end));
    // Where the header fills the whole chunk, the fragments begin in the next one.
    run.next = Math.max(end < 0 ? 1 : 0, this.#line.newest - JOIN_BACK);
  }

  /** Give up what is in between, and begin at a recent fragment again. */
  #rejoin(run) {
    this.#lose(run);
    run.next = this.#line.newest - JOIN_BACK;
  }

  #lose(run) {
    if (run.joined) run.buffer.abort();
    run.joined = false;
  }

  async #keepUp(run) {
    const { buffered, currentTime } = this.#video;
    if (run !== this.#run || !buffered.length) return;
    const newest = buffered.length - 1;
    const span = { start: buffered.start(newest), end: buffered.end(newest), now: currentTime };
    const to = jumpTo(span);
    if (to !== null) this.#video.currentTime = to;
    this.#video.playbackRate = rateFor({ end: span.end, now: to ?? currentTime });
    if (this.#video.paused) void this.#video.play().catch(() => undefined);
    const keepFrom = span.end - KEEP_S;
    if (buffered.start(0) < keepFrom - SPARE_S) {
      await this.#change(run, () => run.buffer.remove(0, keepFrom));
    }
  }

  #append(run, /** @type {Uint8Array} */ bytes) {
    return this.#change(run, () => run.buffer.appendBuffer(bytes));
  }

  /** Resolves when the buffer has taken the change in. */
  #change(run, /** @type {() => void} */ change) {
    return new Promise((resolve, reject) => {
      const done = (/** @type {Event} */ event) => {
        for (const name of ["updateend", "error", "abort"]) {
          run.buffer.removeEventListener(name, done);
        }
        if (event.type === "updateend") resolve(undefined);
        else reject(new Error(event.type));
      };
      for (const name of ["updateend", "error", "abort"]) run.buffer.addEventListener(name, done);
      try {
        change();
      } catch (problem) {
        for (const name of ["updateend", "error", "abort"]) {
          run.buffer.removeEventListener(name, done);
        }
        reject(problem);
      }
    });
  }
}
