// The signed receipts of the upload, kept in this browser and shown wherever they belong.

import { fill, saveFile, setText } from "./dom.js";

const SHOWN = 24;

export class ReceiptBoard {
  #desk;
  #key;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
    this.#key = `kaowu-receipts-${desk.root.dataset.code}`;
  }

  async keep(/** @type {string} */ recording, /** @type {any} */ receipt) {
    const kept = (await this.#desk.store.getMeta(this.#key)) ?? {};
    await this.#desk.store.putMeta(this.#key, { ...kept, [recording]: receipt });
  }

  async draw() {
    const kept = (await this.#desk.store.getMeta(this.#key)) ?? {};
    const rows = this.#desk.state?.recordings ?? [];
    let sealed = 0;
    const phone = rows.some((/** @type {any} */ row) => row.stream === "companion");
    for (const line of this.#desk.root.querySelectorAll("[data-phone-receipt]")) line.hidden = !phone;
    for (const { code, stream, state } of rows) {
      if (state !== "open") sealed += 1;
      const signature = kept[code]?.signature;
      const text = signature ? `${signature.slice(0, SHOWN)}…` : "";
      const word = text || (state === "open" ? "" : this.#desk.words.say("receipt.sealed"));
      if (word) this.#write(stream, word);
    }
    const count = this.#desk.words.say("receipt.count", { sealed, total: rows.length });
    fill(this.#desk.root, "sealed-count", count);
  }

  async save() {
    const kept = (await this.#desk.store.getMeta(this.#key)) ?? {};
    const body = JSON.stringify(kept, null, 2);
    saveFile(new Blob([body], { type: "application/json" }), "upload-receipts.json");
  }

  #write(/** @type {string} */ stream, /** @type {string} */ text) {
    for (const slot of this.#desk.root.querySelectorAll(`[data-receipt-of="${stream}"] [data-slot]`)) {
      setText(slot, text);
    }
  }
}
