// Waiting for Enter: windows, the closed button with its reason, and the way in.

import { DeviceChecks } from "./device_checks.js";
import { fill, find, isOpen, setOpen, setText } from "./dom.js";
import { padNumber } from "./exam_words.js";
import { WindowsLine } from "./windows_line.js";

export class StageEnter {
  #section;
  #desk;
  #checks;
  #line;
  #busy = false;
  /** The instant whose passing was already answered with a refresh. */
  #asked = 0;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#checks = new DeviceChecks({ root: section, desk });
    this.#line = new WindowsLine({ element: find(section, "[data-windows]"), desk });
    find(section, '[data-action="enter"]').addEventListener("click", () => void this.#enter());
    find(section, '[data-action="refresh"]').addEventListener("click", () => void this.#refresh());
  }

  open() {
    this.#checks.displays();
    void this.#checks.camera();
    this.#desk.addEventListener("tick", this.#tick);
    this.update();
  }

  close() {
    this.#desk.removeEventListener("tick", this.#tick);
  }

  update() {
    const state = this.#desk.state;
    if (!state) return;
    this.#checks.network();
    fill(this.#section, "sequence-number", padNumber(state.attempt.sequence_number));
    setOpen(find(this.#section, '[data-action="enter"]'), this.#desk.whyNot("enter"));
    const { times, words } = this.#desk;
    const { entry_opens: opens, entry_closes: closes } = state.deadlines;
    const facts = { opens: times.clock(opens), closes: times.clock(closes), zone: times.zoneLabel };
    fill(this.#section, "enter-until", words.say("enter.until", facts));
    this.#line.draw(state.deadlines, this.#desk.now());
  }

  #tick = () => {
    const state = this.#desk.state;
    if (!state) return;
    const now = this.#desk.now();
    const { entry_opens: opens, entry_closes: closes } = state.deadlines;
    const target = now < opens ? opens : closes;
    const label = now < opens ? "enter.opens_in" : "enter.closes_in";
    fill(this.#section, "enter-label", this.#desk.words.say(now < closes ? label : "enter.closed"));
    setText(find(this.#section, "[data-countdown]"), this.#desk.times.span(target - now));
    const passed = [opens, closes].filter((at) => at <= now).at(-1) ?? 0;
    if (passed <= this.#asked || passed <= state.server_ms) return;
    this.#asked = passed;
    void this.#desk.client.refresh().catch(() => undefined);
  };

  /** R54: read the status again, and say that it was read. */
  async #refresh() {
    try {
      await this.#desk.client.refresh();
      const at = this.#desk.times.clock(this.#desk.now());
      fill(this.#section, "refreshed", this.#desk.words.say("enter.refreshed", { at }));
    } catch (problem) {
      this.#desk.tell(problem);
    }
  }

  /** The click also opens the screen share; a share not given never keeps anybody out. */
  async #enter() {
    if (!isOpen(find(this.#section, '[data-action="enter"]')) || this.#busy) return;
    this.#busy = true;
    await this.#desk.media.shareScreen().catch(() => undefined);
    const reply = await this.#desk.act("enter", {});
    if (!reply) this.#desk.media.closeScreen();
    this.#busy = false;
  }
}
