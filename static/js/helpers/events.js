// @ts-check
/**
 * @param {EventTarget} target
 * @param {string} name
 * @param {object} detail
 */
export function fire(target, name, detail = {}) {
  target.dispatchEvent(new CustomEvent(name, { detail }));
}

/**
 * Resolves with the detail of the next event of that name.
 * @param {EventTarget} target
 * @param {string} name
 * @returns {Promise<any>}
 */
export function once(target, name) {
  return new Promise((resolve) => {
    target.addEventListener(name, (event) => resolve(/** @type {CustomEvent} */ (event).detail), {
      once: true,
    });
  });
}
