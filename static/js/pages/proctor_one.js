// One candidate enlarged: live pictures, record, and what is written to the candidate.

import { ConversationPanel } from "../widgets/conversation.js";
import { fill, find, setBadge } from "../widgets/dom.js";
import { fetchPanel } from "../widgets/help_dock.js";
import { LetterForms } from "../widgets/letter_forms.js";
import { LiveTrio } from "../widgets/live_trio.js";
import { pageClock } from "../widgets/server_clock.js";
import { StateWords } from "../widgets/state_words.js";
import { TimelineList } from "../widgets/timeline_list.js";

const RETRY_MS = 5_000;
const root = find(document, "[data-one]");
const now = pageClock(Number(root.dataset.serverMs));
const words = new StateWords({ root });
const trio = new LiveTrio({ root, words, now });
const timeline = new TimelineList({ root, words });
const letters = new LetterForms({ root, words });
const badge = find(root, "[data-state]");
/** @type {ConversationPanel | null} */
let talk = null;
let unread = 0;

trio.addEventListener("tile", (event) => {
  const tile = /** @type {CustomEvent} */ (event).detail;
  setBadge(badge, tile.tone, words.icon(tile.state), words.state(tile.state));
  fill(root, "seen", words.seen(tile.last_seen_ms, now()));
  fill(root, "stage", words.stage(tile.stage) || "—");
  fill(root, "backlog", tile.backlog_chunks === null ? "—" : String(tile.backlog_chunks));
  fill(root, "incidents", String(tile.incidents));
  fill(root, "unread", String(tile.unread));
  // A first question opens a conversation that this page does not listen to yet.
  if (tile.unread > unread) talk?.model.refresh();
  unread = tile.unread;
});
trio.addEventListener("down", () => setBadge(badge, "bad", "net-off", words.words.say("line.down")));
trio.addEventListener("lost", () => setBadge(badge, "bad", "lock", words.words.say("line.lost")));
letters.addEventListener("sent", () => void timeline.refresh());

const sound = find(root, '[data-action="sound"]');
sound.addEventListener("click", () => {
  const on = sound.getAttribute("aria-pressed") !== "true";
  sound.setAttribute("aria-pressed", String(on));
  trio.hear(on);
});

/** The candidate's conversation with the helpdesk; its floor says what is in it. */
async function showConversation() {
  const place = find(root, "[data-conversation-place]");
  const url = place.dataset.url ?? "";
  try {
    const panel = await fetchPanel(url);
    place.replaceChildren(panel);
    talk = new ConversationPanel({ root: panel, name: url });
    talk.connect();
  } catch {
    setTimeout(() => void showConversation(), RETRY_MS);
  }
}

void showConversation();
trio.connect();
timeline.connect();
letters.connect();
