// @ts-check
import { fire } from "../helpers/events.js";
import { firstFragment, jumpTo, rateFor } from "./live_media.js";

// A recorder that is short of time makes a key frame every ten seconds instead of two.
const JOIN_BACK = 12;
const FAR_BEHIND = 16;
const HEADER_CHUNKS = 4;
const STUCK_AFTER = 10;
const KEEP_S = 15;
const SPARE_S = 5;

/**
 * Chunks in a row from `first` on, and the number of the last one that came along; null
 * where the first is not held.
 * @typedef {(segment: string, first: number, last: number) =>
 *   Promise<{last: number, bytes: Uint8Array} | null>} FetchChunks
 */

/**
 * Plays one stream a few seconds behind the camera, from its stored chunks.
 *
 * The header comes from chunk 0; playing begins at a fragment found in a recent chunk.
 * Whatever came meanwhile is asked for at once, so that a slow server is asked less often.
 * What is old is dropped, and where the picture falls behind it jumps. Where it stands
 * still while ten newer chunks come, all begins anew.
 */
export class LivePlayer extends EventTarget {
  #video;
  #fetchChunks;
  /** @type {any} the newest line of the live reply */
  #line = null;
  /** @type {any} the segment being played */
  #run = null;

  /** @param {{video: HTMLVideoElement, fetchChunks: FetchChunks}} options */
  constructor({ video, fetchChunks }) {
    super();
    this.#video = video;
    this.#fetchChunks = fetchChunks;
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
    if (line.segment !== this.#run?.segment || this.#isStuck(line)) this.#open(line);
    void this.#pump();
  }

  /** @param {any} line */
  #isStuck({ newest }) {
    const [run, shownMs] = [this.#run, this.shownMs];
    if (run.shownMs === shownMs) return newest - run.newestThen > STUCK_AFTER;
    Object.assign(run, { shownMs, newestThen: newest });
    return false;
  }

  disconnect() {
    if (!this.#run) return;
    URL.revokeObjectURL(this.#run.url);
    this.#run = null;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #open({ segment, mime, started_ms: startedMs, newest }) {
    this.disconnect();
    if (!globalThis.MediaSource?.isTypeSupported(mime)) {
      fire(this, "unsupported", { mime });
      return;
    }
    const source = new MediaSource();
    const url = URL.createObjectURL(source);
    const run = { segment, mime, startedMs, source, url, buffer: null, next: -1, joined: false };
    this.#run = Object.assign(run, { busy: false, shownMs: null, newestThen: newest });
    this.#video.src = url;
    source.addEventListener("sourceopen", () => {
      if (this.#run !== run || run.buffer) return;
      /** @type {any} */ (run).buffer = source.addSourceBuffer(mime);
      void this.#pump();
    });
  }

  /** All that is held, until nothing newer is. */
  async #pump() {
    const run = this.#run;
    if (!run?.buffer || run.busy) return;
    run.busy = true;
    try {
      while (run === this.#run && run.next <= this.#line.newest) await this.#step(run);
    } catch (problem) {
      // The next reply tries again; a broken buffer begins anew, and forgets its reason.
      const reason = this.#video.error?.message ?? String(problem);
      if (run === this.#run && run.source.readyState !== "open") this.disconnect();
      fire(this, "trouble", { problem, reason: `${reason} (${run.mime}, ${run.next})` });
    } finally {
      run.busy = false;
    }
  }

  async #step(run) {
    if (run.next < 0) return this.#begin(run);
    if (this.#line.newest - run.next > FAR_BEHIND) this.#rejoin(run);
    const reply = await this.#fetchChunks(run.segment, run.next, this.#line.newest);
    if (run !== this.#run) return undefined;
    if (reply === null) this.#lose(run);
    else await this.#join(run, reply.bytes);
    run.next = (reply?.last ?? run.next) + 1;
    return this.#keepUp(run);
  }

  /** What begins in the middle is passed over up to its first fragment. */
  async #join(run, /** @type {Uint8Array} */ bytes) {
    const from = run.joined ? 0 : firstFragment(bytes, run.mime);
    if (from < 0) return;
    await this.#append(run, bytes.subarray(from));
    run.joined = true;
  }

  /** The header first: all that precedes the first fragment. */
  async #begin(run) {
    const { init, newest } = this.#line;
    // A recorder that is slow to begin cuts its header into several chunks.
    const reply = await this.#fetchChunks(run.segment, init, Math.min(newest, init + HEADER_CHUNKS));
    if (run !== this.#run) return;
    const bytes = reply?.bytes ?? new Uint8Array();
    const end = firstFragment(bytes, run.mime);
    if (end < 0) throw new Error("no header yet");
    await this.#append(run, bytes.subarray(0, end));
    run.next = Math.max(0, this.#line.newest - JOIN_BACK);
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
    const { buffered, currentTime, seeking } = this.#video;
    if (run !== this.#run || !buffered.length) return;
    const newest = buffered.length - 1;
    const span = { start: buffered.start(newest), end: buffered.end(newest), now: currentTime };
    // On a slow computer a jump takes its time; another one meanwhile would show nothing.
    const to = seeking ? null : jumpTo(span);
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
