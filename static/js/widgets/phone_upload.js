// After the phone was stopped: what is still to send, the seal of its film, the receipt.

import { fill, find, saveFile } from "./dom.js";
import { grouped } from "./exam_words.js";

const LOOK_MS = 2000;
const SHOWN = 24;
const SHOWN_IN = new Set(["upload", "done", "closed"]);

export class PhoneUpload {
  #desk;
  #busy = false;
  #timer = 0;
  #key;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
    this.#key = `receipt-${desk.root.dataset.recording}`;
    find(desk.root, '[data-action="save-receipt"]').addEventListener("click", () => void this.#save());
  }

  connect() {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#desk.addEventListener("view", () => void this.#look());
  }

  disconnect() {
    clearInterval(this.#timer);
  }

  async #look() {
    const { view, store } = this.#desk;
    if (this.#busy || !SHOWN_IN.has(view)) return;
    this.#busy = true;
    try {
      const totals = await store.totals();
      this.#draw(totals);
      if (view === "upload" && !totals.pending) await this.#seal();
      // The seal has turned the view meanwhile.
      if (this.#desk.view === "done") await this.#receipt();
    } finally {
      this.#busy = false;
    }
  }

  #draw(/** @type {any} */ { captured, acknowledged, pending, problems }) {
    const { root, words, times, state, view } = this.#desk;
    const facts = { have: grouped(acknowledged), total: grouped(captured), left: grouped(pending) };
    fill(root, "upload-count", words.say("upload.count", facts));
    fill(root, "upload-left", words.say(pending ? "upload.left" : "upload.sealing", facts));
    const bar = /** @type {HTMLProgressElement} */ (find(root, "[data-upload-progress]"));
    bar.max = Math.max(1, captured);
    bar.value = acknowledged;
    const at = times.clock(state.deadlines.evidence_confirm_by);
    fill(root, "upload-until", words.say("upload.until", { at, zone: times.zoneLabel }));
    find(root, "[data-upload-failed]").hidden = !problems;
    find(root, "[data-backlog]").hidden = !pending;
    fill(root, "backlog", words.say("closed.backlog", facts));
    if (view === "closed") this.#close(state.companion.state);
  }

  #close(/** @type {string} */ why) {
    const { root, words } = this.#desk;
    fill(root, "closed-title", words.say(`closed.${why}.title`));
    fill(root, "closed-why", words.say(`closed.${why}`));
  }

  /** The server compares counts and heads; what it misses goes again. */
  async #seal() {
    const { state, store, client, uploader } = this.#desk;
    const { code } = state.recording;
    if (state.companion.state !== "ended" || state.recording.state !== "open") return;
    const segments = await store.statement(code);
    const reply = await client.act("seal", { recordings: [{ code, segments }] }).catch(() => null);
    for (const { complete, missing, receipt } of reply?.recordings ?? []) {
      if (receipt) await store.putMeta(this.#key, receipt);
      else if (!complete && (await store.requeue(code, missing))) uploader.kick();
    }
  }

  async #receipt() {
    const { root, store, words } = this.#desk;
    const receipt = await store.getMeta(this.#key);
    const text = receipt ? `${receipt.signature.slice(0, SHOWN)}…` : words.say("receipt.sealed");
    fill(root, "receipt", text);
    find(root, '[data-action="save-receipt"]').hidden = !receipt;
  }

  async #save() {
    const body = JSON.stringify(await this.#desk.store.getMeta(this.#key), null, 2);
    saveFile(new Blob([body], { type: "application/json" }), "phone-receipt.json");
  }
}
