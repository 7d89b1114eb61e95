// Tells who comes back to the exam page what was noted, and how much is left (R57).

import { focusNotice } from "../models/focus_notice.js";
import { fill, find } from "./dom.js";

export class FocusNote {
  #banner;
  #desk;
  #log;
  /** How many were noted when the candidate closed the note; a reload shows it again. */
  #read = 0;

  /** @param {{root: HTMLElement, desk: any, log: any}} options */
  constructor({ root, desk, log }) {
    this.#banner = find(root, "[data-focus-note]");
    this.#desk = desk;
    this.#log = log;
    find(this.#banner, '[data-action="focus-read"]').addEventListener("click", () => {
      this.#read = this.#notice?.count ?? 0;
      this.#draw();
    });
  }

  connect() {
    this.#log.addEventListener("left", this.#draw);
    this.#desk.client.addEventListener("state", this.#draw);
  }

  disconnect() {
    this.#log.removeEventListener("left", this.#draw);
    this.#desk.client.removeEventListener("state", this.#draw);
  }

  get #notice() {
    return focusNotice(this.#desk.state?.focus, this.#log.leavings);
  }

  #draw = () => {
    const notice = this.#notice;
    this.#banner.hidden = !notice || notice.count <= this.#read;
    if (!notice || this.#banner.hidden) return;
    const { words, times, state } = this.#desk;
    const facts = { ...notice, at: times.clock(notice.from), limit: state.focus.limit };
    fill(this.#banner, "focus-what", words.say("focus.what", facts));
    fill(this.#banner, "focus-todo", words.say(`focus.${notice.key}`, facts));
  };
}
