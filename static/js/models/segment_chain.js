// @ts-check
import { concat, uint32, uint64, utf8 } from "../helpers/bytes.js";
import { sha256 } from "../helpers/digest.js";
import { fromHex, toHex } from "../helpers/hex.js";

const DOMAIN = "kaowu/segment/1";

/** The hash chain of one segment (docs/protocol/recording.md). Heads are 64 hex digits. */
export class SegmentChain {
  #head;
  #count = 0;

  /** @param {Uint8Array} genesis */
  constructor(genesis) {
    this.#head = genesis;
  }

  /** @param {{segment: string, mime: string}} of segment is a UUID */
  static async begin({ segment, mime }) {
    return new SegmentChain(await sha256(concat(utf8(DOMAIN), fromHex(segment), utf8(mime))));
  }

  get count() {
    return this.#count;
  }

  get head() {
    return toHex(this.#head);
  }

  /**
   * Adds the next chunk; times are whole milliseconds since the segment's start.
   * @param {{digest: Uint8Array, startMs: number, durationMs: number}} chunk
   * @returns {Promise<{seq: number, chain: string}>}
   */
  async add({ digest, startMs, durationMs }) {
    const seq = this.#count;
    this.#count += 1;
    this.#head = await sha256(
      concat(this.#head, uint32(seq), digest, uint64(startMs), uint32(durationMs)),
    );
    return { seq, chain: this.head };
  }
}
