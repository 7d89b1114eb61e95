// Small spellings that several parts of the exam page share.

/** Return a sequence number as it is written everywhere: three digits at least. */
export function padNumber(/** @type {number | null | undefined} */ number) {
  return number === null || number === undefined ? "—" : String(number).padStart(3, "0");
}

/** Return thousands in thin groups: 1 228. */
export function grouped(/** @type {number} */ number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Return mebibytes with one decimal. */
export function megabytes(/** @type {number} */ bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}
