import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { fromBase64, toBase64 } from "../../static/js/helpers/bytes.js";
import { sha256 } from "../../static/js/helpers/digest.js";
import { fromHex, toHex } from "../../static/js/helpers/hex.js";
import { chunkHeaders } from "../../static/js/models/chunk_request.js";
import { SegmentChain } from "../../static/js/models/segment_chain.js";
import { plainDevice, segmentHeader } from "../../static/js/models/segment_header.js";

const vectors = JSON.parse(
  await readFile(new URL("../vectors/recording.json", import.meta.url), "utf8"),
);

for (const segment of vectors.segments) {
  test(`chain of segment ${segment.uuid} equals the vectors`, async () => {
    const chain = await SegmentChain.begin({ segment: segment.uuid, mime: segment.mime });
    const genesis = chain.head;
    const made = [];

    for (const chunk of segment.chunks) {
      const digest = await sha256(fromBase64(chunk.bytes));
      const span = { startMs: chunk.start_ms, durationMs: chunk.duration_ms };
      made.push({ digest: toHex(digest), ...(await chain.add({ digest, ...span })) });
    }

    assert.equal(genesis, segment.genesis);
    assert.deepEqual(
      made,
      segment.chunks.map(({ digest, seq, chain: head }) => ({ digest, seq, chain: head })),
    );
    assert.equal(chain.count, segment.chunks.length);
  });

  test(`headers of segment ${segment.uuid} equal the vectors`, () => {
    const { mime, device, reason, header } = segment;
    const startedMs = segment.started_ms;

    const made = segmentHeader({ mime, device: plainDevice(device), reason, startedMs });
    const sent = segment.chunks.map((chunk) =>
      chunkHeaders(
        {
          digest: chunk.digest,
          startMs: chunk.start_ms,
          durationMs: chunk.duration_ms,
          chain: chunk.chain,
          segmentHeader: made,
        },
        "T",
      ),
    );

    assert.equal(made, header);
    assert.deepEqual(
      sent,
      segment.chunks.map((chunk) => ({
        Authorization: "Bearer T",
        "Content-Type": "application/octet-stream",
        "Content-Digest": chunk.content_digest,
        "Kaowu-Span": chunk.span,
        "Kaowu-Chain": chunk.chain,
        "Kaowu-Segment": header,
      })),
    );
  });
}

test("a device label loses control characters and its tail", () => {
  const label = `Cam\u0000era\n${"摄".repeat(300)}`;

  const plain = plainDevice(label);

  assert.equal(plain, `Camera${"摄".repeat(194)}`);
});

test("hexadecimal and base64 refuse nonsense and survive a round trip", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);

  const back = [fromHex(toHex(bytes)), fromBase64(toBase64(bytes))];

  assert.deepEqual(back, [bytes, bytes]);
  assert.throws(() => fromHex("abc"), TypeError);
  assert.throws(() => fromHex("zz"), TypeError);
});
