// The comparison by program: consent, three turns of the head, and their pictures.

import { fire } from "../helpers/events.js";
import { fill, find, isOpen, setIcon, setOpen, setText } from "./dom.js";

const LONGEST_STEP_MS = 4000;
const BEAT_MS = 100;
const ICONS = /** @type {Record<string, string>} */ ({ left: "left", centre: "face", right: "right" });

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

export class FaceCheck extends EventTarget {
  #section;
  #desk;
  #panel;
  /** Names the run that goes on; a stopped one finds another name here. */
  #run = 0;
  #running = false;

  /** @param {{section: HTMLElement, desk: any, panel: any}} options */
  constructor({ section, desk, panel }) {
    super();
    this.#section = section;
    this.#desk = desk;
    this.#panel = panel;
    this.#button("start-face").addEventListener("click", () => void this.#start());
    this.#button("face-consent").addEventListener("change", () => this.draw());
  }

  get running() {
    return this.#running;
  }

  /** Leave a challenge unanswered; it is no try. */
  stop() {
    this.#run += 1;
    this.#setRunning(false);
  }

  draw() {
    const { media, words } = this.#desk;
    const consent = /** @type {HTMLInputElement} */ (this.#button("face-consent")).checked;
    const why = !consent ? words.say("why.face_consent") : media.camera ? this.#desk.whyNot("face_check") : words.say("why.no_camera");
    setOpen(this.#button("start-face"), this.#running ? words.say("why.sending") : why);
    this.#part("idle").hidden = this.#running;
    this.#part("running").hidden = !this.#running;
  }

  async #start() {
    if (!isOpen(this.#button("start-face")) || this.#running) return;
    this.#run += 1;
    const run = this.#run;
    this.#setRunning(true);
    const version = this.#desk.root.dataset.faceConsentVersion ?? "";
    const asked = await this.#desk.act("face-challenges", { consent_version: version });
    if (asked && run === this.#run) await this.#answer(asked, run);
    if (run === this.#run) this.#setRunning(false);
  }

  async #answer(/** @type {any} */ { challenge, steps, seconds }, /** @type {number} */ run) {
    const form = new FormData();
    form.set("challenge", challenge);
    const patience = Math.min(LONGEST_STEP_MS, (seconds * 1000) / steps.length - 1000);
    for (const [index, step] of steps.entries()) {
      this.#ask(steps, index);
      await this.#wait(patience, index, steps.length, run);
      if (run !== this.#run || !this.#panel.preview) return;
      const frame = await this.#panel.preview.snapshot({ width: 640, quality: 0.85 });
      form.append("frames", frame, `${index + 1}-${step}.jpg`);
    }
    if (run !== this.#run) return;
    this.#say(this.#desk.words.say("face.comparing"), "wait");
    this.#section.dataset.faceStep = "";
    const reply = await this.#desk.act("face-answers", form);
    if (reply) this.#desk.announce(reply.reasons.map((/** @type {any} */ { message }) => message).join(" "));
  }

  async #wait(/** @type {number} */ ms, /** @type {number} */ index, /** @type {number} */ total, /** @type {number} */ run) {
    const bar = /** @type {HTMLProgressElement} */ (find(this.#section, "[data-face-progress]"));
    for (let past = 0; past < ms && run === this.#run; past += BEAT_MS) {
      bar.value = (100 * (index + past / ms)) / total;
      await sleep(BEAT_MS);
    }
  }

  /** Say the present turn in words and picture, in the list and on the video. */
  #ask(/** @type {string[]} */ steps, /** @type {number} */ index) {
    const { words, root } = this.#desk;
    const template = /** @type {HTMLTemplateElement} */ (find(root, '[data-template="face-step"]'));
    const items = steps.map((step, place) => {
      const fragment = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      const item = find(fragment, "li");
      item.dataset.step = place < index ? "done" : place === index ? "now" : "next";
      if (place === index) item.setAttribute("aria-current", "step");
      setIcon(item, place < index ? "check" : ICONS[step]);
      fill(item, "face-step-name", words.say(`face.${step}`));
      return fragment;
    });
    find(this.#section, "[data-face-steps]").replaceChildren(...items);
    this.#section.dataset.faceStep = steps[index];
    this.#say(words.say(`face.${steps[index]}`), ICONS[steps[index]]);
  }

  #say(/** @type {string} */ text, /** @type {string} */ icon) {
    fill(this.#section, "face-step", text);
    const tag = find(this.#section, "[data-face-tag]");
    setText(find(tag, ":scope > span"), text);
    setIcon(tag, icon);
    this.#desk.announce(text);
  }

  #setRunning(/** @type {boolean} */ running) {
    if (running) this.#say(this.#desk.words.say("why.loading"), "wait");
    else delete this.#section.dataset.faceStep;
    find(this.#section, "[data-face-tag]").hidden = !running;
    if (running === this.#running) return;
    this.#running = running;
    fire(this, "changed", {});
  }

  #button(/** @type {string} */ action) {
    return find(this.#section, `[data-action="${action}"]`);
  }

  #part(/** @type {string} */ name) {
    return find(this.#section, `[data-face="${name}"]`);
  }
}
