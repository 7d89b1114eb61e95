// The conversation as a page of its own, for whoever has no dock.
import { ConversationPanel } from "../widgets/conversation.js";
import { ServerClock } from "../widgets/server_clock.js";

for (const root of document.querySelectorAll("[data-conversation]")) {
  // The same name as that of the dock of the same address: one box of unsent messages.
  const name = location.pathname + location.search;
  new ConversationPanel({ root: /** @type {HTMLElement} */ (root), name }).connect();
}
for (const element of document.querySelectorAll("[data-server-clock]")) {
  new ServerClock(/** @type {HTMLElement} */ (element)).connect();
}
