// What the settings of a session mean, said by the server while they are typed.

import { find } from "./dom.js";

const WAIT_MS = 300;
// Lines of rooms and the token are nobody's business here.
const UNASKED = /^(csrfmiddlewaretoken|_|rooms-)/;

export class SessionMeaning {
  #form;
  #panel;
  #timer = 0;
  /** @type {AbortController | null} */
  #asking = null;

  /** @param {{form: HTMLFormElement, panel: HTMLElement}} options */
  constructor({ form, panel }) {
    this.#form = form;
    this.#panel = panel;
  }

  connect() {
    for (const kind of ["input", "change", "stagesmoved"]) {
      this.#form.addEventListener(kind, this.#soon);
    }
    // Django's calendar and clock write without an event.
    this.#form.addEventListener("click", this.#soon);
    if (this.#form.querySelector("[name=starts_at_0]")) void this.#ask();
  }

  #soon = () => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), WAIT_MS);
  };

  async #ask() {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const typed = [...new FormData(this.#form)].filter(([name]) => !UNASKED.test(name));
    const query = new URLSearchParams(/** @type {[string, string][]} */ (typed));
    try {
      const reply = await fetch(`${this.#panel.dataset.meaning}?${query}`, {
        headers: { Accept: "application/json" },
        signal: this.#asking.signal,
      });
      if (reply.ok) this.#show(await reply.json());
    } catch {
      // The words stay as they were; saving checks everything again.
    }
  }

  /** @param {{sentences: string[], problems: {text: string}[], cautions: string[]}} said */
  #show({ sentences, problems, cautions }) {
    if (sentences.length) {
      const lines = sentences.map((text, place) => {
        const line = document.createElement("p");
        if (!place) line.className = "k-meaning__first";
        line.textContent = text;
        return line;
      });
      const place = find(this.#panel, "[data-meaning-sentences]");
      if (place.textContent !== sentences.join("")) place.replaceChildren(...lines);
    }
    this.#list("problems", problems.map((one) => one.text));
    this.#list("cautions", cautions);
  }

  #list(/** @type {string} */ name, /** @type {string[]} */ texts) {
    const list = find(this.#panel, `[data-meaning-${name}]`);
    list.hidden = !texts.length;
    const items = [...new Set(texts)].map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    });
    list.replaceChildren(...items);
  }
}
