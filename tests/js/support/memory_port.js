// @ts-check
/** The storage port in memory: one transaction at a time, all or nothing, a quota. */
import { SCHEMA } from "../../../static/js/models/store_schema.js";

const keyOf = (row, path) =>
  JSON.stringify(Array.isArray(path) ? path.map((part) => row[part]) : row[path]);

export class MemoryPort {
  #stores = new Map(Object.keys(SCHEMA).map((name) => [name, new Map()]));
  #turn = Promise.resolve();
  #order = 0;

  constructor({ quotaBytes = Infinity } = {}) {
    this.quotaBytes = quotaBytes;
  }

  get usedBytes() {
    return [...this.#stores.get("bodies").values()].reduce(
      (sum, row) => sum + row.bytes.byteLength,
      0,
    );
  }

  transact(stores, mode, work) {
    const run = this.#turn.then(() => this.#run(stores, mode, work));
    this.#turn = run.then(
      () => undefined,
      () => undefined,
    );
    return run;
  }

  async #run(stores, mode, work) {
    const before = new Map(stores.map((name) => [name, new Map(this.#stores.get(name))]));
    try {
      const result = await work(this.#operations(stores, mode));
      if (this.usedBytes > this.quotaBytes) {
        throw new DOMException("full", "QuotaExceededError");
      }
      return result;
    } catch (error) {
      for (const [name, rows] of before) this.#stores.set(name, rows);
      throw error;
    }
  }

  #operations(stores, mode) {
    const rows = (name) => {
      if (!stores.includes(name)) throw new DOMException(name, "NotFoundError");
      return this.#stores.get(name);
    };
    const writable = (name) => {
      if (mode !== "readwrite") throw new DOMException(name, "ReadOnlyError");
      return rows(name);
    };
    const sorted = (name) =>
      [...rows(name).values()].sort((a, b) => {
        const path = SCHEMA[name].keyPath;
        return a[path] < b[path] ? -1 : 1;
      });
    return {
      get: async (name, key) => structuredClone(rows(name).get(key)),
      all: async (name) => structuredClone(sorted(name)),
      list: async (name, index, key, limit) => {
        const path = SCHEMA[name].indexes[index];
        const hits = sorted(name).filter((row) => keyOf(row, path) === JSON.stringify(key));
        return structuredClone(hits.slice(0, limit));
      },
      put: async (name, row) => {
        const { keyPath, autoIncrement } = SCHEMA[name];
        const kept = structuredClone(row);
        if (autoIncrement && kept[keyPath] === undefined) kept[keyPath] = this.#order += 1;
        writable(name).set(kept[keyPath], kept);
        return kept[keyPath];
      },
      delete: async (name, key) => void writable(name).delete(key),
    };
  }
}
