// Message, warning and incident: sent without leaving the page; one key opens each.

import { fire } from "../helpers/events.js";
import { find, setText } from "./dom.js";

const KEYS = new Map([
  ["m", "message"],
  ["w", "warning"],
  ["i", "incident"],
]);

export class LetterForms extends EventTarget {
  #root;
  #words;
  #keysOn = true;

  /** @param {{root: HTMLElement, words: any}} options */
  constructor({ root, words }) {
    super();
    this.#root = root;
    this.#words = words;
  }

  connect() {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll("[data-open]"))) {
      button.addEventListener("click", () => this.#open(button.dataset.open ?? ""));
    }
    for (const form of this.#root.querySelectorAll("[data-letter] form")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.#send(/** @type {HTMLFormElement} */ (form));
      });
    }
    const toggle = find(this.#root, '[data-action="keys"]');
    toggle.addEventListener("click", () => {
      this.#keysOn = !this.#keysOn;
      toggle.setAttribute("aria-pressed", String(this.#keysOn));
    });
    document.addEventListener("keydown", this.#key);
  }

  disconnect() {
    document.removeEventListener("keydown", this.#key);
  }

  #key = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.closest("input, textarea, select, [contenteditable]");
    const name = KEYS.get(event.key.toLowerCase());
    if (!name || !this.#keysOn || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.#open(name)) event.preventDefault();
  };

  #open(/** @type {string} */ name) {
    const letter = /** @type {HTMLDetailsElement | null} */ (
      this.#root.querySelector(`[data-letter="${name}"]`)
    );
    if (!letter) return false;
    letter.open = true;
    /** @type {HTMLElement} */ (find(letter, "select, textarea")).focus();
    return true;
  }

  async #send(/** @type {HTMLFormElement} */ form) {
    const button = /** @type {HTMLButtonElement} */ (find(form, '[type="submit"]'));
    button.disabled = true;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      const reply = await response.json();
      if (!response.ok) return this.#refuse(form, reply.title);
      form.reset();
      this.#refuse(form, "");
      setText(find(this.#root, "[data-announce]"), this.#words.words.say("sent"));
      fire(this, "sent");
    } catch {
      this.#refuse(form, this.#words.words.say("failed"));
    } finally {
      button.disabled = false;
    }
    return undefined;
  }

  #refuse(/** @type {HTMLFormElement} */ form, /** @type {string} */ why) {
    const line = find(form, "[data-error]");
    line.hidden = !why;
    setText(line, why);
  }
}
