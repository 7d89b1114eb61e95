// @ts-check
// One conversation on a page: the log, what to write, and how far each message got.

import { Conversation } from "../models/conversation.js";
import { Outbox } from "../models/outbox.js";
import { fill, find, setBadge, setIcon, setText } from "./dom.js";
import { TimeWords } from "./time_words.js";
import { Words } from "./words.js";

const STATE_ICONS = { sending: "wait", waiting: "net-off", sent: "check", read: "eye", failed: "bad" };
const NEAR = 40;

export class ConversationPanel extends EventTarget {
  #root;
  #words;
  #log;
  #text;
  /** @type {TimeWords | null} */
  #times = null;
  /** @type {Map<string, HTMLElement>} */
  #drawn = new Map();
  model;

  /** @param {{root: HTMLElement, name?: string, diagnostics?: () => object}} options */
  constructor({ root, name, diagnostics }) {
    super();
    this.#root = root;
    this.#words = new Words(root);
    this.#log = find(root, "[data-log]");
    this.#text = /** @type {HTMLTextAreaElement} */ (find(root, "textarea"));
    const { url = "", side = "candidate" } = root.dataset;
    const outbox = new Outbox(name ?? url);
    this.model = new Conversation({ url, side, diagnostics, outbox });
  }

  connect() {
    const form = find(this.#root, '[data-form="say"]');
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#say();
    });
    for (const chip of this.#root.querySelectorAll("[data-canned] button")) {
      chip.addEventListener("click", () => this.#take(chip.textContent?.trim() ?? ""));
    }
    find(this.#root, '[data-action="newest"]').addEventListener("click", () => this.#toEnd());
    this.#log.addEventListener("scroll", this.#look);
    document.addEventListener("visibilitychange", this.#look);
    globalThis.addEventListener("focus", this.#look);
    this.model.addEventListener("changed", this.#draw);
    this.model.addEventListener("news", this.#news);
    this.model.connect();
    this.#draw();
  }

  disconnect() {
    document.removeEventListener("visibilitychange", this.#look);
    globalThis.removeEventListener("focus", this.#look);
    this.model.disconnect();
  }

  /** The panel was opened: what is on the screen counts as seen. */
  look() {
    this.#toEnd();
    this.#look();
  }

  focus() {
    this.#text.focus();
  }

  #say() {
    const text = this.#text.value.trim();
    if (!text) return;
    this.#text.value = "";
    const field = (/** @type {string} */ name) =>
      /** @type {HTMLInputElement | null} */ (this.#root.querySelector(`[name="${name}"]`))?.value ?? "";
    this.model.send(text, { topic: field("topic") || "other", ticket_number: field("ticket_number") });
    this.#toEnd();
  }

  #take(/** @type {string} */ text) {
    this.#text.value = this.#text.value ? `${this.#text.value} ${text}` : text;
    this.#text.focus();
  }

  #draw = () => {
    const { model } = this;
    const near = this.#isNear();
    const first = /** @type {HTMLElement | null} */ (this.#root.querySelector("[data-first]"));
    if (first) first.hidden = !model.loaded || Boolean(model.request);
    const unsigned = /** @type {HTMLElement | null} */ (this.#root.querySelector("[data-unsigned]"));
    if (unsigned) unsigned.hidden = model.signedIn;
    const { rows } = model;
    const timeZone = model.request?.time_zone;
    if (timeZone) this.#times ??= new TimeWords({ timeZone });
    find(this.#root, "[data-empty]").hidden = rows.length > 0;
    for (const row of rows) this.#drawRow(row);
    this.#order(rows);
    setText(find(this.#root, "[data-line]"), this.#line());
    this.#root.dataset.requestState = model.request?.state ?? "";
    if (near) this.#toEnd();
    this.#look();
    this.dispatchEvent(new Event("changed"));
  };

  #line() {
    const { loaded, offline, problem, request } = this.model;
    if (problem) return this.#words.say("line.failed", { why: problem });
    if (offline) return this.#words.say("line.offline");
    if (!loaded) return this.#words.say("line.loading");
    return request ? this.#words.say("line.state", { state: request.state_label }) : "";
  }

  /** @param {any} row */
  #drawRow(row) {
    const element = this.#drawn.get(row.client_id) ?? this.#make(row);
    const own = row.author === this.model.side;
    const who = own && this.model.side === "staff" && row.by ? row.by : row.by || this.#words.say(`who.${row.author}`);
    fill(element, "text", row.text);
    fill(element, "who", who);
    fill(element, "time", this.#times?.clock(row.at_ms) ?? "");
    element.classList.toggle("k-msg--own", own);
    element.toggleAttribute("data-pending", ["sending", "waiting", "failed"].includes(row.state));
    element.dataset.message = row.state || "theirs";
    const badge = find(element, "[data-state]");
    badge.hidden = !row.state;
    if (row.state) {
      const words = this.#words.say(`state.${row.state}`, { why: row.failed });
      setBadge(badge, row.state === "failed" ? "bad" : "idle", STATE_ICONS[row.state], words);
      setIcon(badge, STATE_ICONS[row.state]);
    }
    find(element, '[data-action="again"]').hidden = row.state !== "failed";
  }

  /** @param {any} row */
  #make(row) {
    const template = /** @type {HTMLTemplateElement} */ (find(this.#root, '[data-template="message"]'));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const element = find(copy, ".k-msg");
    find(element, '[data-action="again"]').addEventListener("click", () => this.model.retry(row.client_id));
    this.#drawn.set(row.client_id, element);
    return element;
  }

  /** Put the rows in their order; those that stand right are not touched. */
  #order(/** @type {any[]} */ rows) {
    const wanted = new Set(rows.map((row) => row.client_id));
    for (const [id, element] of this.#drawn) {
      if (wanted.has(id)) continue;
      element.remove();
      this.#drawn.delete(id);
    }
    let before = find(this.#root, "[data-empty]");
    for (const row of rows) {
      const element = /** @type {HTMLElement} */ (this.#drawn.get(row.client_id));
      if (before.nextElementSibling !== element) before.after(element);
      before = element;
    }
  }

  #isNear() {
    const { scrollTop, clientHeight, scrollHeight } = this.#log;
    return scrollTop + clientHeight > scrollHeight - NEAR;
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** What stands on an open screen, at its end, is read. */
  #look = () => {
    const shown = this.#log.checkVisibility() && document.visibilityState === "visible";
    find(this.#root, '[data-action="newest"]').hidden = !this.model.unread || this.#isNear();
    if (shown && document.hasFocus() && this.#isNear()) this.model.markRead();
  };

  #news = () => {
    this.dispatchEvent(new CustomEvent("news", { detail: { text: this.#words.say("line.news") } }));
  };
}
