// The side of the answering room: own picture, level, number, time left, help, the end.

import { DevicePanel } from "./device_panel.js";
import { fill, find, isOpen, setBadge, setOpen, setText } from "./dom.js";
import { padNumber } from "./exam_words.js";

const MINUTE_MS = 60_000;
const ANNOUNCE_AT = [5 * MINUTE_MS, 2 * MINUTE_MS];
const CONFIRMATIONS = new Set(["device_confirmation", "information", "paper_check"]);

export class RoomSide {
  #side;
  #desk;
  #panel;
  #dialog;
  #left = Infinity;
  #connected = false;

  /** @param {{side: HTMLElement, desk: any}} options */
  constructor({ side, desk }) {
    this.#side = side;
    this.#desk = desk;
    this.#panel = new DevicePanel({ root: side, media: desk.media });
    this.#dialog = /** @type {HTMLDialogElement} */ (find(desk.root, '[data-dialog="end"]'));
    this.#on(side, "end", () => this.#askEnd());
    this.#on(this.#dialog, "end-cancel", () => this.#dialog.close());
    this.#on(this.#dialog, "end-confirm", () => this.#end());
  }

  connect() {
    if (this.#connected) return;
    this.#connected = true;
    this.#panel.connect();
    this.#desk.addEventListener("tick", this.#tick);
    this.#desk.recordings.addEventListener("changed", this.#lines);
    this.update();
  }

  disconnect() {
    if (!this.#connected) return;
    this.#connected = false;
    this.#panel.disconnect();
    this.#desk.removeEventListener("tick", this.#tick);
    this.#desk.recordings.removeEventListener("changed", this.#lines);
    this.#dialog.close();
  }

  update() {
    const state = this.#desk.state;
    if (!state || !this.#connected) return;
    const { times, words } = this.#desk;
    fill(this.#side, "sequence-number", padNumber(state.attempt.sequence_number));
    const facts = { at: times.clock(state.deadlines.ends), zone: times.zoneLabel };
    fill(this.#side, "ends-at", words.say("room.ends_at", facts));
    setOpen(find(this.#side, '[data-action="end"]'), this.#desk.whyNot("submit"));
    this.#showUnconfirmed(state);
    this.#lines();
  }

  /** Network and streams in three lines; also called when the net goes or comes. */
  #lines = () => {
    const { recordings, words } = this.#desk;
    for (const stream of ["camera", "screen"]) {
      const now = recordings.of(stream);
      const tone = now === "recording" ? "ok" : "bad";
      const icon = now === "recording" ? "ok" : "bad";
      setBadge(this.#badge(stream), tone, icon, words.say(`line.${now}`));
    }
    const off = this.#desk.root.dataset.net === "off";
    setBadge(this.#badge("network"), off ? "warn" : "ok", off ? "net-off" : "ok", words.say(off ? "line.net_off" : "line.net_on"));
    find(this.#side, "[data-recording-tag]").hidden = recordings.of("camera") !== "recording";
  };

  #badge(/** @type {string} */ line) {
    return find(this.#side, `[data-line="${line}"] .k-badge`);
  }

  /** After the start the questions come first; what is left to confirm is one link. */
  #showUnconfirmed(/** @type {any} */ state) {
    const left = state.stages.find(
      (/** @type {any} */ stage) => CONFIRMATIONS.has(stage.key) && stage.state !== "done",
    );
    const note = find(this.#side, "[data-unconfirmed]");
    note.hidden = !left || this.#desk.views.natural !== "answer";
    if (!left) return;
    const link = /** @type {HTMLAnchorElement} */ (find(note, '[data-link="unconfirmed"]'));
    link.href = `#${left.key}`;
    setText(link, left.title);
  }

  #tick = () => {
    const { deadlines } = this.#desk.state ?? {};
    if (!deadlines) return;
    const now = this.#desk.now();
    const left = deadlines.ends - Math.max(now, deadlines.starts);
    setText(find(this.#side, "[data-exam-countdown]"), this.#desk.times.span(left));
    const progress = /** @type {HTMLProgressElement} */ (find(this.#side, "[data-exam-progress]"));
    progress.max = deadlines.ends - deadlines.starts;
    progress.value = Math.max(0, Math.min(progress.max, now - deadlines.starts));
    fill(this.#dialog, "end-left", this.#desk.times.span(left));
    this.#announce(left);
    if (isOpen(find(this.#side, '[data-action="end"]')) || now < deadlines.starts) return;
    setOpen(find(this.#side, '[data-action="end"]'), this.#desk.whyNot("submit"));
  };

  /** The countdown is no live region: it speaks at five and two minutes only. */
  #announce(/** @type {number} */ left) {
    for (const limit of ANNOUNCE_AT) {
      if (this.#left <= limit || left > limit || this.#left === Infinity) continue;
      const minutes = limit / MINUTE_MS;
      this.#desk.announce(this.#desk.words.say("room.minutes_left", { minutes }));
    }
    this.#left = left;
  }

  #askEnd() {
    if (isOpen(find(this.#side, '[data-action="end"]'))) this.#dialog.showModal();
  }

  async #end() {
    this.#dialog.close();
    await this.#desk.act("submit", { confirm: true });
  }

  #on(/** @type {ParentNode} */ root, /** @type {string} */ action, /** @type {() => unknown} */ handler) {
    find(root, `[data-action="${action}"]`).addEventListener("click", () => void handler());
  }
}
