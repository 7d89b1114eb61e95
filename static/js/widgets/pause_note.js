// That a pause of this computer was noted: said once, until it is put away.

import { fill } from "./dom.js";
import { isOver } from "./exam_views.js";

export class PauseNote {
  #desk;
  /** The pause that was put away; a later one is said again. */
  #away = 0;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
  }

  connect() {
    this.#desk.client.addEventListener("state", this.#draw);
    for (const banner of this.#banners()) banner.addEventListener("click", this.#press);
    this.#draw();
  }

  disconnect() {
    this.#desk.client.removeEventListener("state", this.#draw);
    for (const banner of this.#banners()) banner.removeEventListener("click", this.#press);
  }

  #banners() {
    return this.#desk.root.querySelectorAll("[data-pause]");
  }

  #draw = () => {
    const { state, root, times, words } = this.#desk;
    const from = state?.pause?.from_ms ?? 0;
    const hidden = from <= this.#away || isOver(state, this.#desk.now());
    for (const banner of this.#banners()) banner.hidden = hidden;
    if (!hidden) fill(root, "pause", words.say("pause.noted", { since: times.clock(from) }));
  };

  #press = (/** @type {any} */ event) => {
    if (!event.target.closest("button")) return;
    this.#away = this.#desk.state.pause.from_ms;
    this.#draw();
  };
}
