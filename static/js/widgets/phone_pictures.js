// A small picture of the phone every three seconds, for the computer and for staff.

const EVERY_MS = 3000;
const WIDTH = 320;
const QUALITY = 0.6;

export class PhonePictures {
  #video;
  #wanted;
  #timer = 0;
  #busy = false;

  /** @param {{video: HTMLVideoElement, wanted: () => boolean}} options */
  constructor({ video, wanted }) {
    this.#video = video;
    this.#wanted = wanted;
  }

  connect() {
    this.#timer = setInterval(() => void this.#send(), EVERY_MS);
  }

  disconnect() {
    clearInterval(this.#timer);
  }

  async #send() {
    if (this.#busy || !this.#wanted() || this.#video.readyState < 2) return;
    this.#busy = true;
    try {
      const body = await this.#picture();
      const headers = { "Content-Type": "image/jpeg", "Kaowu-Client": "1" };
      if (body) await fetch("/phone/api/thumbnail", { method: "PUT", headers, body });
    } catch {
      // The next one comes in three seconds; this one is not missed.
    } finally {
      this.#busy = false;
    }
  }

  /** @returns {Promise<Blob | null>} */
  #picture() {
    const { videoWidth, videoHeight } = this.#video;
    const canvas = document.createElement("canvas");
    const scale = WIDTH / Math.max(videoWidth, videoHeight);
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    canvas.getContext("2d")?.drawImage(this.#video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
  }
}
