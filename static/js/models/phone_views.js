// @ts-check
const LIVE = new Set(["bound", "filming"]);

/**
 * The view that belongs to the phone's state and to what its camera does.
 * @param {{companion: {state: string}, recording: {state: string} | null}} state
 * @param {{shot: "" | "pan" | "film", stopped: boolean}} own
 */
export function phoneView(state, { shot, stopped }) {
  const now = state.companion.state;
  if (now === "offered" || now === "opened") return "check";
  if (now === "ended" || (stopped && LIVE.has(now))) {
    return state.recording && state.recording.state !== "open" ? "done" : "upload";
  }
  if (!LIVE.has(now)) return "closed";
  return shot || "ready";
}
