// A page about a background job: how far it is, asked every two seconds, until it ends.

import { fill } from "../widgets/dom.js";

const EVERY_MS = 2000;
const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-job]"));
const bar = place?.querySelector("progress");

/** @param {string} url */
async function look(url) {
  const reply = await fetch(url, { headers: { Accept: "application/json" } });
  if (!reply.ok) return;
  const { made, total, done } = await reply.json();
  if (done) {
    location.reload();
    return;
  }
  fill(place ?? document, "made", String(made));
  fill(place ?? document, "total", String(total));
  if (bar) Object.assign(bar, { max: Math.max(1, total), value: made });
}

const url = place?.dataset.job;
if (url) {
  setInterval(() => {
    // A network that fails says nothing about the job: the next turn asks again.
    if (!document.hidden) look(url).catch(() => {});
  }, EVERY_MS);
}
