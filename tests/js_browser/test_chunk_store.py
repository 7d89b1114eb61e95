"""The chunk store on a real IndexedDB: what it said it keeps is there after a crash."""

import contextlib
import json
import time

import pytest
from playwright.sync_api import Error

RECORDING = "11111111-1111-4111-8111-111111111111"
SEGMENT = "22222222-2222-4222-8222-222222222222"

# Writes chunks without end; each is reported only after `putChunk` resolved.
WRITE = """async ([recording, segment]) => {
  const { ChunkStore } = await import("/static/js/models/chunk_store.js");
  const { SegmentChain } = await import("/static/js/models/segment_chain.js");
  const { sha256 } = await import("/static/js/helpers/digest.js");
  const { toHex } = await import("/static/js/helpers/hex.js");
  const store = await ChunkStore.open();
  const mime = "video/webm";
  const chain = await SegmentChain.begin({ segment, mime });
  await store.putSegment({ uuid: segment, recording, stream: "camera", mime, device: "",
    reason: "start", startedMs: 1, header: "h", head: chain.head });
  const write = async () => {
    for (;;) {
      const bytes = crypto.getRandomValues(new Uint8Array(40000));
      const digest = await sha256(bytes);
      const span = { startMs: chain.count * 10, durationMs: 10 };
      const link = await chain.add({ digest, ...span });
      const chunk = { recording, segment, ...link, ...span, digest: toHex(digest),
        bytes: bytes.buffer, segmentHeader: "h" };
      await store.putChunk(chunk);
      console.log(JSON.stringify({ seq: link.seq, digest: toHex(digest), head: link.chain }));
    }
  };
  write();
}"""

READ = """async (recording) => {
  const { ChunkStore } = await import("/static/js/models/chunk_store.js");
  const { sha256 } = await import("/static/js/helpers/digest.js");
  const { toHex } = await import("/static/js/helpers/hex.js");
  const store = await ChunkStore.open();
  const statement = await store.statement(recording);
  const held = [];
  for await (const chunk of store.chunks(recording)) {
    const bytes = toHex(await sha256(chunk.bytes));
    held.push({ seq: chunk.seq, digest: chunk.digest, bytes, head: chunk.chain });
  }
  const recovered = await store.recover();
  const again = await store.recover();
  const pending = await store.pending();
  return { statement, held, recovered, again, pending };
}"""


def write_until(page, count):
    """Start the writing page; the chunks it has reported so far, still growing."""
    reported = []

    def note(message):
        reported.append(message.text)

    page.on("console", note)
    page.evaluate(WRITE, [RECORDING, SEGMENT])
    deadline = time.monotonic() + 60
    while len(reported) < count and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    return reported


def crash_tab(chromium, page):
    with contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=3000)


def kill_browser(chromium, page):
    chromium.kill()
    chromium.start()


@pytest.mark.parametrize("end", [crash_tab, kill_browser])
def test_stored_chunks_after_a_crash_are_all_there(site, chromium, end):
    page = chromium.open(site.url)
    reported = write_until(page, 40)

    end(chromium, page)
    found = chromium.open(site.url).evaluate(READ, RECORDING)

    promised = [json.loads(line) for line in reported]
    held = found["held"]
    kept = [{key: chunk[key] for key in ("seq", "digest", "head")} for chunk in held]
    assert len(promised) >= 40
    assert kept[: len(promised)] == promised
    assert [chunk["seq"] for chunk in held] == list(range(len(held)))
    assert [chunk["bytes"] for chunk in held] == [chunk["digest"] for chunk in held]
    last = {"uuid": SEGMENT, "count": len(held)}
    head = held[-1]["head"]
    assert found["statement"] == [{**last, "mime": "video/webm", "head": head}]
    stream = {"recording": RECORDING, "stream": "camera"}
    assert found["recovered"] == [{**last, **stream}]
    assert found["again"] == []
    assert found["pending"] == [{"recording": RECORDING, "count": len(held)}]
