// How this page is, for those who watch over the examination: told with every heartbeat.

const STORAGE_MS = 30_000;
const MEGABYTE = 2 ** 20;
const STREAMS = ["camera", "screen"];

export class PagePresence {
  #desk;
  #backlog = { chunks: 0, bytes: 0 };
  /** @type {number | null} */
  #freeMegabytes = null;
  #timer = 0;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
  }

  connect() {
    this.#desk.uploader.addEventListener("progress", this.#progress);
    this.#timer = setInterval(() => void this.#measure(), STORAGE_MS);
    void this.#measure();
  }

  disconnect() {
    this.#desk.uploader.removeEventListener("progress", this.#progress);
    clearInterval(this.#timer);
  }

  /** Exactly the keys that the portal expects; what is not known is null. */
  get facts() {
    const { state, recordings, client } = this.#desk;
    return {
      stage: state?.stage ?? null,
      phase: state?.phase ?? null,
      backlog_chunks: this.#backlog.chunks,
      backlog_bytes: this.#backlog.bytes,
      online: navigator.onLine && !client.offline,
      visible: !document.hidden,
      focused: document.hasFocus(),
      level: this.#level(),
      storage_free_mb: this.#freeMegabytes,
      recording: STREAMS.filter((stream) => recordings.of(stream) === "recording"),
    };
  }

  #progress = (/** @type {any} */ event) => {
    const { pending, pendingBytes } = event.detail;
    this.#backlog = { chunks: pending, bytes: Math.max(0, pendingBytes) };
  };

  /** What the shown meter says; without one nothing is known. */
  #level() {
    const meter = [...this.#desk.root.querySelectorAll("[data-meter]")].find(
      (element) => element.getClientRects().length > 0,
    );
    return meter ? Number(meter.getAttribute("aria-valuenow")) : null;
  }

  async #measure() {
    try {
      const { quota, usage } = await navigator.storage.estimate();
      if (quota === undefined || usage === undefined) return;
      this.#freeMegabytes = Math.max(0, Math.floor((quota - usage) / MEGABYTE));
    } catch {
      this.#freeMegabytes = null;
    }
  }
}
