// What happened to one candidate, newest first, asked for every few seconds.

import { fill, find, setIcon } from "./dom.js";

const ASK_MS = 3000;

export class TimelineList {
  #list;
  #url;
  #words;
  #template;
  #timer = 0;
  #shown = "";

  /** @param {{root: HTMLElement, words: any}} options */
  constructor({ root, words }) {
    this.#list = find(root, "[data-timeline]");
    this.#url = `${root.dataset.base}timeline`;
    this.#words = words;
    this.#template = /** @type {HTMLTemplateElement} */ (find(root, '[data-template="line"]'));
  }

  connect() {
    this.#timer = setInterval(() => void this.refresh(), ASK_MS);
    void this.refresh();
  }

  disconnect() {
    clearInterval(this.#timer);
  }

  async refresh() {
    if (document.hidden) return;
    try {
      const response = await fetch(this.#url, { cache: "no-store", credentials: "same-origin" });
      if (response.ok && !response.redirected) this.#show((await response.json()).lines);
    } catch {
      // What stands here is still true; the next turn tries again.
    }
  }

  /** Unchanged lines are left alone, so that nobody loses their place. */
  #show(/** @type {any[]} */ lines) {
    const text = JSON.stringify(lines);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#list.replaceChildren(...lines.map((line) => this.#item(line)));
  }

  #item(/** @type {any} */ line) {
    const made = /** @type {DocumentFragment} */ (this.#template.content.cloneNode(true));
    const item = /** @type {HTMLElement} */ (made.firstElementChild);
    item.dataset.tone = line.tone;
    setIcon(item, line.icon);
    fill(item, "time", this.#words.clock(line.at_ms));
    fill(item, "what", line.title);
    fill(item, "text", [line.text, this.#until(line)].filter(Boolean).join(" · "));
    return item;
  }

  #until(/** @type {any} */ line) {
    if (!line.until_ms) return "";
    const time = this.#words.clock(line.until_ms);
    return this.#words.words.say(`until.${line.until}`, { time });
  }
}
