// One candidate on the grid: state in words, last heard, pictures by version.

import { fill, find, setIcon, setText } from "./dom.js";

const STREAMS = ["camera", "screen", "companion"];
const STALE = new Set(["disconnected", "offline", "camera_lost"]);

export class Tile {
  element;
  facts;
  room;
  #words;
  #base;

  /** @param {{template: HTMLTemplateElement, words: any, base: string, room: string, facts: any}} options */
  constructor({ template, words, base, room, facts }) {
    this.element = /** @type {HTMLElement} */ (
      /** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild
    );
    this.#words = words;
    this.#base = `${base}${facts.attempt}/`;
    this.room = room;
    this.facts = facts;
    this.element.dataset.attempt = facts.attempt;
    const link = /** @type {HTMLAnchorElement} */ (find(this.element, "[data-link]"));
    link.href = this.#base;
  }

  show(/** @type {any} */ facts, /** @type {number} */ now) {
    this.facts = facts;
    const { element } = this;
    element.dataset.tone = facts.tone;
    element.dataset.state = facts.state;
    setIcon(find(element, ".k-tile__head"), this.#words.icon(facts.state));
    fill(element, "state", this.#words.state(facts.state));
    fill(element, "label", facts.label);
    fill(element, "stage", this.#words.stage(facts.stage));
    fill(element, "marks", this.#marks());
    fill(element, "fact", this.#fact());
    for (const stream of STREAMS) this.#picture(stream);
    find(element, "[data-none]").hidden = Object.keys(facts.pictures).length > 0;
    this.#stale();
    this.tick(now);
  }

  /** What only the clock changes. */
  tick(/** @type {number} */ now) {
    fill(this.element, "seen", this.#words.seen(this.facts.last_seen_ms, now));
  }

  #marks() {
    const { words } = this.#words;
    const { incidents, unread } = this.facts;
    const marks = [];
    if (incidents) marks.push(words.say("fact.incidents", { count: incidents }));
    if (unread) marks.push(words.say("fact.unread", { count: unread }));
    return marks.join(" · ");
  }

  #fact() {
    const { words } = this.#words;
    const { backlog_chunks: backlog, phone } = this.facts;
    const facts = [];
    if (phone) facts.push(words.say(`fact.phone.${phone}`));
    if (backlog) facts.push(words.say("fact.backlog", { count: backlog }));
    return facts.join(" · ");
  }

  /** A picture is asked for again only under a new version. */
  #picture(/** @type {string} */ stream) {
    const image = /** @type {HTMLImageElement} */ (find(this.element, `[data-picture="${stream}"]`));
    const version = this.facts.pictures[stream];
    image.hidden = !version;
    if (!version || image.dataset.version === String(version)) return;
    image.dataset.version = String(version);
    image.loading = "lazy";
    image.src = `${this.#base}thumbnails/${stream}.jpg?v=${version}`;
    image.alt = this.#words.words.say(`picture.${stream}`, { label: this.facts.label });
  }

  /** An old picture must not pass for a new one. */
  #stale() {
    const { pictures, state } = this.facts;
    const newest = Math.max(0, .../** @type {number[]} */ (Object.values(pictures)));
    const stands = STALE.has(state) && newest > 0;
    find(this.element, ".k-tile__pics").classList.toggle("k-tile__pics--stale", stands);
    find(this.element, "[data-over]").hidden = !stands;
    if (!stands) return;
    const text = this.#words.words.say("picture.stands", { time: this.#words.clock(newest) });
    setText(find(this.element, '[data-slot="stands"]'), text);
  }
}
