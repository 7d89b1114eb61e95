import assert from "node:assert/strict";
import { test } from "node:test";

import { once } from "../../static/js/helpers/events.js";
import { ApiProblem, Offline } from "../../static/js/models/api_problem.js";
import { ExamClock } from "../../static/js/models/exam_clock.js";
import { StateClient } from "../../static/js/models/state_client.js";
import { listen } from "./support/chunks.js";
import { serve } from "./support/server.js";

const makeState = (values = {}) => ({
  server_ms: 1_000,
  cursor: 4,
  attempt: { code: "A", state: "checked_in" },
  ...values,
});

async function makeClient(t, answer, options = {}) {
  const server = await serve(answer);
  const client = new StateClient({ url: `${server.url}/me/`, ...options });
  t.after(async () => {
    client.disconnect();
    await server.close();
  });
  return { client, server };
}

test("refresh takes the state, sets the clock and asks only for news afterwards", async (t) => {
  const clock = new ExamClock();
  const server_ms = 1_767_225_600_000;
  const reply = makeState({ server_ms });
  const { client, server } = await makeClient(t, () => ({ json: reply }), { clock });
  const seen = listen(client, "state");

  const state = await client.refresh();
  await client.refresh();

  assert.deepEqual(state, reply);
  assert.deepEqual(seen[0], ["state", { state: reply, previous: null }]);
  assert.ok(Math.abs(clock.now() - server_ms) < 1000);
  assert.deepEqual(server.requests.map(({ url }) => url), ["/me/state", "/me/state?after=4"]);
  assert.equal(server.requests[0].headers["kaowu-client"], "1");
});

test("callers at the same time share one request", async (t) => {
  const { client, server } = await makeClient(t, () => ({ json: makeState() }));

  const states = await Promise.all([client.refresh(), client.refresh(), client.refresh()]);

  assert.deepEqual(states, [makeState(), makeState(), makeState()]);
  assert.equal(server.requests.length, 1);
});

test("an action sends JSON and its state reply is taken", async (t) => {
  const after = makeState({ server_ms: 2_000, attempt: { code: "A", state: "entered" } });
  const { client, server } = await makeClient(t, () => ({ json: after }));

  await client.act("enter", { confirm: true });

  const [{ method, url, headers, body }] = server.requests;
  assert.deepEqual([method, url, headers["content-type"]], ["POST", "/me/enter", "application/json"]);
  assert.equal(body.toString(), '{"confirm":true}');
  assert.equal(headers["kaowu-client"], "1");
  assert.deepEqual(client.state, after);
  assert.equal(server.requests.length, 1);
});

test("an action with another reply is followed by a refresh", async (t) => {
  const answer = ({ url }) => ({ json: url === "/me/draw" ? { number: 17 } : makeState() });
  const { client, server } = await makeClient(t, answer);

  const reply = await client.act("draw", { nonce: "ab" });

  assert.deepEqual(reply, { number: 17 });
  assert.deepEqual(server.requests.map(({ url }) => url), ["/me/draw", "/me/state"]);
  assert.deepEqual(client.state, makeState());
});

test("a form goes as multipart", async (t) => {
  const { client, server } = await makeClient(t, () => ({ status: 201, json: makeState() }));
  const form = new FormData();
  form.append("consent", "on");

  await client.act("check-ins", form);

  const [{ headers, body }] = server.requests;
  assert.match(headers["content-type"], /^multipart\/form-data; boundary=/);
  assert.match(body.toString(), /name="consent"\r\n\r\non\r\n/);
});

test("a refusal is thrown with its code and fires once", async (t) => {
  const facts = { opens_ms: 5 };
  const json = { type: "/problems/window_closed", status: 403, code: "window_closed", title: "未开放", facts };
  const { client } = await makeClient(t, () => ({ status: 403, json, headers: { "Retry-After": "3" } }));
  const seen = listen(client, "problem", "offline");

  const error = await client.act("enter").catch((thrown) => thrown);

  assert.ok(error instanceof ApiProblem);
  const { status, code, title, retryAfterMs } = error;
  assert.deepEqual([status, code, title, error.facts, retryAfterMs], [403, "window_closed", "未开放", facts, 3000]);
  assert.deepEqual(seen, [["problem", { status: 403, code: "window_closed", title: "未开放", facts }]]);
});

test("no reply, a portal's page and a proxy's error are all offline, said once", async (t) => {
  const answers = [null, { bytes: "<html>" }, { status: 502, bytes: "Bad Gateway" }, { json: makeState() }];
  const { client } = await makeClient(t, () => answers.shift());
  const seen = listen(client, "offline", "online", "problem");
  const errors = [];

  for (let i = 0; i < 3; i += 1) errors.push(await client.refresh().catch((error) => error));
  const during = client.offline;
  await client.refresh();

  assert.deepEqual(errors.map((error) => error instanceof Offline), [true, true, true]);
  assert.deepEqual(seen, [["offline", {}], ["online", {}]]);
  assert.deepEqual([during, client.offline], [true, false]);
});

test("a state that was overtaken does not replace a newer one", async (t) => {
  const replies = [makeState({ server_ms: 9_000 }), makeState({ server_ms: 8_000, cursor: 3 })];
  const { client } = await makeClient(t, () => ({ json: replies.shift() }));

  await client.refresh();
  const state = await client.refresh();

  assert.equal(state.server_ms, 9_000);
});

test("connected, the state is asked for again and again until disconnected", async (t) => {
  let tick = 0;
  const answer = () => ({ json: makeState({ server_ms: (tick += 1) }) });
  const { client, server } = await makeClient(t, answer, { pollMs: 20 });

  client.connect();
  for (let i = 0; i < 3; i += 1) await once(client, "state");
  client.disconnect();
  const count = server.requests.length;
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });

  assert.ok(count >= 3);
  assert.ok(server.requests.length <= count + 1);
});
