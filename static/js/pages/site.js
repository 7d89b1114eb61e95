// Every page that is not the exam: the clock, and queues that look again by themselves.

import { mountHelp } from "../widgets/help_dock.js";
import { mountInbox } from "../widgets/inbox_panel.js";
import { ServerClock } from "../widgets/server_clock.js";

for (const element of document.querySelectorAll("[data-server-clock]")) {
  new ServerClock(/** @type {HTMLElement} */ (element)).connect();
}

const queue = /** @type {HTMLElement | null} */ (document.querySelector("[data-reload-every]"));
if (queue) {
  const everyMs = Number(queue.dataset.reloadEvery) * 1000;
  setInterval(() => {
    if (!document.hidden && document.activeElement === document.body) location.reload();
  }, everyMs);
}

mountHelp(() => ({}));
mountInbox();
