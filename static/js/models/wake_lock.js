// @ts-check
import { fire } from "../helpers/events.js";

/** Keeps the screen on; browsers drop the lock of a hidden page, so it is asked again. */
export class WakeLock extends EventTarget {
  /** @type {any} */
  #lock = null;
  #connected = false;

  get held() {
    return this.#lock !== null;
  }

  async connect() {
    this.#connected = true;
    document.addEventListener("visibilitychange", this.#onVisible);
    await this.#ask();
  }

  async disconnect() {
    this.#connected = false;
    document.removeEventListener("visibilitychange", this.#onVisible);
    await this.#lock?.release();
  }

  #onVisible = () => void this.#ask();

  async #ask() {
    if (!this.#connected || this.#lock || document.visibilityState !== "visible") return;
    const lock = await /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
    if (!lock) {
      fire(this, "change", { held: false });
      return;
    }
    this.#lock = lock;
    lock.addEventListener("release", () => {
      this.#lock = null;
      fire(this, "change", { held: false });
    });
    fire(this, "change", { held: true });
  }
}
