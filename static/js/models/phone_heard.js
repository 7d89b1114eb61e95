// @ts-check
// The phone speaks every 5 s and the page asks every 5 s: silence is said within 15 s.
const SILENT_MS = 9000;
const LIVE = new Set(["bound", "filming"]);

/**
 * How the phone stands in one state reply: its look, and since when it is not heard.
 * Judged at the instant of the reply: while the computer itself is cut off, nothing new
 * is known of the phone.
 * @param {{server_ms: number, companion: any}} state
 * @param {boolean} over whether the exam is over
 * @returns {{look: string, since: number | null}} look: none, compare, bound, filming, lost, ended
 */
export function phoneLook({ server_ms: serverMs, companion }, over) {
  const { state, offer, last_seen_ms: lastSeen } = companion;
  if (LIVE.has(state)) {
    const silent = !over && serverMs - lastSeen > SILENT_MS;
    return silent ? { look: "lost", since: lastSeen } : { look: state, since: null };
  }
  if (offer?.state === "opened") return { look: "compare", since: null };
  if (state === "ended" || (state && over)) return { look: "ended", since: null };
  return state ? { look: "lost", since: lastSeen } : { look: "none", since: null };
}
