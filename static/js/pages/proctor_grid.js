// The proctor's grid: the socket's frames become tiles, counts and lines.

import { GridSocket } from "../models/grid_socket.js";
import { fill, find, setBadge, setIcon, setText } from "../widgets/dom.js";
import { pageClock } from "../widgets/server_clock.js";
import { StateWords } from "../widgets/state_words.js";
import { TileGrid } from "../widgets/tile_grid.js";

const MOST_LINES = 50;

const root = find(document, "[data-grid]");
const now = pageClock(Number(root.dataset.serverMs));
const words = new StateWords({ root });
const grid = new TileGrid({ root, words, now });
const socket = new GridSocket({ url: root.dataset.socket });
const line = find(root, "[data-line]");
const feed = find(root, "[data-feed]");
const template = /** @type {HTMLTemplateElement} */ (find(root, '[data-template="line"]'));

/** One line for a change of state; the newest is on top. */
function report(/** @type {any} */ facts) {
  const made = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const item = /** @type {HTMLElement} */ (made.firstElementChild);
  item.dataset.tone = facts.tone;
  setIcon(item, words.icon(facts.state));
  fill(item, "time", words.clock(now()));
  fill(item, "what", `${facts.label} ${words.state(facts.state)}`);
  feed.prepend(item);
  while (feed.children.length > MOST_LINES) feed.lastElementChild?.remove();
  find(root, "[data-feed-empty]").hidden = true;
}

socket.addEventListener("frame", (event) => {
  const frame = /** @type {CustomEvent} */ (event).detail;
  const changes = grid.take(frame);
  for (const [facts] of changes) report(facts);
  if (frame.kind !== "alarm") return;
  const told = changes.map(([facts]) => `${facts.label} ${words.state(facts.state)}`);
  if (told.length) setText(find(root, "[data-announce]"), told.join(", "));
});
socket.addEventListener("up", () => setBadge(line, "ok", "ok", words.words.say("line.up")));
socket.addEventListener("down", () => setBadge(line, "bad", "net-off", words.words.say("line.down")));
socket.addEventListener("lost", () => setBadge(line, "bad", "lock", words.words.say("line.lost")));
grid.connect();
socket.connect();
