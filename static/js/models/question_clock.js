// Which question is open at a second of the answer time; the last one keeps the rest.

/**
 * @param {{seconds: number}[]} questions in their order
 * @param {number} elapsed seconds since the answer time began
 */
export function questionAt(questions, elapsed) {
  let ends = 0;
  for (const [place, question] of questions.entries()) {
    ends += question.seconds;
    if (elapsed < ends) return place;
  }
  return Math.max(0, questions.length - 1);
}
