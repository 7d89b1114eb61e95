"""Record, lose the network, go on, send: what was captured is what has arrived."""

import io

import av

from tests.js_browser.fake_site import expected_chain
from tests.js_browser.waiting import until_total

RECORDING = "33333333-3333-4333-8333-333333333333"

# Sees every slice before any page code does.
LISTEN = """
window.captured = [];
const Native = window.MediaRecorder;
window.MediaRecorder = class extends Native {
  constructor(...args) {
    super(...args);
    this.addEventListener("dataavailable", ({ data }) => {
      if (data.size > 0) window.captured.push(data.arrayBuffer()
        .then((bytes) => crypto.subtle.digest("SHA-256", bytes))
        .then((digest) => Array.from(new Uint8Array(digest),
          (byte) => byte.toString(16).padStart(2, "0")).join("")));
    });
  }
};
"""

START = """async ([recording, token]) => {
  const { ChunkStore } = await import("/static/js/models/chunk_store.js");
  const { ExamClock } = await import("/static/js/models/exam_clock.js");
  const { StreamRecorder } = await import("/static/js/models/recorder.js");
  const { Uploader } = await import("/static/js/models/uploader.js");
  const { openCamera } = await import("/static/js/models/devices.js");
  const store = await ChunkStore.open();
  const uploader = new Uploader({ store, token: () => token });
  const mediaStream = await openCamera();
  const clock = new ExamClock();
  const make = () => new StreamRecorder({ stream: "camera", recording, store, mediaStream,
    sliceMs: 500, clock, device: "摄像头" });
  window.exam = { store, uploader, mediaStream, recorder: make(), log: [], make };
  for (const name of ["failing", "recovered", "problem"]) {
    uploader.addEventListener(name, () => window.exam.log.push(name));
  }
  uploader.connect();
  window.exam.recorder.addEventListener("ended", ({ detail }) => {
    window.exam.log.push(detail.reason);
  });
  window.exam.recorder.start("start");
}"""

FINISH = """async () => {
  const { store, uploader, recorder } = window.exam;
  const head = await recorder.stop();
  await uploader.drained();
  const [recording] = Object.keys((await store.totals()).recordings);
  return { head, statement: await store.statement(recording), totals: await store.totals(),
    captured: await Promise.all(window.captured), log: window.exam.log };
}"""


def open_page(chromium, site):
    page = chromium.browser.contexts[0].new_page()
    page.add_init_script(LISTEN)
    page.goto(site.url)
    return page


def decode(chunks):
    """Frames by kind of the concatenated chunks."""
    with av.open(io.BytesIO(b"".join(chunk.body for chunk in chunks))) as media:
        streams = [s for s in media.streams if s.type in {"video", "audio"}]
        frames = {stream.type: 0 for stream in streams}
        for packet in media.demux(streams):
            frames[packet.stream.type] += len(packet.decode())
    return frames


def test_recording_with_the_network_refused_arrives_whole_and_in_order(site, chromium):
    page = open_page(chromium, site)

    page.evaluate(START, [RECORDING, site.token])
    before = until_total(page, "acknowledged", 2)
    site.down()
    during = until_total(page, "pending", 3)
    site.up()
    until_total(page, "captured", 8)
    page.evaluate("window.exam.uploader.kick()")
    end = page.evaluate(FINISH)

    chunks = site.chunks
    assert [chunk.digest for chunk in chunks] == end["captured"]
    assert [chunk.seq for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.chain for chunk in chunks] == expected_chain(chunks)
    assert before["captured"] < during["captured"]
    assert "failing" in end["log"]
    assert "problem" not in end["log"]
    assert site.refusals == []
    stated = {"count": len(chunks), "head": chunks[-1].chain}
    assert end["head"] == {"segment": chunks[0].segment, **stated}
    mime = "video/webm;codecs=vp8,opus"
    assert end["statement"] == [{"uuid": chunks[0].segment, "mime": mime, **stated}]
    assert end["totals"]["acknowledged"] == len(chunks)
    assert decode(chunks)["video"] > 0


def test_recording_spans_are_without_holes_and_the_media_decodes(site, chromium):
    page = open_page(chromium, site)

    page.evaluate(START, [RECORDING, site.token])
    until_total(page, "captured", 6)
    page.evaluate(FINISH)

    spans = [chunk.span for chunk in site.chunks]
    ends = [start + duration for start, duration in spans]
    assert [start for start, _ in spans] == [0, *ends[:-1]]
    assert ends[-1] >= 2500
    frames = decode(site.chunks)
    assert frames["video"] >= 10
    assert frames["audio"] >= 25
    header = site.chunks[0].header
    started = header.pop("started_ms")
    assert header == {
        "mime": "video/webm;codecs=vp8,opus",
        "device": "摄像头",
        "reason": "start",
    }
    assert abs(started - page.evaluate("Date.now()")) < 60_000


def test_recorder_whose_track_ends_says_so_and_starts_a_new_segment(site, chromium):
    page = open_page(chromium, site)

    page.evaluate(START, [RECORDING, site.token])
    until_total(page, "captured", 2)
    page.evaluate(
        """async () => {
          const { mediaStream, recorder, make } = window.exam;
          const [track] = mediaStream.getVideoTracks();
          track.stop();
          track.dispatchEvent(new Event("ended"));
          const { openCamera } = await import("/static/js/models/devices.js");
          await recorder.stop();
          const fresh = await openCamera();
          mediaStream.removeTrack(track);
          mediaStream.addTrack(fresh.getVideoTracks()[0]);
          window.exam.recorder = make();
          window.exam.recorder.start("device");
        }"""
    )
    until_total(page, "captured", 5)
    end = page.evaluate(FINISH)

    segments = [segment["uuid"] for segment in end["statement"]]
    reasons = {chunk.segment: chunk.header["reason"] for chunk in site.chunks}
    assert end["log"] == ["track_ended"]
    assert [reasons[segment] for segment in segments] == ["start", "device"]
    for number, segment in enumerate(segments):
        chunks = [chunk for chunk in site.chunks if chunk.segment == segment]
        assert [chunk.chain for chunk in chunks] == expected_chain(chunks)
        assert end["statement"][number]["head"] == chunks[-1].chain
        assert decode(chunks)["video"] > 0


def test_two_tabs_of_one_browser_upload_one_after_the_other(site, chromium):
    first, second = open_page(chromium, site), open_page(chromium, site)
    first.evaluate(START, [RECORDING, site.token])
    waiting = """async (token) => {
      const { ChunkStore } = await import("/static/js/models/chunk_store.js");
      const { Uploader } = await import("/static/js/models/uploader.js");
      window.uploader = new Uploader({ store: await ChunkStore.open(), token: () => token });
      window.uploader.connect();
    }"""

    second.evaluate(waiting, site.token)
    until_total(first, "acknowledged", 2)
    before = [
        first.evaluate("window.exam.uploader.active"),
        second.evaluate("window.uploader.active"),
    ]
    first.evaluate("window.exam.uploader.disconnect()")
    first.evaluate("window.exam.recorder.stop()")
    second.evaluate("window.uploader.drained()")

    assert before == [True, False]
    assert second.evaluate("window.uploader.active") is True
    captured = first.evaluate("Promise.all(window.captured)")
    assert [chunk.digest for chunk in site.chunks] == captured
