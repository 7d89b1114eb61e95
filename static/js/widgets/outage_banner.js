// While the network is off: what happened, what is safe, what to do. Never over a question.

import { fire } from "../helpers/events.js";
import { fill } from "./dom.js";

export class OutageBanner extends EventTarget {
  #desk;
  #since = 0;
  /** The uploader's own view: it fails even when the state still comes through. */
  #failing = false;

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    super();
    this.#desk = desk;
  }

  connect() {
    const { client, uploader } = this.#desk;
    for (const name of ["offline", "online"]) {
      client.addEventListener(name, this.#judge);
      addEventListener(name, this.#judge);
    }
    uploader.addEventListener("failing", this.#uploadFails);
    uploader.addEventListener("recovered", this.#uploadWorks);
    this.#desk.addEventListener("tick", this.#tick);
    this.#judge();
  }

  disconnect() {
    const { client, uploader } = this.#desk;
    for (const name of ["offline", "online"]) {
      client.removeEventListener(name, this.#judge);
      removeEventListener(name, this.#judge);
    }
    uploader.removeEventListener("failing", this.#uploadFails);
    uploader.removeEventListener("recovered", this.#uploadWorks);
    this.#desk.removeEventListener("tick", this.#tick);
  }

  #uploadFails = (/** @type {any} */ event) => {
    this.#failing = event.detail.status === null;
    this.#judge();
  };

  #uploadWorks = () => {
    this.#failing = false;
    this.#judge();
  };

  #judge = () => {
    const off = !navigator.onLine || this.#desk.client.offline || this.#failing;
    const was = this.#since !== 0;
    if (off && !was) this.#since = this.#desk.now();
    if (!off) this.#since = 0;
    const { root } = this.#desk;
    root.dataset.net = off ? "off" : "on";
    this.#show();
    this.#tick();
    if (off !== was) fire(this, "changed", { off });
  };

  /** The upload page has three lines of its own. */
  #show() {
    const hidden = !this.#since || this.#desk.views.current === "upload";
    for (const banner of this.#desk.root.querySelectorAll("[data-outage]")) banner.hidden = hidden;
  }

  #tick = () => {
    if (!this.#since) return;
    this.#show();
    const { words, times, root, recordings } = this.#desk;
    const seconds = Math.max(0, Math.round((this.#desk.now() - this.#since) / 1000));
    const facts = { since: times.clock(this.#since), seconds };
    fill(root, "outage", words.say("outage.what", facts));
    const kind = recordings.running ? "recording" : "idle";
    fill(root, "outage-safe", words.say(`outage.safe.${kind}`));
    fill(root, "outage-todo", words.say(`outage.todo.${kind}`));
  };
}
