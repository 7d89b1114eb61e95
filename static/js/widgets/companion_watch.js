// The phone as the computer sees it, on every view: picture, state, and that it is lost.

import { phoneLook } from "../models/phone_heard.js";
import { fill, find, setBadge } from "./dom.js";
import { isOver } from "./exam_views.js";
import { PairingPanel } from "./pairing_panel.js";

const LOOKS = /** @type {Record<string, [string, string]>} */ ({
  none: ["idle", "wait"],
  compare: ["info", "eye"],
  bound: ["info", "phone"],
  filming: ["ok", "rec"],
  lost: ["bad", "bad"],
  ended: ["idle", "check"],
});

export class CompanionWatch {
  #desk;
  #dialog;
  #panel;
  #look = "";

  /** @param {{desk: any}} options */
  constructor({ desk }) {
    this.#desk = desk;
    this.#dialog = /** @type {HTMLDialogElement} */ (find(desk.root, '[data-dialog="phone-code"]'));
    this.#panel = new PairingPanel({ root: find(this.#dialog, "[data-pairing]"), desk });
  }

  connect() {
    const { client, root } = this.#desk;
    client.addEventListener("state", this.#draw);
    for (const button of root.querySelectorAll('[data-action="phone-code"]')) {
      button.addEventListener("click", () => this.#ask());
    }
    find(this.#dialog, '[data-action="phone-close"]').addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#panel.close());
  }

  disconnect() {
    this.#desk.client.removeEventListener("state", this.#draw);
    this.#panel.close();
  }

  #ask() {
    this.#dialog.showModal();
    this.#panel.open({ anew: true });
  }

  #draw = () => {
    const { state, root, words } = this.#desk;
    const phone = state.companion;
    for (const line of root.querySelectorAll("[data-phone-tile], [data-phone-line]")) line.hidden = !phone;
    if (!phone) return;
    const over = isOver(state, this.#desk.now());
    const { look, since } = phoneLook(state, over);
    root.dataset.phone = look;
    const [tone, icon] = LOOKS[look];
    for (const badge of root.querySelectorAll("[data-phone-badge]")) {
      setBadge(badge, tone, icon, words.say(`phone.${look}`));
    }
    this.#warn(look === "lost" && !over, since);
    this.#picture(phone, look);
    void this.#panel.update();
    if (this.#look === "lost" && (look === "bound" || look === "filming")) {
      this.#dialog.close();
      this.#desk.announce(words.say("phone.back"));
    }
    this.#look = look;
  };

  #warn(/** @type {boolean} */ lost, /** @type {number | null} */ since) {
    const { root, words, times, state } = this.#desk;
    const live = ["bound", "filming"].includes(state.companion.state);
    const key = live ? "phone.lost_since" : "phone.closed";
    fill(root, "phone-lost", since ? words.say(key, { since: times.clock(since) }) : words.say("phone.closed"));
    for (const banner of root.querySelectorAll("[data-phone-lost]")) banner.hidden = !lost;
  }

  #picture(/** @type {any} */ phone, /** @type {string} */ look) {
    const { root, words, state } = this.#desk;
    const version = phone.state ? phone.thumbnail_version : null;
    const address = `/api/v1/attempts/me/companion/picture?v=${version}`;
    for (const tile of root.querySelectorAll("[data-phone-tile]")) {
      const image = /** @type {HTMLImageElement} */ (find(tile, "[data-phone-picture]"));
      image.hidden = !version;
      find(tile, "[data-phone-none]").hidden = Boolean(version);
      if (version && image.getAttribute("src") !== address) image.src = address;
      /** @type {HTMLElement} */ (tile).dataset.look = look;
    }
    const age = version ? Math.max(0, Math.round((state.server_ms - version) / 1000)) : 0;
    const seen = version && look !== "none" ? words.say("phone.seen", { seconds: age }) : words.say(`phone.${look}`);
    fill(root, "phone-tag", look === "lost" ? words.say("phone.lost") : seen);
    fill(root, "phone-facts", this.#facts(phone.facts));
  }

  #facts(/** @type {any} */ { battery, charging, free_mb: free }) {
    const { words } = this.#desk;
    const told = [
      battery === undefined ? "" : words.say("phone.battery", { level: `${battery} %` }),
      charging ? words.say("phone.charging") : "",
      free === undefined ? "" : words.say("phone.free", { size: (free / 1024).toFixed(1) }),
    ];
    return told.filter(Boolean).join(" · ");
  }
}
