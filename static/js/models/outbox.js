// @ts-check
// What was written and is not known to have arrived. It outlives reload and crash.

const KEEP_MS = 12 * 3_600_000;
const MOST = 50;

/** @typedef {{client_id: string, text: string, at: number, code: string, first: object, failed: string}} Unsent */

export class Outbox {
  #key;
  #storage;
  /** @type {{code: string, items: Unsent[]}} */
  #memory = { code: "", items: [] };

  /** @param {string} name @param {Storage | null} storage */
  constructor(name, storage = safeStorage()) {
    this.#key = `kaowu.help.${name}`;
    this.#storage = storage;
  }

  /** Whether this browser has asked here before, or still wants to. */
  get known() {
    const { code, items } = this.#read();
    return Boolean(code) || items.length > 0;
  }

  /** @param {string} code of the request that the browser has now */
  remember(code) {
    this.#write({ ...this.#read(), code });
  }

  /**
   * What is still to be sent in a conversation, in the order of writing. Another
   * person may have used this computer: what belongs to another request is not shown.
   * @param {string} code
   */
  waiting(code, now = Date.now()) {
    const { items } = this.#read();
    const fresh = (/** @type {Unsent} */ item) => now - item.at < KEEP_MS;
    return items.filter((item) => fresh(item) && (!item.code || item.code === code));
  }

  /** @param {Unsent} item */
  add(item) {
    const held = this.#read();
    this.#write({ ...held, items: [...held.items, item].slice(-MOST) });
  }

  /** @param {string} id @param {Partial<Unsent>} change */
  change(id, change) {
    const held = this.#read();
    const items = held.items.map((item) => (item.client_id === id ? { ...item, ...change } : item));
    this.#write({ ...held, items });
  }

  /** @param {string[]} ids */
  remove(ids) {
    const held = this.#read();
    const items = held.items.filter((item) => !ids.includes(item.client_id));
    if (items.length < held.items.length) this.#write({ ...held, items });
  }

  /** Read anew each time: another tab may have sent some. */
  #read() {
    try {
      const text = this.#storage?.getItem(this.#key);
      if (text) this.#memory = JSON.parse(text);
    } catch {
      // Storage is off or was damaged: memory serves until the page is left.
    }
    return this.#memory;
  }

  /** @param {{code: string, items: Unsent[]}} held */
  #write(held) {
    this.#memory = held;
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(held));
    } catch {
      // As above; a full storage must not keep anybody from writing.
    }
  }
}

function safeStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
