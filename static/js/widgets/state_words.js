// The words and icons of a tile's state: never colour alone.

import { TimeWords } from "./time_words.js";
import { Words } from "./words.js";

const NOW_MS = 8000;

export class StateWords {
  words;
  #times;
  /** @type {Map<string, string>} */
  #icons = new Map();

  /** @param {{root: HTMLElement}} options */
  constructor({ root }) {
    this.words = new Words(root);
    this.#times = new TimeWords({ timeZone: root.dataset.timeZone ?? "UTC" });
    for (const template of root.querySelectorAll("template[data-words]")) {
      const { content } = /** @type {HTMLTemplateElement} */ (template);
      for (const item of /** @type {NodeListOf<HTMLElement>} */ (content.querySelectorAll("[data-icon]"))) {
        this.#icons.set(item.dataset.word ?? "", item.dataset.icon ?? "");
      }
    }
  }

  state(/** @type {string} */ state) {
    return this.words.say(`state.${state}`);
  }

  icon(/** @type {string} */ state) {
    return this.#icons.get(`state.${state}`) ?? "now";
  }

  stage(/** @type {string} */ stage) {
    return this.words.has(`stage.${stage}`) ? this.words.say(`stage.${stage}`) : "";
  }

  clock(/** @type {number} */ ms) {
    return this.#times.clock(ms);
  }

  span(/** @type {number} */ ms) {
    return this.#times.span(ms);
  }

  /** How long ago somebody was heard; a heartbeat comes every five seconds. */
  seen(/** @type {number | null} */ lastSeenMs, /** @type {number} */ now) {
    if (lastSeenMs === null) return this.words.say("seen.never");
    const ago = now - lastSeenMs;
    if (ago < NOW_MS) return this.words.say("seen.now");
    return this.words.say("seen.ago", { time: this.#times.span(ago) });
  }
}
