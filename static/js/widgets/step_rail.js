// The passage as a list of steps, and "step 4 of 11" for narrow screens.

import { fill, find } from "./dom.js";

const LOOKS = /** @type {Record<string, string>} */ ({ done: "done", current: "now", todo: "next" });

export class StepRail {
  #desk;
  #drawn = "";

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
  }

  draw() {
    const { root, words, state } = this.#desk;
    const stages = /** @type {any[]} */ (state.stages);
    const shape = JSON.stringify(stages);
    if (shape === this.#drawn) return;
    this.#drawn = shape;
    find(root, "[data-rail]").replaceChildren(...stages.map((stage) => this.#item(stage)));
    const current = stages.findIndex((stage) => stage.state === "current");
    const number = current < 0 ? stages.length : current + 1;
    fill(root, "step-count", words.say("steps.count", { number, total: stages.length }));
  }

  #item(/** @type {any} */ stage) {
    const { root, words } = this.#desk;
    const template = /** @type {HTMLTemplateElement} */ (find(root, '[data-template="step"]'));
    const fragment = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const item = find(fragment, "li");
    item.dataset.step = LOOKS[stage.state] ?? "next";
    item.dataset.stage = stage.key;
    if (stage.state === "current") item.setAttribute("aria-current", "step");
    if (stage.state !== "done") find(item, ".k-steps__mark").replaceChildren();
    fill(item, "step-title", stage.title);
    fill(item, "step-state", stage.state === "done" ? words.say("steps.done") : "");
    return fragment;
  }
}
