// The desk: one open conversation, and a queue that looks again when something moved.
import "./help.js";
import { EventSocket } from "../models/event_socket.js";

const PAUSE_MS = 700;
const EVERY_MS = 30_000;
let timer = 0;

/** Fetch this page again and exchange its parts, but none that somebody is working in. */
async function refresh() {
  const response = await fetch(location.href, { credentials: "same-origin" });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.getAttribute("data-part")}"]`);
    if (fresh && !part.contains(document.activeElement)) {
      part.replaceChildren(...document.adoptNode(fresh).childNodes);
    }
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => void refresh().catch(() => undefined), PAUSE_MS);
}

if (document.querySelector("[data-desk]")) {
  const socket = new EventSocket({ url: "/ws/helpdesk/" });
  socket.addEventListener("events", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.events.length) soon();
  });
  socket.addEventListener("up", soon);
  socket.connect();
  setInterval(soon, EVERY_MS);
}
