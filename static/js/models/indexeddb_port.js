// @ts-check
import { SCHEMA, SCHEMA_VERSION } from "./store_schema.js";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBDatabase} database */
function createStores(database) {
  for (const [name, { keyPath, autoIncrement, indexes }] of Object.entries(SCHEMA)) {
    const store = database.createObjectStore(name, { keyPath, autoIncrement });
    for (const [index, path] of Object.entries(indexes)) {
      store.createIndex(index, path, { unique: index === "identity" });
    }
  }
}

/** The storage port of real browsers. */
export class IndexedDbPort {
  #name;
  /** @type {IDBDatabase | null} */
  #database = null;

  /** @param {string} name */
  constructor(name) {
    this.#name = name;
  }

  /** @param {string} name */
  static async open(name) {
    const port = new IndexedDbPort(name);
    await port.#connection();
    return port;
  }

  /**
   * @template T
   * @param {string[]} stores
   * @param {"readonly" | "readwrite"} mode
   * @param {(work: object) => Promise<T>} work awaits nothing but the methods given
   * @param {"strict" | "relaxed"} durability strict: on the disk when this resolves
   * @returns {Promise<T>}
   */
  async transact(stores, mode, work, durability = "relaxed") {
    const transaction = await this.#begin(stores, mode, durability);
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
    });
    // The cause is thrown below; this keeps an abort from being reported twice.
    finished.catch(() => undefined);
    let result;
    try {
      result = await work(operations(transaction));
    } catch (error) {
      abort(transaction);
      throw error;
    }
    await finished;
    return result;
  }

  /** A browser may close the connection under us (suspension, eviction): open it again. */
  async #begin(stores, mode, durability) {
    const database = await this.#connection();
    try {
      return database.transaction(stores, mode, { durability });
    } catch (error) {
      if (/** @type {DOMException} */ (error).name !== "InvalidStateError") throw error;
      this.#database = null;
      return (await this.#connection()).transaction(stores, mode, { durability });
    }
  }

  async #connection() {
    if (this.#database) return this.#database;
    const request = indexedDB.open(this.#name, SCHEMA_VERSION);
    request.onupgradeneeded = () => createStores(request.result);
    const database = await answered(request);
    database.onclose = () => {
      this.#database = null;
    };
    database.onversionchange = () => {
      database.close();
      this.#database = null;
    };
    this.#database = database;
    return database;
  }
}

/** @param {IDBTransaction} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // A failed request has aborted it already.
  }
}

/** @param {IDBTransaction} transaction */
function operations(transaction) {
  const store = (name) => transaction.objectStore(name);
  return {
    get: (name, key) => answered(store(name).get(key)),
    all: (name) => answered(store(name).getAll()),
    list: (name, index, key, limit) =>
      answered(store(name).index(index).getAll(IDBKeyRange.only(key), limit)),
    put: (name, row) => answered(store(name).put(row)),
    delete: (name, key) => answered(store(name).delete(key)),
  };
}
