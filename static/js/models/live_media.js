// @ts-check
const CLUSTER = [0x1f, 0x43, 0xb6, 0x75];
const MOOF = [0x6d, 0x6f, 0x6f, 0x66];
const BOX_SIZE = 4;

/**
 * Where the first piece that can be played by itself begins: a WebM cluster or an MP4
 * movie fragment; -1 when none begins in these bytes. What is before it in the first
 * chunk of a segment is the header.
 * @param {Uint8Array} bytes
 * @param {string} mime
 */
export function firstFragment(bytes, mime) {
  const isMp4 = mime.includes("mp4");
  const at = indexOf(bytes, isMp4 ? MOOF : CLUSTER);
  return isMp4 && at >= 0 ? at - BOX_SIZE : at;
}

function indexOf(/** @type {Uint8Array} */ bytes, /** @type {number[]} */ wanted) {
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(wanted[0]); at >= 0 && at <= last; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/**
 * Where to play, of what is buffered: stay, or jump near the newest.
 * @param {{start: number, end: number, now: number}} span seconds; the newest buffered range
 * @param {{far?: number, edge?: number}} limits
 * @returns {number | null} the position to jump to
 */
export function jumpTo({ start, end, now }, { far = 3, edge = 1 } = {}) {
  const isOutside = now < start || now > end + edge;
  return isOutside || end - now > far ? Math.max(start, end - edge) : null;
}

/**
 * How fast to play: a little faster while more than a piece waits, so that the picture
 * comes near the newest again without a jump.
 * @param {{end: number, now: number}} span seconds
 * @param {{near?: number}} limits
 */
export function rateFor({ end, now }, { near = 1.8 } = {}) {
  return end - now > near ? 1.25 : 1;
}
