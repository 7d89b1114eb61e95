// What is confirmed after Enter: devices, information, paper. None of it delays the start.

import { DevicePanel } from "./device_panel.js";
import { fill, find, isOpen, setCheck, setOpen } from "./dom.js";
import { padNumber } from "./exam_words.js";
import { codeOf } from "./media_desk.js";

export class StageDeviceConfirmation {
  #section;
  #desk;
  #panel;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    const choose = (/** @type {any} */ choice) => desk.recordings.choose(choice);
    this.#panel = new DevicePanel({ root: section, media: desk.media, choose });
    this.#panel.addEventListener("problem", () => this.update());
    find(section, '[data-action="share-screen"]').addEventListener("click", () => void this.#share());
    find(section, '[data-action="confirm"]').addEventListener("click", () => void this.#confirm());
  }

  open() {
    this.#panel.connect();
    this.#desk.recordings.addEventListener("changed", this.#changed);
    this.update();
  }

  close() {
    this.#panel.disconnect();
    this.#desk.recordings.removeEventListener("changed", this.#changed);
  }

  update() {
    const { recordings, media, words } = this.#desk;
    const camera = recordings.of("camera") === "recording";
    const screen = recordings.of("screen") === "recording";
    const fix = words.say(`check.media.${media.problem || "failed"}`);
    this.#line("camera", camera, camera ? media.label("video") : "", fix);
    this.#line("microphone", camera, camera ? media.label("audio") : "", fix);
    this.#line("screen", screen, screen ? words.say("check.screen.recording") : "", words.say("check.screen.share"));
    find(this.#section, '[data-action="share-screen"]').hidden = screen;
    const why = camera && screen ? null : words.say("why.device_confirmation");
    setOpen(find(this.#section, '[data-action="confirm"]'), why);
  }

  #changed = () => this.update();

  #line(/** @type {string} */ name, /** @type {boolean} */ ok, /** @type {string} */ what, /** @type {string} */ fix) {
    const state = this.#desk.words.say(ok ? "line.recording" : "line.lost");
    setCheck(this.#section, name, { tone: ok ? "ok" : "bad", what, fix: ok ? "" : fix, state });
  }

  async #share() {
    try {
      await this.#desk.recordings.shareScreen();
    } catch (problem) {
      const key = `check.screen.${codeOf(problem)}`;
      const fix = this.#desk.words.say(this.#desk.words.has(key) ? key : "check.screen.failed");
      setCheck(this.#section, "screen", { tone: "bad", fix });
    }
  }

  async #confirm() {
    if (!isOpen(find(this.#section, '[data-action="confirm"]'))) return;
    const { media } = this.#desk;
    const body = { camera: media.label("video"), microphone: media.label("audio"), surface: "monitor" };
    if (await this.#desk.act("stages/device_confirmation", body)) this.#desk.backToNow();
  }
}

export class StageInformation {
  #section;
  #desk;
  #shown = false;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    find(section, '[data-action="confirm"]').addEventListener("click", () => void this.#confirm());
  }

  open() {
    this.update();
    if (!this.#isConfirmed()) void this.#load();
  }

  close() {}

  update() {
    const confirmed = this.#isConfirmed();
    find(this.#section, "[data-information]").hidden = confirmed || !this.#shown;
    find(this.#section, "[data-information-done]").hidden = !confirmed;
    const why = this.#shown ? null : this.#desk.words.say("why.loading");
    setOpen(find(this.#section, '[data-action="confirm"]'), confirmed ? null : why);
  }

  #isConfirmed() {
    const stage = this.#desk.state?.stages.find((/** @type {any} */ row) => row.key === "information");
    return stage?.state === "done";
  }

  async #load() {
    try {
      const facts = await this.#desk.client.get("information");
      fill(this.#section, "info-number", padNumber(facts.sequence_number));
      fill(this.#section, "info-session", facts.session ?? "");
      fill(this.#section, "info-post", facts.post || "—");
      fill(this.#section, "info-id", facts.masked_id ?? "");
      this.#shown = true;
    } catch (problem) {
      this.#desk.tell(problem);
    }
    this.update();
  }

  async #confirm() {
    if (!isOpen(find(this.#section, '[data-action="confirm"]'))) return;
    if (this.#isConfirmed()) return this.#desk.backToNow();
    if (await this.#desk.act("stages/information", { confirmed: true })) this.#desk.backToNow();
  }
}

export class StagePaperCheck {
  #section;
  #desk;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    section.addEventListener("change", () => this.update());
    find(section, '[data-action="confirm"]').addEventListener("click", () => void this.#confirm());
  }

  open() {
    this.update();
  }

  close() {}

  update() {
    const boxes = /** @type {HTMLInputElement[]} */ ([...this.#section.querySelectorAll("[data-side]")]);
    const why = boxes.every((box) => box.checked) ? null : this.#desk.words.say("why.paper");
    setOpen(find(this.#section, '[data-action="confirm"]'), why);
  }

  async #confirm() {
    if (!isOpen(find(this.#section, '[data-action="confirm"]'))) return;
    if (await this.#desk.act("stages/paper_check", { confirmed: true })) this.#desk.backToNow();
  }
}
