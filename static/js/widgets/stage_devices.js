// Device preparation: every check says its state and how to mend it.

import { headphonesAmong } from "../models/headphones.js";
import { DeviceChecks } from "./device_checks.js";
import { DevicePanel } from "./device_panel.js";
import { fill, find, isOpen, setCheck, setOpen } from "./dom.js";

const NEEDED = /** @type {const} */ (["browser", "computer", "camera", "microphone", "screen", "displays", "storage", "clock"]);

export class StageDevices {
  #section;
  #desk;
  #checks;
  #panel;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#checks = new DeviceChecks({ root: section, desk });
    this.#panel = new DevicePanel({ root: section, media: desk.media });
    this.#panel.addEventListener("level", (event) => {
      this.#checks.microphone(/** @type {CustomEvent} */ (event).detail.word);
      this.#judge();
    });
    this.#panel.addEventListener("problem", () => this.#recheck());
    this.#panel.addEventListener("listed", (event) => this.#caution(/** @type {CustomEvent} */ (event).detail));
    this.#on("recheck", () => this.#recheck());
    this.#on("check-screen", () => this.#testScreen());
    this.#on("next", () => this.#next());
    for (const picker of section.querySelectorAll('[data-picker="microphone"]')) {
      picker.addEventListener("change", () => this.#checks.forgetMicrophone());
    }
    for (const box of section.querySelectorAll("[data-confirm]")) {
      box.addEventListener("change", () => this.#judge());
    }
  }

  open() {
    this.#panel.connect();
    void this.#recheck();
  }

  close() {
    this.#panel.disconnect();
  }

  update() {
    this.#checks.computer();
    this.#checks.network();
    this.#judge();
  }

  async #recheck() {
    this.#checks.browser();
    this.#checks.computer();
    this.#checks.displays();
    this.#checks.network();
    await Promise.all([this.#checks.camera(), this.#checks.storage()]);
    this.#judge();
  }

  async #testScreen() {
    await this.#checks.screen();
    this.#judge();
  }

  /** R37: a name like that of headphones is a reason to look, and no more. */
  #caution(/** @type {any} */ { microphones, speakers }) {
    const note = /** @type {HTMLElement | null} */ (this.#section.querySelector("[data-headphones-seen]"));
    if (!note) return;
    const seen = headphonesAmong([...microphones, ...speakers]);
    note.hidden = !seen.length;
    fill(note, "headphones", this.#desk.words.say("check.headphones.seen", { labels: seen.join(", ") }));
  }

  #judge() {
    const boxes = [...this.#section.querySelectorAll("[data-confirm]")];
    const open = boxes.filter((box) => !(/** @type {HTMLInputElement} */ (box).checked)).length;
    setCheck(this.#section, "confirm", {
      tone: open ? "idle" : "ok",
      state: this.#desk.words.say(open ? "state.confirm" : "state.confirmed"),
    });
    const missing = NEEDED.filter((name) => !this.#checks.passed[name]).length;
    const why = this.#desk.words.say("why.devices", { checks: missing, boxes: open });
    setOpen(find(this.#section, '[data-action="next"]'), missing || open ? why : null);
  }

  async #next() {
    if (!isOpen(find(this.#section, '[data-action="next"]'))) return;
    const { media } = this.#desk;
    // Where they are forbidden it is one of the boxes, and each of those is ticked here.
    const without = this.#section.querySelector('[data-confirm="headphones"]') !== null;
    const body = { camera: media.label("video"), microphone: media.label("audio"), without_headphones: without };
    const isDone = this.#desk.views.natural !== "devices";
    if (isDone) this.#desk.views.open(this.#desk.views.natural);
    else await this.#desk.act("stages/devices", body);
  }

  #on(/** @type {string} */ action, /** @type {() => unknown} */ handler) {
    find(this.#section, `[data-action="${action}"]`).addEventListener("click", () => void handler());
  }
}
