// The field for a code that a member of staff gave; there is none where codes are not used.

import { find, isOpen, setOpen } from "./dom.js";

const DIGITS = 8;

export class IdentityCode {
  #part;
  #desk;
  #sending = false;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#part = find(section, '[data-check-in="code"]');
    this.#desk = desk;
    this.#field.addEventListener("input", () => this.draw());
    this.#button.addEventListener("click", () => void this.#send());
  }

  draw() {
    const { state, words } = this.#desk;
    const closed = state?.may.identity_code.why_not?.code;
    this.#part.hidden = !state || state.lease.state === "waiting" || closed === "code_unavailable";
    const typed = this.#field.value.replaceAll(/\s/gu, "").length === DIGITS;
    const why = typed ? this.#desk.whyNot("identity_code") : words.say("why.identity_code");
    setOpen(this.#button, this.#sending ? words.say("why.sending") : why);
  }

  async #send() {
    if (!isOpen(this.#button) || this.#sending) return;
    this.#sending = true;
    this.draw();
    await this.#desk.act("identity-code", { digits: this.#field.value });
    this.#sending = false;
    this.#field.value = "";
    this.draw();
  }

  get #field() {
    return /** @type {HTMLInputElement} */ (find(this.#part, "[data-identity-code]"));
  }

  get #button() {
    return find(this.#part, '[data-action="use-code"]');
  }
}
