// The phone's camera and its recorder: one stream, a new segment for every beginning.

import { fire } from "../helpers/events.js";
import { openPhoneCamera, stopStream } from "../models/devices.js";
import { StreamRecorder } from "../models/recorder.js";

const MEND_MS = 2000;

export class PhoneCamera extends EventTarget {
  #store;
  #clock;
  #client;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {StreamRecorder | null} */
  #recorder = null;
  /** @type {"" | "pan" | "film"} what is being shot, also while the camera is lost */
  #shot = "";
  #startedAt = 0;
  #hiddenAt = 0;
  #timer = 0;
  #mending = false;

  /** @param {{store: any, clock: any, client: any}} options */
  constructor({ store, clock, client }) {
    super();
    this.#store = store;
    this.#clock = clock;
    this.#client = client;
  }

  get shot() {
    return this.#shot;
  }

  get stream() {
    return this.#stream;
  }

  get recording() {
    return this.#recorder?.state === "recording";
  }

  /** Milliseconds since the shot began, also over an interruption. */
  get elapsedMs() {
    return this.#shot ? performance.now() - this.#startedAt : 0;
  }

  get heads() {
    return { companion: this.#recorder?.head ?? null };
  }

  /** Open the camera and record; throws DeviceProblem. */
  async begin(/** @type {"pan" | "film"} */ shot, /** @type {string} */ reason) {
    await this.#recorder?.stop();
    if (!this.#isLive()) this.#take(await openPhoneCamera());
    this.#shot = shot;
    this.#startedAt = performance.now();
    this.#record(reason);
    document.addEventListener("visibilitychange", this.#seen);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#mend(), MEND_MS);
  }

  /** Resolves when the last slice is stored and the camera is off. */
  async stop() {
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#seen);
    this.#shot = "";
    await this.#recorder?.stop();
    stopStream(this.#stream);
    this.#stream = null;
    fire(this, "changed", {});
  }

  #isLive() {
    const tracks = this.#stream?.getVideoTracks() ?? [];
    return tracks.length > 0 && tracks.every((track) => track.readyState === "live");
  }

  #take(/** @type {MediaStream} */ stream) {
    stopStream(this.#stream);
    this.#stream = stream;
    fire(this, "stream", { stream });
  }

  #record(/** @type {string} */ reason) {
    const { recording, session } = this.#client.state;
    const mediaStream = /** @type {MediaStream} */ (this.#stream);
    this.#recorder = new StreamRecorder({
      stream: "companion",
      recording: recording.code,
      store: this.#store,
      mediaStream,
      sliceMs: session.slice_ms,
      clock: this.#clock,
      device: mediaStream.getVideoTracks()[0]?.label ?? "",
    });
    this.#recorder.addEventListener("ended", () => fire(this, "changed", {}));
    this.#recorder.addEventListener("strain", () => fire(this, "strain", {}));
    this.#recorder.start(reason);
    fire(this, "changed", {});
  }

  /** A call or another app took the camera: back as soon as it is free, a segment anew. */
  async #mend() {
    if (!this.#shot || this.#mending || document.hidden) return;
    if (this.recording && this.#isLive()) return;
    this.#mending = true;
    try {
      await this.#recorder?.stop();
      if (!this.#isLive()) this.#take(await openPhoneCamera());
      this.#record("return");
    } catch {
      fire(this, "changed", {});
    } finally {
      this.#mending = false;
    }
  }

  /** A hidden page may be frozen at any moment: what is captured is stored first. */
  #seen = () => {
    if (document.hidden) {
      this.#hiddenAt = this.#clock.now();
      this.#recorder?.flush();
      return;
    }
    if (this.#hiddenAt) {
      const seconds = Math.round((this.#clock.now() - this.#hiddenAt) / 1000);
      fire(this, "left", { from: this.#hiddenAt, seconds });
    }
    this.#hiddenAt = 0;
    void this.#mend();
  };
}
