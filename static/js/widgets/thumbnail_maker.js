// A small still of every recorded stream for the proctor's grid. Its failures are nobody's.

const EVERY_MS = 3000;
const PATIENCE_MS = 6000;
const WIDTH = 320;
const HEIGHT = 240;
const QUALITY = 0.6;
const MAX_BYTES = 64 * 1024;
const STREAMS = /** @type {const} */ (["camera", "screen"]);

/** @typedef {"camera" | "screen"} Stream */

export class ThumbnailMaker {
  #desk;
  #endpoint;
  #timer = 0;
  #busy = false;
  /** @type {Map<Stream, HTMLVideoElement>} */
  #videos = new Map();

  /** @param {{desk: any, endpoint?: string}} options */
  constructor({ desk, endpoint = "/api/v1/attempts/me/thumbnails/" }) {
    this.#desk = desk;
    this.#endpoint = endpoint;
  }

  connect() {
    this.#timer = setInterval(() => void this.#turn(), EVERY_MS);
  }

  disconnect() {
    clearInterval(this.#timer);
    for (const stream of STREAMS) this.#forget(stream);
  }

  /** One turn at a time; a slow network makes fewer pictures, never a queue of them. */
  async #turn() {
    const { recordings, client } = this.#desk;
    if (this.#busy || document.hidden || !navigator.onLine || client.offline) return;
    this.#busy = true;
    try {
      for (const stream of STREAMS) {
        if (recordings.of(stream) === "recording") await this.#send(stream);
        else this.#forget(stream);
      }
    } catch {
      // The recording is what counts; the next turn tries again.
    } finally {
      this.#busy = false;
    }
  }

  async #send(/** @type {Stream} */ stream) {
    const picture = await this.#draw(stream);
    if (!picture || picture.size > MAX_BYTES) return;
    await fetch(this.#endpoint + stream, {
      method: "PUT",
      body: picture,
      headers: { "Content-Type": "image/jpeg", "Kaowu-Client": "1" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }

  /** The whole picture, with bars where its shape is another. @returns {Promise<Blob | null>} */
  async #draw(/** @type {Stream} */ stream) {
    const video = this.#video(stream);
    if (!video?.videoWidth) return null;
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const scale = Math.min(WIDTH / video.videoWidth, HEIGHT / video.videoHeight);
    const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
    canvas
      .getContext("2d")
      ?.drawImage(video, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
    return new Promise((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
  }

  #video(/** @type {Stream} */ stream) {
    const mediaStream = stream === "camera" ? this.#desk.media.camera : this.#desk.media.screen;
    if (!mediaStream) return null;
    const known = this.#videos.get(stream);
    if (known?.srcObject === mediaStream) return known;
    this.#forget(stream);
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = mediaStream;
    // The first picture comes with a later turn.
    void video.play().catch(() => undefined);
    this.#videos.set(stream, video);
    return video;
  }

  #forget(/** @type {Stream} */ stream) {
    const video = this.#videos.get(stream);
    if (video) video.srcObject = null;
    this.#videos.delete(stream);
  }
}
