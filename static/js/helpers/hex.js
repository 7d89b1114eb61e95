// @ts-check
/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text even number of digits; dashes of a UUID are passed over */
export function fromHex(text) {
  const digits = text.replaceAll("-", "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new TypeError("not hexadecimal");
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** @param {number} size in bytes; the text is twice as long */
export function randomHex(size) {
  return toHex(crypto.getRandomValues(new Uint8Array(size)));
}
