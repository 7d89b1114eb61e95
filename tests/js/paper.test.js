import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { concat, fromBase64, toBase64, uint32, utf8 } from "../../static/js/helpers/bytes.js";
import { canonicalJson } from "../../static/js/helpers/canonical.js";
import { sha256 } from "../../static/js/helpers/digest.js";
import { once } from "../../static/js/helpers/events.js";
import { fromHex, toHex } from "../../static/js/helpers/hex.js";
import { PaperBox } from "../../static/js/models/paper_box.js";
import { PaperDamaged, openPaper } from "../../static/js/models/paper_seal.js";
import { listen, makeStore } from "./support/chunks.js";
import { serve } from "./support/server.js";

const BUCKET = 16_384;

const { cases } = JSON.parse(await readFile(new URL("../vectors/paper.json", import.meta.url), "utf8"));
const sample = cases.find(({ bundle }) => bundle);
const bundle = fromBase64(sample.bundle);
const key = fromHex(sample.key);

test("the bundle of the vectors opens with its key", async () => {
  const questions = await openPaper(bundle.buffer, key);

  assert.deepEqual(questions, sample.questions);
});

/** The sealing side, from the page of the protocol. */
async function seal(questions, keyBytes, nonce) {
  const text = utf8(canonicalJson({ questions }));
  const size = Math.ceil((4 + text.length) / BUCKET) * BUCKET;
  const plain = new Uint8Array(size);
  plain.set(concat(uint32(text.length), text));
  const aes = await crypto.subtle.importKey("raw", keyBytes, "AES-GCM", false, ["encrypt"]);
  const how = { name: "AES-GCM", iv: nonce, additionalData: utf8("kaowu/paper/1") };
  return concat(utf8("KWP1"), nonce, new Uint8Array(await crypto.subtle.encrypt(how, aes, plain)));
}

for (const one of cases) {
  test(`sealed as the vectors say and opened again: ${one.name}`, async () => {
    const { letter, times } = one.text_repeats ?? {};
    const questions = one.questions ?? [{ number: 1, text: letter.repeat(times), seconds: 0 }];

    const sealed = await seal(questions, fromHex(one.key), fromHex(one.nonce));
    const opened = await openPaper(sealed.buffer, fromHex(one.key));

    assert.equal(toHex(await sha256(sealed)), one.bundle_sha256);
    assert.deepEqual(opened, questions);
  });
}

test("a bundle that was changed anywhere, cut or opened with another key is refused", async () => {
  const changed = [0, 4, 16, bundle.length - 1].map((at) => {
    const copy = bundle.slice();
    copy[at] ^= 1;
    return copy.buffer;
  });
  const damaged = [...changed, bundle.slice(0, 100).buffer, new ArrayBuffer(0)];

  for (const bytes of damaged) await assert.rejects(openPaper(bytes, key), PaperDamaged);
  await assert.rejects(openPaper(bundle.buffer, key.slice().fill(0)), PaperDamaged);
});

/** A server that gives bundle and key; `refuse(url, count)` may answer instead. */
async function makeBox(t, { refuse = () => undefined, opensIn = 0, ...options } = {}) {
  const counts = { "/paper": 0, "/paper-key": 0 };
  const server = await serve(({ url }) => {
    counts[url] += 1;
    const refusal = refuse(url, counts[url]);
    if (refusal !== undefined) return refusal;
    return url === "/paper" ? { bytes: bundle } : { json: { key: toBase64(key) } };
  });
  const clock = { now: () => performance.now(), untilMs: (at) => at - performance.now() };
  const box = new PaperBox({
    bundleUrl: `${server.url}/paper`,
    keyUrl: `${server.url}/paper-key`,
    token: () => "T",
    clock,
    opensMs: performance.now() + opensIn,
    random: () => 0,
    ...options,
  });
  t.after(async () => {
    box.disconnect();
    await server.close();
  });
  return { box, server };
}

test("the bundle comes at once and the key not before the start", async (t) => {
  const { box, server } = await makeBox(t, { opensIn: 300 });
  const began = performance.now();

  box.connect();
  const { size } = await once(box, "bundle");
  const early = [box.hasBundle, box.questions, server.requests.length];
  const { questions } = await once(box, "opened");

  assert.equal(size, bundle.length);
  assert.deepEqual(early, [true, null, 1]);
  assert.ok(performance.now() - began >= 299);
  assert.deepEqual(questions, sample.questions);
  assert.deepEqual(box.questions, sample.questions);
  assert.equal(server.requests[1].headers.authorization, "Bearer T");
});

test("a server that is away or says not yet is asked again", async (t) => {
  const closed = { status: 403, json: { status: 403, code: "window_closed" } };
  const refuse = (url, count) => {
    if (count > 1) return undefined;
    return url === "/paper" ? null : closed;
  };
  const { box } = await makeBox(t, { refuse });
  const seen = listen(box, "waiting");

  box.connect();
  await once(box, "opened");

  assert.deepEqual(seen.map(([, { code }]) => code), ["offline", "window_closed"]);
});

test("after a reload the paper opens without the server", async (t) => {
  const { store } = makeStore();
  const first = await makeBox(t, { store, name: "paper:A" });
  first.box.connect();
  await once(first.box, "opened");

  const { box, server } = await makeBox(t, { store, name: "paper:A", refuse: () => null });
  box.connect();
  const { questions } = await once(box, "opened");

  assert.deepEqual(questions, sample.questions);
  assert.equal(server.requests.length, 0);
});

test("a bundle that cannot be opened is said and fetched anew", async (t) => {
  const refuse = (url, count) => {
    const broken = url === "/paper" && count === 1;
    return broken ? { bytes: bundle.slice(0, 500) } : undefined;
  };
  const { box, server } = await makeBox(t, { refuse });
  const seen = listen(box, "problem");

  box.connect();
  await once(box, "opened");

  assert.deepEqual(seen, [["problem", { code: "paper_damaged" }]]);
  assert.equal(server.requests.length, 4);
});

test("a portal's page is no bundle", async (t) => {
  const refuse = (url, count) => (url === "/paper" && count === 1 ? { bytes: "<html>" } : undefined);
  const { box } = await makeBox(t, { refuse });
  const seen = listen(box, "waiting", "problem");

  box.connect();
  await once(box, "opened");

  assert.deepEqual(seen.map(([name, { code }]) => [name, code]), [["waiting", "offline"]]);
});

test("refresh asks for bundle and key again", async (t) => {
  const { box, server } = await makeBox(t);
  box.connect();
  await once(box, "opened");

  const questions = await box.refresh();

  assert.deepEqual(questions, sample.questions);
  assert.deepEqual(
    server.requests.map(({ url }) => url),
    ["/paper", "/paper-key", "/paper", "/paper-key"],
  );
});
