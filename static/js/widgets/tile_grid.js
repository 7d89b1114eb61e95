// The grid of tiles: counts, filters, and an order that never moves under the pointer.

import { find, setText } from "./dom.js";
import { Tile } from "./tile.js";

const TICK_MS = 1000;

/** Worst first, then by number. @param {any} one @param {any} other */
export function byTrouble(one, other) {
  if (one.rank !== other.rank) return other.rank - one.rank;
  return one.label < other.label ? -1 : Number(one.label > other.label);
}

export class TileGrid {
  #root;
  #region;
  #list;
  #words;
  #now;
  #template;
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  #filter = { tone: "", room: "", text: "" };
  #timer = 0;

  /** @param {{root: HTMLElement, words: any, now: () => number}} options */
  constructor({ root, words, now }) {
    this.#root = root;
    this.#words = words;
    this.#now = now;
    this.#region = find(root, "[data-tiles-region]");
    this.#list = find(root, "[data-tiles]");
    this.#template = /** @type {HTMLTemplateElement} */ (find(root, '[data-template="tile"]'));
  }

  connect() {
    for (const button of this.#buttons()) {
      button.addEventListener("click", () => this.#choose({ tone: button.dataset.filter ?? "" }));
    }
    const room = /** @type {HTMLSelectElement} */ (find(this.#root, "[data-filter-room]"));
    room.addEventListener("change", () => this.#choose({ room: room.value }));
    const text = /** @type {HTMLInputElement} */ (find(this.#root, "[data-filter-text]"));
    text.addEventListener("input", () => this.#choose({ text: text.value.trim() }));
    this.#filter.room = room.value;
    this.#region.addEventListener("pointerleave", this.#order);
    this.#region.addEventListener("focusout", () => setTimeout(this.#order));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  disconnect() {
    clearInterval(this.#timer);
  }

  /**
   * Take a frame of one room; return `[tile, previous state]` of those that changed.
   * @param {{room: string, whole?: boolean, tiles: any[]}} frame
   */
  take({ room, whole, tiles }) {
    const changes = tiles.map((facts) => this.#put(room, facts));
    if (whole) this.#forget(room, new Set(tiles.map((facts) => facts.attempt)));
    this.#count();
    this.#sift();
    this.#order();
    return changes.filter(([facts, before]) => before !== null && before !== facts.state);
  }

  #put(/** @type {string} */ room, /** @type {any} */ facts) {
    const known = this.#tiles.get(facts.attempt);
    const before = known ? known.facts.state : null;
    const tile = known ?? this.#make(room, facts);
    tile.show(facts, this.#now());
    return [facts, before];
  }

  #make(/** @type {string} */ room, /** @type {any} */ facts) {
    const [template, words] = [this.#template, this.#words];
    const tile = new Tile({ template, words, base: this.#root.dataset.base ?? "", room, facts });
    this.#tiles.set(facts.attempt, tile);
    this.#list.append(tile.element);
    return tile;
  }

  /** Who left the room is no longer among its tiles. */
  #forget(/** @type {string} */ room, /** @type {Set<string>} */ kept) {
    for (const [code, tile] of this.#tiles) {
      if (tile.room !== room || kept.has(code)) continue;
      tile.element.remove();
      this.#tiles.delete(code);
    }
  }

  /** Not while the pointer is over the grid, or the focus in it. */
  #order = () => {
    const isBusy = this.#region.matches(":hover") || this.#list.contains(document.activeElement);
    if (isBusy) return;
    const wanted = [...this.#tiles.values()].sort((one, other) => byTrouble(one.facts, other.facts));
    wanted.forEach(({ element }, index) => {
      const there = this.#list.children[index];
      if (there !== element) this.#list.insertBefore(element, there ?? null);
    });
  };

  #choose(/** @type {Partial<{tone: string, room: string, text: string}>} */ change) {
    this.#filter = { ...this.#filter, ...change };
    for (const button of this.#buttons()) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === this.#filter.tone));
    }
    this.#count();
    this.#sift();
  }

  #inRoom(/** @type {Tile} */ tile) {
    return !this.#filter.room || tile.room === this.#filter.room;
  }

  #sift() {
    const { tone, text } = this.#filter;
    let shown = 0;
    for (const tile of this.#tiles.values()) {
      const fits =
        this.#inRoom(tile) &&
        (!tone || tile.facts.tone === tone) &&
        (!text || tile.facts.label.includes(text));
      tile.element.hidden = !fits;
      shown += Number(fits);
    }
    find(this.#root, "[data-nobody]").hidden = shown > 0 || this.#tiles.size === 0;
  }

  #count() {
    const tiles = [...this.#tiles.values()].filter((tile) => this.#inRoom(tile));
    for (const slot of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll("[data-count]"))) {
      const tone = slot.dataset.count;
      const count = tiles.filter((tile) => !tone || tile.facts.tone === tone).length;
      setText(slot, String(count));
    }
  }

  #tick() {
    for (const tile of this.#tiles.values()) tile.tick(this.#now());
  }

  #buttons() {
    return /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll("[data-filter]"));
  }
}
