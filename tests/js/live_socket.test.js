import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Backoff } from "../../static/js/helpers/backoff.js";
import { EventSocket } from "../../static/js/models/event_socket.js";
import { GridSocket } from "../../static/js/models/grid_socket.js";
import { dialled, goOnline, settled, visit } from "./support/browser_line.js";

const HELLO = { kind: "events", events: [], cursor: 7 };
const NAMES = ["up", "down", "events", "frame", "lost", "lease_lost"];
const open = [];

/** A connected socket, its newest line, and the events that it fired. */
function connected(Kind, options = {}) {
  // A back-off without chance: 500, 1000, 2000, … up to 15000 ms.
  const socket = new Kind({ backoff: new Backoff({ random: () => 1 }), ...options });
  const seen = [];
  for (const name of NAMES) socket.addEventListener(name, () => seen.push(name));
  socket.connect();
  open.push(socket);
  return { socket, seen };
}

/** The server takes the newest line, says these messages, and drops it. */
async function acceptAndDrop({ tell = [], code = 1006 } = {}) {
  const line = dialled.at(-1);
  line.accept();
  for (const message of tell) line.tell(message);
  line.drop(code);
  await settled();
}

/** How long it takes until the next line is dialled; 60 s is never. */
async function waitOfNextDial() {
  const before = dialled.length;
  for (let waited = 0; waited < 60_000; waited += 250) {
    if (dialled.length > before) return waited;
    mock.timers.tick(250);
    await settled();
  }
  return Infinity;
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect();
  dialled.length = 0;
  mock.timers.reset();
  visit("https://exam.example/exam/");
});

for (const Kind of [EventSocket, GridSocket]) {
  test(`${Kind.name}: a server that accepts and drops is dialled ever less often`, async () => {
    connected(Kind);
    const waits = [];

    for (let turn = 0; turn < 7; turn += 1) {
      await acceptAndDrop();
      waits.push(await waitOfNextDial());
    }

    assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  test(`${Kind.name}: the first message starts the waits anew`, async () => {
    connected(Kind);
    const waits = [];

    for (const tell of [[], [], [HELLO], []]) {
      await acceptAndDrop({ tell });
      waits.push(await waitOfNextDial());
    }

    assert.deepEqual(waits, [500, 1000, 500, 1000]);
  });

  test(`${Kind.name}: the network's return ends the wait`, async () => {
    connected(Kind);
    for (let turn = 0; turn < 3; turn += 1) {
      await acceptAndDrop();
      goOnline();
      await settled();
    }

    assert.equal(dialled.length, 4);
  });

  test(`${Kind.name}: a lost right is said once and nothing is dialled again`, async () => {
    const { socket, seen } = connected(Kind);

    await acceptAndDrop({ code: 4401 });

    assert.deepEqual(seen, ["up", Kind === GridSocket ? "lost" : "lease_lost"]);
    assert.equal(socket.open, false);
    assert.equal(await waitOfNextDial(), Infinity);
  });

  test(`${Kind.name}: who lets go is not dialled for, who comes back has one line`, async () => {
    const { socket, seen } = connected(Kind);
    socket.connect();
    await acceptAndDrop();
    socket.disconnect();
    assert.equal(await waitOfNextDial(), Infinity);
    assert.equal(dialled.length, 1);

    socket.connect();
    await settled();

    assert.equal(dialled.length, 2);
    assert.deepEqual(seen, ["up", "down"]);
  });
}

test("a lease that is lost is said once although message and close both tell", async () => {
  const { seen } = connected(EventSocket);

  await acceptAndDrop({ tell: [{ kind: "lease_lost" }], code: 4401 });

  assert.deepEqual(seen, ["up", "lease_lost", "frame"]);
  assert.equal(await waitOfNextDial(), Infinity);
});

test("the cursor goes along, and never back", async () => {
  connected(EventSocket, { cursor: 5 });
  await acceptAndDrop({ tell: [HELLO, { ...HELLO, cursor: 6 }] });
  await waitOfNextDial();

  const urls = dialled.map((line) => line.url);
  assert.deepEqual(urls, ["wss://exam.example/ws/attempt/?after=5", "wss://exam.example/ws/attempt/?after=7"]);
});

test("a page without TLS dials without it", () => {
  visit("http://localhost:8000/proctor/");
  connected(GridSocket);

  assert.equal(dialled[0].url, "ws://localhost:8000/ws/grid/");
});

test("the grid beats every twenty seconds while its line is up", async () => {
  const { socket, seen } = connected(GridSocket);
  mock.timers.tick(20_000);
  const [line] = dialled;
  line.accept();
  line.tell({ kind: "tiles" });
  mock.timers.tick(40_000);
  socket.disconnect();
  mock.timers.tick(40_000);

  assert.deepEqual(line.sent, [{ kind: "heartbeat" }, { kind: "heartbeat" }]);
  assert.deepEqual(seen, ["up", "frame"]);
});
