// The page's one camera stream and one screen share, whoever shows or records them.

import { fire } from "../helpers/events.js";
import { openCamera, openScreen, stopStream, listDevices, DeviceWatch } from "../models/devices.js";

const CHOICE_KEY = "kaowu-devices";

/** Return the words of a failed device call, as a code of DeviceProblem. */
export function codeOf(/** @type {any} */ problem) {
  return typeof problem?.code === "string" ? problem.code : "failed";
}

export class MediaDesk extends EventTarget {
  /** @type {MediaStream | null} */
  #camera = null;
  /** @type {MediaStream | null} */
  #screen = null;
  /** @type {Promise<MediaStream> | null} */
  #opening = null;
  /** @type {{videoId?: string, audioId?: string}} */
  #choice = {};
  #watch = new DeviceWatch();
  problem = "";

  get camera() {
    return this.#camera;
  }

  get screen() {
    return this.#screen;
  }

  get choice() {
    return this.#choice;
  }

  connect() {
    try {
      this.#choice = JSON.parse(localStorage.getItem(CHOICE_KEY) ?? "{}");
    } catch {
      this.#choice = {};
    }
    this.#watch.connect();
    this.#watch.addEventListener("changed", this.#changed);
  }

  disconnect() {
    this.#watch.removeEventListener("changed", this.#changed);
    this.#watch.disconnect();
    this.release();
  }

  /** The label of the open camera or microphone, for people and for the segment header. */
  label(/** @type {"video" | "audio"} */ kind) {
    const tracks = kind === "video" ? this.#camera?.getVideoTracks() : this.#camera?.getAudioTracks();
    return tracks?.[0]?.label ?? "";
  }

  /** Open camera and microphone once; a chosen device that is gone gives way to any. */
  async openCamera() {
    if (this.#camera && this.#camera.getTracks().every((track) => track.readyState === "live")) {
      return this.#camera;
    }
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Change the camera or the microphone. */
  async choose(/** @type {{videoId?: string, audioId?: string}} */ choice) {
    this.#choice = { ...this.#choice, ...choice };
    localStorage.setItem(CHOICE_KEY, JSON.stringify(this.#choice));
    this.closeCamera();
    return this.openCamera();
  }

  /** Ask for the whole screen; needs a click. Throws DeviceProblem. */
  async shareScreen() {
    const stream = await openScreen({ policy: "monitor" });
    this.closeScreen();
    this.#screen = stream;
    for (const track of stream.getVideoTracks()) {
      track.addEventListener("ended", () => {
        if (this.#screen !== stream) return;
        this.#screen = null;
        fire(this, "screen", { stream: null });
      });
    }
    fire(this, "screen", { stream });
    return stream;
  }

  devices() {
    return listDevices();
  }

  closeCamera() {
    if (this.#camera) stopStream(this.#camera);
    this.#camera = null;
  }

  closeScreen() {
    if (this.#screen) stopStream(this.#screen);
    this.#screen = null;
  }

  release() {
    this.closeCamera();
    this.closeScreen();
    fire(this, "camera", { stream: null });
  }

  async #open() {
    try {
      const stream = await this.#openChosen();
      this.#camera = stream;
      this.problem = "";
      for (const track of stream.getTracks()) {
        track.addEventListener("ended", () => this.#lost(stream));
      }
      fire(this, "camera", { stream });
      return stream;
    } catch (problem) {
      this.problem = codeOf(problem);
      fire(this, "camera", { stream: null, code: this.problem });
      throw problem;
    }
  }

  async #openChosen() {
    try {
      return await openCamera(this.#choice);
    } catch (problem) {
      const chosen = this.#choice.videoId || this.#choice.audioId;
      if (!chosen || codeOf(problem) === "denied") throw problem;
      return openCamera({});
    }
  }

  #lost(/** @type {MediaStream} */ stream) {
    if (this.#camera !== stream) return;
    this.closeCamera();
    this.problem = "missing";
    fire(this, "camera", { stream: null, code: "missing" });
  }

  #changed = () => fire(this, "devices", {});
}
