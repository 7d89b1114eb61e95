// The answering room: countdown, questions, and what stands above them.

import { fill, find, setText } from "./dom.js";
import { codeOf } from "./media_desk.js";
import { QuestionSheet } from "./question_sheet.js";
import { RoomSide } from "./room_side.js";

export class StageRoom {
  #pane;
  #desk;
  #side;
  #sheet;
  #connected = false;

  /** @param {{pane: HTMLElement, desk: any}} options pane: [data-shell=room] */
  constructor({ pane, desk }) {
    this.#pane = pane;
    this.#desk = desk;
    this.#side = new RoomSide({ side: find(pane, ".k-room__side"), desk });
    this.#sheet = new QuestionSheet({ pane, desk });
    const share = find(pane, '[data-share-lost] [data-action="share-screen"]');
    share.addEventListener("click", () => void this.#share());
  }

  /** Called when any view of the room opens. */
  open() {
    if (this.#connected) return this.update();
    this.#connected = true;
    this.#desk.addEventListener("tick", this.#tick);
    this.#desk.recordings.addEventListener("changed", this.#streams);
    this.#side.connect();
    this.#sheet.connect();
    this.update();
  }

  /** Called when the room is left: the exam is over. */
  close() {
    if (!this.#connected) return;
    this.#connected = false;
    this.#desk.removeEventListener("tick", this.#tick);
    this.#desk.recordings.removeEventListener("changed", this.#streams);
    this.#side.disconnect();
    this.#sheet.clear();
  }

  update() {
    if (!this.#connected) return;
    this.#side.update();
    this.#streams();
    this.#tick();
  }

  #streams = () => {
    const { recordings, views } = this.#desk;
    const onDevices = views.current === "device_confirmation";
    const lost = (/** @type {string} */ stream) => recordings.running && recordings.of(stream) === "lost";
    find(this.#pane, "[data-share-lost]").hidden = !lost("screen") || onDevices;
    find(this.#pane, "[data-camera-lost]").hidden = !lost("camera") || onDevices;
  };

  #tick = () => {
    const { deadlines } = this.#desk.state ?? {};
    if (!deadlines) return;
    const { words, times } = this.#desk;
    const now = this.#desk.now();
    const { starts, answer_from: answerFrom, ends } = deadlines;
    const [label, target] =
      now < starts
        ? ["room.until_start", starts]
        : now < answerFrom
          ? ["room.preparation", answerFrom]
          : ["room.answer", ends];
    const left = times.span(target - now);
    fill(this.#pane, "bar-label", words.say(label));
    setText(find(this.#pane, "[data-bar-countdown]"), left);
    fill(this.#pane, "bar-until", words.say("room.until", { at: times.clock(target), zone: times.zoneLabel }));
    setText(find(this.#pane, "[data-countdown]"), left);
    fill(this.#pane, "starts-at", words.say("room.starts_at", { at: times.clock(starts), zone: times.zoneLabel }));
  };

  /** Exactly one click, beside the question: the whole screen again. */
  async #share() {
    try {
      await this.#desk.recordings.shareScreen();
    } catch (problem) {
      this.#desk.tell({ code: `screen_${codeOf(problem)}` });
    }
  }
}
