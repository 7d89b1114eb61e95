"""Live pictures from stored chunks, in a real browser: join late, keep up, go on."""

import itertools
import json
from pathlib import Path

import pytest

from candidates.simulation.media import make_segment
from tests.js_browser.waiting import until

SAMPLES = Path(__file__).parents[1] / "samples"
PLAY = """async () => {
  const { LivePlayer } = await import("/static/js/models/live_player.js");
  const video = document.querySelector("video");
  video.muted = true;
  window.asked = [];
  window.troubles = [];
  const fetchChunks = async (segment, first, last) => {
    window.asked.push([first, last]);
    const reply = await fetch(`/chunks/${segment}/${first}-${last}`);
    if (reply.status === 404) return null;
    const newest = Number(reply.headers.get("Kaowu-Last-Chunk"));
    return { last: newest, bytes: new Uint8Array(await reply.arrayBuffer()) };
  };
  window.player = new LivePlayer({ video, fetchChunks });
  window.player.addEventListener("trouble", ({ detail }) => {
    window.troubles.push(String(detail.problem));
  });
}"""


def recorded():
    """What a browser recorded, in slices that know nothing of clusters."""
    raw = (SAMPLES / "camera_fake_vp8_opus_8s_raw.webm").read_bytes()
    size = -(-len(raw) // 8)
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    return "video/webm;codecs=vp8,opus", pieces


def made(*, audio):
    return make_segment(30, audio=audio, seed=1)


def hurried():
    """What a recorder short of time makes: a key frame every ten seconds only."""
    mime, slices = make_segment(30, audio=False, seed=1, slice_ms=10_000)
    raw = b"".join(slices)
    size = -(-len(raw) // 30)
    return mime, [raw[at : at + size] for at in range(0, len(raw), size)]


@pytest.fixture
def player(site, chromium):
    """`(page, offer)`; `offer(newest)` says that the server holds up to this chunk."""
    page = chromium.browser.contexts[0].new_page()
    headers = {"Content-Security-Policy": "default-src 'self'; media-src 'self' blob:"}
    blank = {"body": "<video></video>", "content_type": "text/html", "headers": headers}
    page.route(f"{site.url}/live", lambda route: route.fulfill(**blank))
    page.goto(f"{site.url}/live")

    def give(media, *, missing=()):
        mime, pieces = media

        def answer(route):
            asked = route.request.url.rsplit("/", 1)[1].split("-")
            first, last = (int(number) for number in asked)
            held = itertools.takewhile(
                lambda seq: seq not in missing and seq < len(pieces),
                range(first, last + 1),
            )
            numbers = list(held)
            if not numbers:
                route.fulfill(status=404, body="")
                return
            headers = {"Kaowu-Last-Chunk": str(numbers[-1]), "Content-Type": mime}
            body = b"".join(pieces[seq] for seq in numbers)
            route.fulfill(body=body, headers=headers)

        page.route("**/chunks/**", answer)
        page.evaluate(PLAY)

        def offer(newest, segment="a", started_ms=1_000_000):
            line = {"state": "live", "segment": segment, "mime": mime, "init": 0}
            line |= {"newest": newest, "started_ms": started_ms}
            page.evaluate(f"window.player.offer({json.dumps(line)})")

        return offer

    return page, give


def shown(page):
    return until(page, "window.player.shownMs")


@pytest.mark.parametrize("audio", [False, True])
def test_late_join_plays_near_the_newest_chunk(player, audio):
    page, give = player
    offer = give(made(audio=audio))

    offer(20)
    first = shown(page)
    offer(21)
    until(page, f"window.player.shownMs > {first}")

    assert page.evaluate("window.troubles") == []
    # Second 18 to 22 of the segment, after the header came from chunk 0.
    assert 1_018_000 <= first <= 1_022_000
    assert page.evaluate("window.asked[0]") == [0, 4]
    assert page.evaluate("window.asked[1]") == [8, 20]


def test_slices_of_a_real_recorder_play_from_the_middle(player):
    page, give = player
    offer = give(recorded())

    offer(6)
    first = shown(page)
    offer(7)

    assert first > 1_000_000
    until(page, f"window.player.shownMs > {first}")


def test_rare_key_frames_do_not_keep_the_picture_waiting(player):
    page, give = player
    offer = give(hurried())

    offer(18)

    assert shown(page) >= 1_016_000


def test_header_in_several_chunks_is_put_together(player):
    page, give = player
    mime, (first, *others) = made(audio=False)
    offer = give((mime, [first[:20], first[20:60], first[60:], *others]))

    offer(20)

    assert shown(page) >= 1_014_000
    assert page.evaluate("window.troubles") == []


def test_what_came_meanwhile_is_asked_for_at_once(player):
    page, give = player
    offer = give(made(audio=False))

    offer(10)
    shown(page)
    offer(16)
    until(page, "window.player.shownMs > 1014000")

    assert page.evaluate("window.asked.slice(-1)") == [[11, 16]]


def test_picture_that_stands_still_begins_anew(player):
    page, give = player
    offer = give(made(audio=False))
    page.evaluate(
        """() => {
          const append = SourceBuffer.prototype.appendBuffer;
          SourceBuffer.prototype.appendBuffer = function () {
            SourceBuffer.prototype.appendBuffer = append;
          };
        }"""
    )

    for newest in range(8, 19):
        offer(newest)
    assert page.evaluate("window.player.shownMs") is None
    offer(19)

    assert shown(page) >= 1_016_000
    assert page.evaluate("window.asked[1]") == [0, 4]


def test_missing_chunk_and_another_segment_do_not_stop_the_picture(player):
    page, give = player
    offer = give(made(audio=True), missing=(12,))

    offer(10)
    shown(page)
    offer(16)
    until(page, "window.player.shownMs > 1013000")
    offer(8, segment="b", started_ms=5_000_000)

    until(page, "window.player.shownMs > 5000000")


def test_old_pictures_are_dropped(player):
    page, give = player
    offer = give(made(audio=False))

    for newest in range(2, 29):
        offer(newest)
        until(page, f"window.asked.some(([, last]) => last === {newest})")
    until(page, "document.querySelector('video').buffered.start(0) > 5")

    assert page.evaluate("window.troubles") == []


def test_no_recording_stops_the_picture(player):
    page, give = player
    offer = give(made(audio=False))
    offer(5)
    shown(page)

    page.evaluate('window.player.offer({ state: "archived" })')

    assert page.evaluate("window.player.shownMs") is None
    assert page.evaluate("document.querySelector('video').hasAttribute('src')") is False
