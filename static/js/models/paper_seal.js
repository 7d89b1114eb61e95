// @ts-check
import { utf8 } from "../helpers/bytes.js";

const MAGIC = "KWP1";
const NONCE_BYTES = 12;
const AAD = utf8("kaowu/paper/1");

/** The bundle is not what was sealed, or the key is not its key. */
export class PaperDamaged extends Error {
  code = "paper_damaged";
}

/** Whether these bytes say that they are a sealed paper. @param {ArrayBuffer} bundle */
export function isBundle(bundle) {
  const start = new Uint8Array(bundle.slice(0, MAGIC.length));
  return new TextDecoder().decode(start) === MAGIC;
}

/**
 * Opens a sealed paper (docs/protocol/paper.md).
 * @param {ArrayBuffer} bundle
 * @param {Uint8Array} keyBytes 32 bytes
 * @returns {Promise<{number: number, text: string, seconds: number | null}[]>}
 */
export async function openPaper(bundle, keyBytes) {
  if (!isBundle(bundle)) throw new PaperDamaged();
  const bytes = new Uint8Array(bundle);
  const iv = bytes.subarray(MAGIC.length, MAGIC.length + NONCE_BYTES);
  const sealed = bytes.subarray(MAGIC.length + NONCE_BYTES);
  try {
    const key = await crypto.subtle.importKey("raw", keyBytes, "AES-GCM", false, ["decrypt"]);
    const how = { name: "AES-GCM", iv, additionalData: AAD };
    const plain = await crypto.subtle.decrypt(how, key, sealed);
    const length = new DataView(plain).getUint32(0);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(plain, 4, length))).questions;
  } catch (cause) {
    throw new PaperDamaged("cannot open", { cause });
  }
}
