// @ts-check
import { fire } from "../helpers/events.js";
import { changeStatus, identity, insert, spread } from "./chunk_rows.js";
import { IndexedDbPort } from "./indexeddb_port.js";
import { addUp } from "./store_totals.js";

const ALL = ["segments", "chunks", "bodies"];
const EVICT_AT_ONCE = 20;

/** Only unacknowledged chunks are left and the browser gives no more room. */
export class StoreFull extends Error {
  code = "store_full";
}

/**
 * What this browser holds of its recordings, until the server has verified it.
 *
 * A chunk is durable when `putChunk` resolves. A segment's count and head change in the
 * same transaction as its last chunk, so they are right after any crash.
 */
export class ChunkStore extends EventTarget {
  #port;

  /** @param {{port: any}} options */
  constructor({ port }) {
    super();
    this.#port = port;
  }

  static async open(name = "kaowu") {
    return new ChunkStore({ port: await IndexedDbPort.open(name) });
  }

  /**
   * @param {{uuid: string, recording: string, stream: string, mime: string, device: string,
   *   reason: string, startedMs: number, header: string, head: string}} segment
   */
  async putSegment(segment) {
    const counters = { bytes: 0, acknowledged: 0, acknowledgedBytes: 0, problems: 0 };
    const row = { ...segment, open: true, count: 0, ...counters };
    await this.#port.transact(["segments"], "readwrite", (tx) => tx.put("segments", row), "strict");
  }

  /**
   * @param {{recording: string, segment: string, seq: number, bytes: ArrayBuffer,
   *   digest: string, chain: string, startMs: number, durationMs: number,
   *   segmentHeader: string}} chunk
   */
  async putChunk(chunk) {
    for (;;) {
      try {
        await this.#port.transact(ALL, "readwrite", (tx) => insert(tx, chunk), "strict");
        break;
      } catch (error) {
        if (/** @type {Error} */ (error).name !== "QuotaExceededError") throw error;
        await this.#makeRoom();
      }
    }
    const { recording, segment, seq, bytes } = chunk;
    fire(this, "stored", { recording, segment, seq, size: bytes.byteLength });
  }

  /** Recordings that have something to send, with how many chunks. */
  async pending() {
    const { recordings } = await this.totals();
    return Object.entries(recordings)
      .map(([recording, { pending }]) => ({ recording, count: pending }))
      .filter(({ count }) => count > 0);
  }

  /** The oldest chunk to send, with its bytes; null when there is none. @param {string} recording */
  async next(recording) {
    return this.#port.transact(["chunks", "bodies"], "readonly", async (tx) => {
      const [row] = await tx.list("chunks", "queue", [recording, "pending"], 1);
      return row ? { ...row, ...(await tx.get("bodies", row.order)) } : null;
    });
  }

  /** @param {{segment: string, seq: number}} key */
  async markAcknowledged(key) {
    const row = await this.#mark(key, "acknowledged", null);
    if (row) fire(this, "acknowledged", identity(row));
  }

  /** The server will not have it: kept, not sent again by itself. */
  async markProblem(/** @type {{segment: string, seq: number}} */ key, /** @type {string} */ code) {
    const row = await this.#mark(key, "problem", code);
    if (row) fire(this, "problem", { ...identity(row), code });
  }

  /**
   * Sends chunks again: those the server misses, or (null) all it had refused.
   * @param {string} recording
   * @param {Record<string, number[][]> | null} missing inclusive ranges by segment
   * @returns {Promise<number>} how many
   */
  async requeue(recording, missing = null) {
    const keys = missing === null ? await this.#refused(recording) : spread(missing);
    let count = 0;
    for (const key of keys) if (await this.#mark(key, "pending", null)) count += 1;
    if (count > 0) fire(this, "stored", { recording });
    return count;
  }

  /** The server has verified this recording: its bytes may go. @param {string} recording */
  async purgeAcknowledged(recording) {
    let removed = 0;
    for (;;) {
      const batch = await this.#drop("queue", [recording, "acknowledged"], 200);
      removed += batch.length;
      if (batch.length === 0) return removed;
    }
  }

  /** What was recorded, for sealing. @param {string} recording */
  async statement(recording) {
    const segments = await this.#segments(recording);
    return segments
      .filter(({ count }) => count > 0)
      .sort((a, b) => a.startedMs - b.startedMs)
      .map(({ uuid, mime, count, head }) => ({ uuid, mime, count, head }));
  }

  async totals() {
    return addUp(await this.#port.transact(["segments"], "readonly", (tx) => tx.all("segments")));
  }

  /** Closes what a crash or reload left open. Count and head stay as they were stored. */
  async recover() {
    return this.#port.transact(["segments"], "readwrite", async (tx) => {
      const open = (await tx.all("segments")).filter((segment) => segment.open);
      for (const segment of open) await tx.put("segments", { ...segment, open: false });
      return open.map(({ uuid, recording, stream, count }) => ({ uuid, recording, stream, count }));
    });
  }

  /** The recorder has stopped and its last chunk is stored. @param {string} uuid */
  async closeSegment(uuid) {
    await this.#port.transact(
      ["segments"],
      "readwrite",
      async (tx) => {
        const segment = await tx.get("segments", uuid);
        if (segment) await tx.put("segments", { ...segment, open: false });
      },
      "strict",
    );
  }

  /** Everything still held, oldest first within a state. @param {string} recording */
  async *chunks(recording) {
    for (const status of ["acknowledged", "pending", "problem"]) {
      const rows = await this.#rows("queue", [recording, status]);
      for (const row of rows) {
        const body = await this.#port.transact(["bodies"], "readonly", (tx) =>
          tx.get("bodies", row.order),
        );
        if (body) yield { ...row, bytes: body.bytes };
      }
    }
  }

  /** @param {string} key */
  async getMeta(key) {
    const row = await this.#port.transact(["meta"], "readonly", (tx) => tx.get("meta", key));
    return row?.value ?? null;
  }

  /** @param {string} key @param {unknown} value */
  async putMeta(key, value) {
    await this.#port.transact(
      ["meta"],
      "readwrite",
      (tx) => tx.put("meta", { key, value }),
      "strict",
    );
  }

  #rows(/** @type {string} */ index, /** @type {unknown} */ key) {
    return this.#port.transact(["chunks"], "readonly", (tx) => tx.list("chunks", index, key));
  }

  #segments(/** @type {string} */ recording) {
    return this.#port.transact(["segments"], "readonly", (tx) =>
      tx.list("segments", "recording", recording),
    );
  }

  async #refused(/** @type {string} */ recording) {
    return (await this.#rows("queue", [recording, "problem"])).map(identity);
  }

  #mark(key, status, problem) {
    return this.#port.transact(["segments", "chunks"], "readwrite", (tx) =>
      changeStatus(tx, key, status, problem),
    );
  }

  /** The oldest acknowledged chunks go first; what is not acknowledged never goes. */
  async #makeRoom() {
    const gone = await this.#drop("age", "acknowledged", EVICT_AT_ONCE);
    if (gone.length === 0) throw new StoreFull();
    for (const recording of new Set(gone.map((row) => row.recording))) {
      const count = gone.filter((row) => row.recording === recording).length;
      fire(this, "evicted", { recording, count });
    }
  }

  #drop(index, key, limit) {
    return this.#port.transact(["chunks", "bodies"], "readwrite", async (tx) => {
      const rows = await tx.list("chunks", index, key, limit);
      for (const { order } of rows) {
        await tx.delete("chunks", order);
        await tx.delete("bodies", order);
      }
      return rows;
    });
  }
}
