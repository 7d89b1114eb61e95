// @ts-check
import { fire } from "../helpers/events.js";

const STALL_MS = 3000;

/** The candidate's own picture; says when frames stop coming. */
export class CameraPreview extends EventTarget {
  #video;
  #mediaStream;
  #timer;
  #lastTime = -1;
  #stalled = false;

  /** @param {{element: HTMLVideoElement, mediaStream: MediaStream}} options */
  constructor({ element, mediaStream }) {
    super();
    this.#video = element;
    this.#mediaStream = mediaStream;
  }

  connect() {
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = this.#mediaStream;
    this.#video.addEventListener("playing", this.#onPlaying);
    this.#timer = setInterval(() => this.#watch(), STALL_MS);
    // Refused without a gesture on some phones; "stalled" then says so.
    this.#video.play().catch(() => undefined);
  }

  disconnect() {
    clearInterval(this.#timer);
    this.#video.removeEventListener("playing", this.#onPlaying);
    this.#video.srcObject = null;
  }

  /** A still as JPEG. @returns {Promise<Blob>} */
  async snapshot({ width = 640, quality = 0.85 } = {}) {
    const { videoWidth, videoHeight } = this.#video;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = Math.round((width * videoHeight) / videoWidth);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(this.#video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve, reject) => {
      const done = (blob) => (blob ? resolve(blob) : reject(new Error("no picture")));
      canvas.toBlob(done, "image/jpeg", quality);
    });
  }

  #onPlaying = () => {
    const { videoWidth: width, videoHeight: height } = this.#video;
    fire(this, "playing", { width, height });
  };

  #watch() {
    const stalled = this.#video.currentTime === this.#lastTime;
    this.#lastTime = this.#video.currentTime;
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    if (stalled) fire(this, "stalled", {});
    else this.#onPlaying();
  }
}
