// Which view of the exam page is open: one at a time, named by the URL's fragment.

import { find } from "./dom.js";

const ROOM = new Set(["device_confirmation", "information", "paper_check", "countdown", "answer"]);
const ENDED = new Set(["submitted", "sealed", "marked", "released"]);
const SEALED = new Set(["sealed", "marked", "released"]);
const NOT_SITTING = new Set(["absent", "withdrawn"]);
const BEFORE_ENTRY = new Set(["enrolled", "checked_in"]);

/**
 * @typedef {{attempt: any, lease: any, deadlines: any, stage: string, stages: any[], recordings: any[]}} State
 */

/**
 * An entered attempt counts as over from its deadline on, whoever says so first.
 * @param {State} state
 * @param {number} now server epoch milliseconds
 */
export function isOver(state, now) {
  if (ENDED.has(state.attempt.state)) return true;
  return state.attempt.state === "entered" && now >= state.deadlines.ends;
}

/**
 * Return the view that belongs to a state at an instant.
 * @param {State} state
 * @param {number} now server epoch milliseconds
 */
export function viewOf(state, now) {
  const { attempt, lease } = state;
  if (NOT_SITTING.has(attempt.state)) return "ended";
  if (isOver(state, now)) return SEALED.has(attempt.state) ? "done" : "upload";
  if (lease.state === "waiting") return "check_in";
  if (lease.state !== "active") return "ended";
  if (attempt.state === "entered" && now >= state.deadlines.starts) return "answer";
  if (attempt.state === "entered") return state.stage === "answer" ? "countdown" : state.stage;
  if (BEFORE_ENTRY.has(attempt.state) && lease.level !== "verified" && state.stage !== "devices") {
    return "check_in";
  }
  return state.stage === "answer" || state.stage === "upload" ? "enter" : state.stage;
}

export class ExamViews extends EventTarget {
  /** @type {Map<string, HTMLElement>} */
  #sections = new Map();
  #root;
  #current = "loading";
  #natural = "";
  #held = "";

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.#root = root;
    for (const element of root.querySelectorAll("[data-view]")) {
      const section = /** @type {HTMLElement} */ (element);
      this.#sections.set(section.dataset.view ?? "", section);
    }
  }

  get current() {
    return this.#current;
  }

  get natural() {
    return this.#natural;
  }

  /** Stay on a view whose stage is finished, until `release`. */
  hold(/** @type {string} */ view) {
    this.#held = view;
  }

  release() {
    this.#held = "";
    this.#show(this.#natural);
  }

  connect() {
    addEventListener("hashchange", this.#followFragment);
  }

  disconnect() {
    removeEventListener("hashchange", this.#followFragment);
  }

  /**
   * Follow the state: a new natural view opens, a held one stays until the start.
   * @param {State} state
   * @param {number} now
   */
  follow(state, now) {
    const view = viewOf(state, now);
    if (this.#held && !ROOM.has(view) && view !== "upload") {
      this.#natural = view;
      return;
    }
    this.#held = "";
    if (view === this.#natural) return;
    this.#natural = view;
    this.#show(view);
  }

  /** Open a view on the person's own wish, if it exists. */
  open(/** @type {string} */ view) {
    if (this.#sections.has(view)) this.#show(view);
  }

  #followFragment = () => {
    const view = location.hash.slice(1);
    if (view === this.#current || !this.#sections.has(view)) return;
    if (ROOM.has(view) === ROOM.has(this.#natural) && view !== "loading") this.#show(view);
  };

  #show(/** @type {string} */ view) {
    if (view === this.#current) return;
    const previous = this.#current;
    this.#current = view;
    for (const [name, section] of this.#sections) section.hidden = name !== view;
    this.#choosePane(ROOM.has(view));
    this.#root.dataset.viewNow = view;
    history.replaceState(null, "", `#${view}`);
    scrollTo(0, 0);
    // Whoever listens to the page is told of the new view by its heading.
    if (previous !== "loading") {
      const pane = ROOM.has(view) ? "room" : "passage";
      find(this.#root, `[data-shell="${pane}"] main`).focus({ preventScroll: true });
    }
    this.dispatchEvent(new CustomEvent("view", { detail: { view, previous } }));
  }

  #choosePane(/** @type {boolean} */ room) {
    find(this.#root, '[data-shell="room"]').hidden = !room;
    find(this.#root, '[data-shell="passage"]').hidden = room;
    document.body.className = room ? "k-room" : "k-cand";
    for (const element of document.querySelectorAll("[data-helpbar], [data-language]")) {
      /** @type {HTMLElement} */ (element).hidden = room;
    }
    document.querySelector(".k-skip")?.setAttribute("href", room ? "#room" : "#main");
  }
}
