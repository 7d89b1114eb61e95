// A code for the phone, the comparison of four digits, and a new code when time is up.

import { fill, find, setText } from "./dom.js";

const LIVE = new Set(["bound", "filming"]);

export class PairingPanel {
  #root;
  #desk;
  /** @type {{code: string, digits: string, door: string, svg: string, expires_ms: number} | null} */
  #shown = null;
  #isOpen = false;
  #wanted = false;
  #busy = false;

  /** @param {{root: HTMLElement, desk: any}} options root: [data-pairing] */
  constructor({ root, desk }) {
    this.#root = root;
    this.#desk = desk;
    this.#on("new-code", () => this.#renew());
    this.#on("another", () => this.#renew());
    this.#on("match", () => this.#answer(true));
    this.#on("differ", () => this.#answer(false));
    this.#on("magnify", () => this.#magnify());
  }

  /** Show a code where no phone is bound; with `anew` also where one is. */
  open({ anew = false } = {}) {
    if (!this.#isOpen) this.#desk.addEventListener("tick", this.#tick);
    this.#isOpen = true;
    this.#wanted = anew;
    void this.update();
  }

  close() {
    this.#isOpen = false;
    this.#wanted = false;
    this.#desk.removeEventListener("tick", this.#tick);
  }

  async update() {
    const phone = this.#desk.state?.companion;
    if (!phone || !this.#isOpen) return;
    const { offer } = phone;
    const isLive = LIVE.has(phone.state);
    const part = offer?.state === "opened" ? "compare" : isLive && !this.#wanted && !offer ? "bound" : "code";
    for (const element of this.#root.querySelectorAll("[data-pairing-part]")) {
      /** @type {HTMLElement} */ (element).hidden = element.getAttribute("data-pairing-part") !== part;
    }
    this.#root.dataset.part = part;
    const { words, times } = this.#desk;
    if (part === "bound") {
      fill(this.#root, "pairing-bound", words.say("pairing.bound", { at: times.clock(phone.bound_ms) }));
      this.#shown = null;
    }
    if (part === "compare") {
      fill(this.#root, "pairing-check", offer.cross_check.replace(/^(..)/, "$1 "));
      fill(this.#root, "pairing-device", offer.device);
      this.#shown = null;
      this.#wanted = false;
    }
    if (part === "code") await this.#ensure(offer);
  }

  /** The code that is valid at the server; one is made where there is none. */
  async #ensure(/** @type {any} */ offer) {
    if (this.#busy || !this.#desk.state.may.pair.open) return;
    if (offer && this.#shown?.code === offer.code) return;
    this.#busy = true;
    try {
      const { client } = this.#desk;
      this.#draw(offer ? await client.get("companion") : await client.act("companion"));
    } catch (problem) {
      if (/** @type {any} */ (problem).code !== "not_found") this.#desk.tell(problem);
    } finally {
      this.#busy = false;
    }
  }

  async #renew() {
    this.#wanted = true;
    const made = await this.#desk.act("companion");
    if (made) this.#draw(made);
    await this.update();
  }

  async #answer(/** @type {boolean} */ match) {
    const { offer } = this.#desk.state.companion;
    if (offer) await this.#desk.act("companion/match", { code: offer.code, match });
    await this.update();
  }

  #draw(/** @type {any} */ made) {
    this.#shown = made;
    const picture = /** @type {HTMLImageElement} */ (find(this.#root, "[data-qr]"));
    picture.src = pictureOf(made.svg);
    picture.hidden = false;
    picture.dataset.link = made.link;
    fill(this.#root, "pairing-door", made.door.replace(/^https?:\/\//, ""));
    const digits = find(this.#root, "[data-pairing-digits]");
    const [first, second] = digits.children;
    setText(first, made.digits.slice(0, 3));
    setText(second, made.digits.slice(3));
    this.#tick();
  }

  #magnify() {
    if (!this.#shown) return;
    const dialog = /** @type {HTMLDialogElement} */ (find(this.#desk.root, '[data-dialog="qr"]'));
    const large = /** @type {HTMLImageElement} */ (find(dialog, "[data-qr-large]"));
    large.src = pictureOf(this.#shown.svg);
    find(dialog, '[data-action="qr-close"]').onclick = () => dialog.close();
    dialog.showModal();
  }

  #tick = () => {
    const { words, times } = this.#desk;
    if (this.#root.dataset.part !== "code") return;
    const left = this.#shown ? this.#shown.expires_ms - this.#desk.now() : 0;
    const key = left > 0 ? "pairing.left" : "pairing.loading";
    fill(this.#root, "pairing-left", words.say(key, { left: times.span(left) }));
    if (left > 0 || !this.#shown || document.hidden) return;
    // Out of time: the old one opens nothing any more, so another takes its place.
    this.#shown = null;
    void this.#renew();
  };

  #on(/** @type {string} */ action, /** @type {() => unknown} */ handler) {
    find(this.#root, `[data-action="${action}"]`).addEventListener("click", () => void handler());
  }
}

/** An SVG text as the source of a picture. @param {string} svg */
export function pictureOf(svg) {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
