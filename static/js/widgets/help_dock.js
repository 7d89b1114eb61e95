// @ts-check
// Help beside the work: a panel of its own that covers no question and stops no clock.
// The page of a lower floor names only the address; what is in the panel comes from there.

import { Outbox } from "../models/outbox.js";
import { ConversationPanel } from "./conversation.js";
import { find, setText } from "./dom.js";

const RETRY_MS = 5_000;

export class HelpDock {
  #dock;
  #body;
  #url;
  #diagnostics;
  /** @type {ConversationPanel | null} */
  #panel = null;
  #loading = false;

  /** @param {{dock: HTMLElement, diagnostics?: () => object}} options */
  constructor({ dock, diagnostics = () => ({}) }) {
    this.#dock = dock;
    this.#body = find(dock, "[data-dock-body]");
    this.#url = dock.dataset.url ?? "";
    this.#diagnostics = diagnostics;
  }

  connect() {
    for (const button of document.querySelectorAll('[data-action="help"]')) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        this.open();
      });
    }
    find(this.#dock, '[data-action="help-close"]').addEventListener("click", () => this.close());
    this.#dock.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    // Whoever has never asked costs the server nothing until the panel is opened.
    if (new Outbox(this.#url).known) void this.#mount();
  }

  open() {
    this.#dock.hidden = false;
    void this.#mount();
    this.#panel?.look();
    this.#panel?.focus();
  }

  close() {
    this.#dock.hidden = true;
    const button = /** @type {HTMLElement | null} */ (
      [...document.querySelectorAll('[data-action="help"]')].find((one) => one.checkVisibility()) ?? null
    );
    button?.focus();
  }

  async #mount() {
    if (this.#panel || this.#loading) return;
    this.#loading = true;
    try {
      const root = await fetchPanel(this.#url);
      this.#body.replaceChildren(root);
      this.#panel = new ConversationPanel({ root, name: this.#url, diagnostics: this.#diagnostics });
      this.#panel.addEventListener("changed", () => this.#count());
      this.#panel.addEventListener("news", (event) => this.#announce(/** @type {CustomEvent} */ (event).detail.text));
      this.#panel.connect();
      if (!this.#dock.hidden) this.#panel.focus();
    } catch {
      setTimeout(() => void this.#mount(), RETRY_MS);
    } finally {
      this.#loading = false;
    }
  }

  #count() {
    const unread = this.#panel?.model.unread ?? 0;
    for (const mark of document.querySelectorAll("[data-help-unread]")) {
      /** @type {HTMLElement} */ (mark).hidden = !unread;
      setText(mark, String(unread));
    }
  }

  #announce(/** @type {string} */ text) {
    if (this.#dock.hidden) setText(find(document, "[data-help-news]"), text);
  }
}

/** The conversation's element of the page that is asked for. @param {string} url */
export async function fetchPanel(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return /** @type {HTMLElement} */ (document.adoptNode(find(page, "[data-conversation]")));
}

/** Mount the dock of a page, if it has one. @param {() => object} diagnostics */
export function mountHelp(diagnostics) {
  const dock = /** @type {HTMLElement | null} */ (document.querySelector("[data-help-dock]"));
  if (dock) new HelpDock({ dock, diagnostics: () => ({ ...common(), ...diagnostics() }) }).connect();
}

function common() {
  return {
    page: location.pathname.split("/")[1] || "start",
    browser: navigator.userAgent.slice(0, 200),
    network: navigator.onLine ? "on" : "off",
  };
}
