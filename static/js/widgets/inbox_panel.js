// @ts-check
// What the candidate was told. It stands beside the work: it covers no question, takes
// no focus and stops no clock; what asks for a confirmation stays until it is given.

import { EventSocket } from "../models/event_socket.js";
import { StateClient } from "../models/state_client.js";
import { fill, find, setBadge, setText } from "./dom.js";
import { TimeWords } from "./time_words.js";

const TONES = { announcement: "info", message: "info", warning: "bad", case_notice: "warn", ruling: "warn", recheck: "info" };
const ICONS = { announcement: "megaphone", message: "chat", warning: "warn", case_notice: "file", ruling: "scale", recheck: "calc" };
const isOpen = (/** @type {any} */ item) =>
  item.must_acknowledge ? !item.acknowledged_ms : !item.read_ms;

export class InboxPanel {
  #root;
  #client;
  #times;
  #dates;
  #cursor = -1;
  #unread = 0;
  #asking = false;
  /** @type {Map<string, HTMLElement>} */
  #drawn = new Map();

  /** @param {{root: HTMLElement, client: any}} options */
  constructor({ root, client }) {
    this.#root = root;
    this.#client = client;
    const timeZone = root.dataset.timeZone ?? "UTC";
    this.#times = new TimeWords({ timeZone });
    this.#dates = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  }

  connect() {
    this.#client.addEventListener("state", this.#follow);
  }

  disconnect() {
    this.#client.removeEventListener("state", this.#follow);
  }

  /** The state says how many wait; which, is asked for when something moved. */
  #follow = () => {
    const { state } = this.#client;
    const moved = state.unread !== this.#unread || (state.unread > 0 && state.cursor !== this.#cursor);
    if (this.#cursor >= 0 && !moved) return;
    void this.#read(state);
  };

  async #read(/** @type {any} */ { cursor, unread, lease }) {
    if (this.#asking || lease.state === "waiting") return;
    this.#asking = true;
    try {
      const { items } = await this.#client.get("inbox");
      this.#draw(items);
      this.#cursor = cursor;
      this.#unread = unread;
    } catch {
      // Asked again with the next state.
    } finally {
      this.#asking = false;
    }
  }

  #draw(/** @type {any[]} */ items) {
    const open = find(this.#root, "[data-inbox-open]");
    const read = find(this.#root, "[data-inbox-read]");
    for (const item of [...items].reverse()) {
      const element = this.#drawn.get(item.code) ?? this.#make(item);
      find(element, '[data-action="acknowledge"]').hidden = !(item.must_acknowledge && isOpen(item));
      find(element, '[data-action="read"]').hidden = item.must_acknowledge || !isOpen(item);
      const place = isOpen(item) ? open : read;
      if (element.parentElement !== place) place.prepend(element);
    }
    const earlier = items.filter((item) => !isOpen(item)).length;
    fill(this.#root, "earlier", String(earlier));
    find(this.#root, "[data-inbox-earlier]").hidden = earlier === 0;
    this.#root.hidden = items.length === 0;
  }

  #make(/** @type {any} */ item) {
    const template = /** @type {HTMLTemplateElement} */ (find(document, '[data-template="inbox-item"]'));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const element = find(copy, "[data-item]");
    element.dataset.item = item.code;
    setBadge(find(element, "[data-kind]"), TONES[item.kind] ?? "info", ICONS[item.kind] ?? "info", item.kind_title);
    for (const name of ["title", "body"]) fill(element, name, item[name]);
    fill(element, "sent", this.#times.clock(item.sent_ms));
    if (item.due_ms) {
      find(element, "[data-due]").hidden = false;
      setText(find(element, '[data-slot="due"]'), this.#dates.format(item.due_ms));
    }
    const link = /** @type {HTMLAnchorElement} */ (find(element, "[data-link]"));
    link.hidden = !item.link;
    if (item.link) link.href = item.link;
    for (const action of ["acknowledge", "read"]) {
      const button = find(element, `[data-action="${action}"]`);
      button.addEventListener("click", () => void this.#answer(item.code, action, element));
    }
    this.#drawn.set(item.code, element);
    return element;
  }

  async #answer(/** @type {string} */ code, /** @type {string} */ action, /** @type {HTMLElement} */ element) {
    const problem = find(element, "[data-problem]");
    problem.hidden = true;
    try {
      await this.#client.act(`inbox/${code}/${action}`);
    } catch {
      problem.hidden = false;
      return;
    }
    // The other panels of the page follow the state that `act` asked for.
    this.#cursor = 0;
    await this.#read(this.#client.state);
  }
}

/** The inbox of a page without an exam on it: its own client, rung by the socket. */
export function mountInbox() {
  const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-inbox]"));
  if (!root) return;
  const client = new StateClient();
  new InboxPanel({ root, client }).connect();
  const refresh = () => client.refresh().catch(() => null);
  void refresh().then((state) => {
    if (!state) return;
    const socket = new EventSocket({ cursor: state.cursor });
    socket.addEventListener("events", () => void refresh());
    socket.connect();
  });
}
