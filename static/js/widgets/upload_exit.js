// The way home from the upload page: open, or behind a confirmation that is recorded (R72).

import { find } from "./dom.js";

export class UploadExit {
  #section;
  #desk;
  /** @type {HTMLDialogElement} */
  #dialog;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#dialog = /** @type {HTMLDialogElement} */ (find(desk.root, '[data-dialog="leave"]'));
    find(section, '[data-action="leave"]').addEventListener("click", () => this.#dialog.showModal());
    find(this.#dialog, '[data-action="leave-cancel"]').addEventListener("click", () => this.#dialog.close());
    find(this.#dialog, '[data-action="leave-confirm"]').addEventListener("click", () => void this.#leave());
  }

  draw() {
    const locked = Boolean(this.#desk.state?.home_locked);
    for (const element of this.#section.querySelectorAll("[data-home-state]")) {
      /** @type {HTMLElement} */ (element).hidden = (element.getAttribute("data-home-state") === "locked") !== locked;
    }
  }

  /** The files are saved: whoever can hand them in need not wait here. */
  async saved() {
    if (this.#desk.state.home_locked) await this.#desk.act("upload-leave", { how: "saved" });
    this.draw();
  }

  async #leave() {
    this.#dialog.close();
    if (await this.#desk.act("upload-leave", { how: "confirmed" })) location.assign(this.#desk.root.dataset.home ?? "/");
  }
}
