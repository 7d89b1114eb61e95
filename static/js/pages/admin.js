// The admin's pages: the server's clock in the letterhead, and "/" to find a candidate.

import { ServerClock } from "../widgets/server_clock.js";

for (const element of document.querySelectorAll("[data-server-clock]")) {
  new ServerClock(/** @type {HTMLElement} */ (element)).connect();
}

const search = /** @type {HTMLInputElement | null} */ (
  document.querySelector(".k-adminsearch input")
);

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || typing || !search) return;
  event.preventDefault();
  search.focus();
});
