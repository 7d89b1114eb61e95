// @ts-check
import { toBase64Url, utf8 } from "../helpers/bytes.js";
import { canonicalJson } from "../helpers/canonical.js";

const DEVICE_LENGTH = 200;

/** A device's own label as the protocol allows it. @param {string} label */
export function plainDevice(label) {
  const printable = Array.from(label).filter((letter) => !/[\p{Cc}\p{Cs}]/u.test(letter));
  return printable.slice(0, DEVICE_LENGTH).join("");
}

/**
 * The value of `Kaowu-Segment`, which rides with every chunk.
 * @param {{mime: string, device: string, reason: string, startedMs: number}} segment
 */
export function segmentHeader({ mime, device, reason, startedMs }) {
  return toBase64Url(utf8(canonicalJson({ mime, device, reason, started_ms: startedMs })));
}
