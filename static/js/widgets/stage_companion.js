// The stage of the phone: pair it, turn around the room, place it, confirm (R44–R47).

import { fill, find, isOpen, setCheck, setOpen } from "./dom.js";
import { PairingPanel } from "./pairing_panel.js";

const LOOK_MS = 2500;

export class StageCompanion {
  #section;
  #desk;
  #panel;
  #timer = 0;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#panel = new PairingPanel({ root: find(section, "[data-pairing]"), desk });
    const next = find(section, '[data-action="next"]');
    next.addEventListener("click", () => void this.#next(next));
    section.addEventListener("change", () => this.update());
  }

  open() {
    this.#panel.open();
    // Here the phone's picture is looked at: newer than the page's own rhythm gives.
    const { client } = this.#desk;
    this.#timer = setInterval(() => void client.refresh().catch(() => undefined), LOOK_MS);
    this.update();
  }

  close() {
    clearInterval(this.#timer);
    this.#panel.close();
  }

  update() {
    const phone = this.#desk.state?.companion;
    if (!phone) return;
    void this.#panel.update();
    const { words } = this.#desk;
    const filming = phone.state === "filming";
    const tone = filming ? "ok" : "idle";
    const what = words.say(filming ? "placed.pan.done" : "placed.pan.todo");
    setCheck(this.#section, "pan", { tone, what: filming ? "" : what, state: filming ? what : "" });
    const boxes = this.#boxes();
    const done = boxes.filter((box) => box.checked).length;
    for (const box of boxes) {
      /** @type {HTMLElement} */ (box.closest("[data-placed]")).dataset.tone = box.checked ? "ok" : "idle";
    }
    const all = { done: done + Number(filming), total: boxes.length + 1 };
    fill(this.#section, "placed", words.say("placed.count", all));
    const missing = words.say("why.placed", { count: boxes.length - done });
    const why = filming ? (done < boxes.length ? missing : null) : words.say("why.phone");
    setOpen(find(this.#section, '[data-action="next"]'), why);
  }

  #boxes() {
    return /** @type {HTMLInputElement[]} */ ([
      ...this.#section.querySelectorAll('[data-action="placed"]'),
    ]);
  }

  async #next(/** @type {HTMLElement} */ button) {
    if (!isOpen(button)) return;
    const { views } = this.#desk;
    if (views.natural !== "companion") return views.open(views.natural);
    await this.#desk.act("stages/companion", { confirmed: true });
  }
}
