// @ts-check
/** Codes after which the same bytes may well be taken on another try. */
const WORTH_A_FEW_TRIES = new Set(["digest_mismatch", "length_mismatch"]);
const AGAIN = new Set([408, 425]);

/**
 * What one reply to a chunk means (docs/protocol/recording.md, "Replies").
 *
 * `acknowledged` only when the reply repeats number and digest: a portal that answers
 * 200 to everything acknowledges nothing. A refusal counts only when it speaks the
 * protocol, so a proxy's error page never makes us give a chunk up.
 *
 * @param {{status: number | null, body: any}} reply status null: no reply at all
 * @param {{seq: number, digest: string}} chunk
 * @returns {"acknowledged" | "token" | "retry" | "few" | "stop"}
 */
export function verdictOf({ status, body }, { seq, digest }) {
  if (status === 200 || status === 201) {
    return body?.seq === seq && body?.digest === digest ? "acknowledged" : "retry";
  }
  if (status === 401) return "token";
  const refused = status !== null && status >= 400 && status < 500 && !AGAIN.has(status);
  if (!refused || typeof body?.code !== "string") return "retry";
  return WORTH_A_FEW_TRIES.has(body.code) ? "few" : "stop";
}

/** Milliseconds that `Retry-After` asks for; 0 without. @param {string | null} value */
export function retryAfterMs(value, nowMs = Date.now()) {
  if (!value) return 0;
  const seconds = Number(value);
  const wait = Number.isNaN(seconds) ? Date.parse(value) - nowMs : seconds * 1000;
  return wait > 0 ? wait : 0;
}
