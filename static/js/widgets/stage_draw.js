// The draw: a number made here goes into it, kept before it is sent.

import { randomHex } from "../helpers/hex.js";
import { fill, find, isOpen, saveFile, setOpen } from "./dom.js";
import { padNumber } from "./exam_words.js";

const NONCE_BYTES = 16;

export class StageDraw {
  #section;
  #desk;
  #key;
  /** @type {any} */
  #receipt = null;
  #busy = false;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#key = `kaowu-draw-${desk.root.dataset.code}`;
    this.#on("draw", () => this.#draw());
    this.#on("next", () => this.#next());
    this.#on("save-receipt", () => this.#save());
  }

  open() {
    this.update();
    void this.#recall();
  }

  close() {}

  update() {
    const state = this.#desk.state;
    if (!state) return;
    const number = state.attempt.sequence_number;
    const drawn = number !== null;
    find(this.#section, '[data-draw="before"]').hidden = drawn;
    find(this.#section, '[data-draw="after"]').hidden = !drawn;
    const missed = state.may.draw.why_not?.code === "not_drawn";
    const over = !drawn && !missed && this.#desk.now() >= state.deadlines.draw_closes;
    find(this.#section, '[data-draw="next"]').hidden = !drawn && !over;
    if (drawn) find(this.#section, "[data-drawn-number]").textContent = padNumber(number);
    this.#explain(state);
    setOpen(find(this.#section, '[data-action="draw"]'), this.#desk.whyNot("draw"));
    const link = find(this.#section, '[data-link="transcript"]');
    link.setAttribute("href", `/integrity/draws/${state.session.code}.json`);
  }

  #explain(/** @type {any} */ state) {
    const { times, words } = this.#desk;
    const closes = times.clock(state.deadlines.draw_closes);
    fill(this.#section, "draw-until", words.say("draw.until", { closes, zone: times.zoneLabel }));
    const stage = state.stages.find((/** @type {any} */ row) => row.key === "draw");
    const at = stage?.done_ms ? times.clock(stage.done_ms) : "";
    fill(this.#section, "drawn-at", at ? words.say("draw.at", { at, zone: times.zoneLabel }) : "");
  }

  /** The same number is sent however often: it is kept before the first try. */
  async #nonce() {
    const kept = await this.#desk.store.getMeta(`${this.#key}-nonce`);
    if (kept) return kept;
    const nonce = randomHex(NONCE_BYTES);
    await this.#desk.store.putMeta(`${this.#key}-nonce`, nonce);
    return nonce;
  }

  async #draw() {
    const button = find(this.#section, '[data-action="draw"]');
    if (!isOpen(button) || this.#busy) return;
    this.#busy = true;
    this.#desk.views.hold("draw");
    const reply = await this.#desk.act("draw", { nonce: await this.#nonce() });
    this.#busy = false;
    if (!reply) return this.#desk.views.release();
    await this.#desk.store.putMeta(`${this.#key}-receipt`, reply.receipt);
    if (!this.#desk.client.state.attempt.sequence_number) await this.#desk.client.refresh();
    this.update();
    await this.#recall();
  }

  /** Show the receipt that this browser kept. */
  async #recall() {
    this.#receipt = (await this.#desk.store.getMeta(`${this.#key}-receipt`)) ?? null;
    const card = find(this.#section, "[data-receipt]");
    card.hidden = !this.#receipt;
    if (!this.#receipt) return;
    const signed = readPayload(this.#receipt);
    fill(card, "commitment", group(signed.commitment));
    fill(card, "nonce", group(signed.nonce));
    fill(card, "position", String(signed.position ?? ""));
    fill(card, "signature", String(this.#receipt.signature ?? ""));
  }

  #save() {
    const body = JSON.stringify(this.#receipt, null, 2);
    saveFile(new Blob([body], { type: "application/json" }), "draw-receipt.json");
  }

  async #next() {
    const state = this.#desk.state;
    if (state?.attempt.sequence_number === null) await this.#desk.act("stages/draw", {});
    this.#desk.views.release();
    this.#desk.views.open(this.#desk.views.natural);
  }

  #on(/** @type {string} */ action, /** @type {() => unknown} */ handler) {
    find(this.#section, `[data-action="${action}"]`).addEventListener("click", () => void handler());
  }
}

/** Read the signed statement inside an envelope. */
function readPayload(/** @type {any} */ envelope) {
  try {
    const bytes = Uint8Array.from(atob(envelope.payload), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

/** Write a digest in groups of four. */
function group(/** @type {unknown} */ digest) {
  return String(digest ?? "").replace(/(.{4})(?=.)/g, "$1 ");
}
