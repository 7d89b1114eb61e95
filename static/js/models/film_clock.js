// @ts-check
/** Films of several streams on one clock: which film, and where in it. */

/**
 * One stretch of a film: begins at `[0]` by the clock, runs in the film from `[1]` to
 * `[2]`; all in milliseconds.
 * @typedef {[number, number, number]} Span
 * @typedef {{url: string, spans: Span[]}} Film
 */

/**
 * @param {Film[]} films of one stream
 * @param {number} clockMs
 * @returns {{index: number, seconds: number} | null} null where nothing was recorded
 */
export function placeAt(films, clockMs) {
  for (const [index, film] of films.entries()) {
    for (const [atMs, fromMs, toMs] of film.spans) {
      const withinMs = clockMs - atMs;
      if (withinMs >= 0 && withinMs < toMs - fromMs) {
        return { index, seconds: (fromMs + withinMs) / 1000 };
      }
    }
  }
  return null;
}

/**
 * @param {number[]} marksMs in any order
 * @param {number} clockMs
 * @param {number} direction 1 for the next mark, -1 for the one before
 * @param {number} slackMs a mark nearer than this is where we are
 * @returns {number | null}
 */
export function markFrom(marksMs, clockMs, direction, slackMs = 500) {
  const ahead = marksMs.filter((mark) => (mark - clockMs) * direction > slackMs);
  if (!ahead.length) return null;
  return direction > 0 ? Math.min(...ahead) : Math.max(...ahead);
}

/**
 * @param {number} clockMs
 * @param {{from_ms: number, to_ms: number}} plan
 * @returns {number} the instant kept inside the plan
 */
export function insideOf(clockMs, plan) {
  return Math.min(Math.max(clockMs, plan.from_ms), plan.to_ms);
}
