"""A proctor watches a candidate: tile, live pictures, warning, lost network.

The candidate is a recorder that sends in real time over the real protocol. How far
the proctor's picture is behind is read from the film's own counter.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from candidates.access import COOKIE
from candidates.simulation.http import Client
from candidates.simulation.media import FPS, make_segment, read_counter
from candidates.simulation.pulse import Pulse
from candidates.simulation.recorder import SegmentSender
from tests.journeys.browser import staff_browser
from tests.journeys.portal import Portal

SHOTS = Path(os.environ.get("SHOTS") or Path(__file__).parents[2] / "var" / "shots")
SECONDS = 150
MOST_BEHIND = 5.0
LOOKS = 10
INBOX = "/api/v1/attempts/me/inbox"
# The picture of the camera as grey rows, small enough to be sent to the test.
GREY = """() => {
  const video = document.querySelector('[data-live="camera"] video');
  if (!video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [160, 120];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 160, 120);
  const { data } = context.getImageData(0, 0, 160, 120);
  return Array.from({ length: 160 * 120 }, (_, index) => data[index * 4 + 1]);
}"""


class Candidate(threading.Thread):
    """Records both streams in real time until it leaves."""

    def __init__(self, base: str, facts: dict) -> None:
        super().__init__(daemon=True)
        self.facts = facts
        self.gone = threading.Event()
        self.began = 0.0
        self.client = Client(base, cookies={COOKIE: facts["cookie"]})
        self.pulse = Pulse(self.client, seed=1)
        self.media = {
            stream: make_segment(SECONDS, audio=stream == "camera", seed=1)
            for stream in facts["recordings"]
        }

    def run(self) -> None:
        self.began = time.time()
        senders = {
            stream: SegmentSender(
                self.client,
                self.facts["recordings"][stream],
                self.facts["token"],
                mime,
                round(self.began * 1000),
            )
            for stream, (mime, _slices) in self.media.items()
        }
        for second in range(SECONDS):
            # A slice is there when its second is over.
            if self.gone.wait(max(0.0, self.began + second + 1 - time.time())):
                return
            for stream, sender in senders.items():
                piece = self.media[stream][1][second]
                sender.send(piece, start_ms=second * 1000, duration_ms=1000)
            heads = {stream: sender.told() for stream, sender in senders.items()}
            self.pulse.beat(stage="answer", phase="answering", heads=heads)

    def leave(self) -> None:
        self.gone.set()
        self.join(10)
        self.pulse.close()
        self.client.close()


@contextlib.contextmanager
def sitting(folder: Path) -> Iterator[tuple[str, dict]]:
    portal = Portal(folder / "data")
    portal.found()
    facts = portal.prepare("sitting", answer=1200)
    portal.start()
    try:
        yield f"http://127.0.0.1:{portal.port}", facts
    finally:
        portal.stop()


def sign_in(browser: Browser, base: str, facts: dict, **look: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 820}, **look)
    page = context.new_page()
    page.goto(f"{base}/staff/sign-in/")
    page.fill("input[name=username]", "proctor")
    page.fill("input[name=password]", facts["password"])
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_url(f"{base}/staff/")
    return page


def counter(page: Page) -> int | None:
    grey = page.evaluate(GREY)
    if grey is None:
        return None
    picture = np.array(grey, dtype=np.uint8).reshape(120, 160)
    return read_counter(av.VideoFrame.from_ndarray(picture, format="gray"))


def looks_at(page: Page, candidate: Candidate) -> list[float]:
    """How old the picture is, look by look, once the first one plays."""
    behind: list[float] = []
    until = time.monotonic() + 60
    while len(behind) < LOOKS and time.monotonic() < until:
        number = counter(page)
        if number is not None:
            behind.append(time.time() - candidate.began - number / FPS)
        page.wait_for_timeout(700)
    return behind


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"))


def acknowledge(client: Client) -> list[str]:
    items = client.get(INBOX).json["items"]
    client.post_json(f"{INBOX}/{items[0]['code']}/acknowledge", {})
    return [item["body"] for item in items]


@pytest.mark.journey
@pytest.mark.long
@pytest.mark.timeout(300)
def test_proctor_sees_a_candidate_live_and_warns_them(tmp_path):
    with sync_playwright() as playwright, sitting(tmp_path) as (base, facts):
        browser = staff_browser(playwright)
        grid = sign_in(browser, base, facts, locale="en")
        candidate = Candidate(base, facts)
        candidate.start()
        grid.locator('a[href="/proctor/"]').first.click()
        tile = grid.locator('.k-tile[data-state="answering"]')
        tile.wait_for(timeout=30_000)
        tile.locator('[data-picture="camera"]').wait_for(timeout=20_000)
        tile.locator('[data-picture="screen"]').wait_for(timeout=20_000)
        shoot(grid, "proctor-grid")

        one = grid.context.new_page()
        one.goto(f"{base}/proctor/{facts['attempt']}/")
        behind = looks_at(one, candidate)
        stated = one.locator('[data-live="camera"]').get_attribute("data-behind-ms")
        shoot(one, "proctor-one")
        assert len(behind) == LOOKS
        assert max(behind) <= MOST_BEHIND, behind
        assert abs(int(stated) / 1000 - behind[-1]) < 2, (stated, behind)
        screen = one.locator('[data-live="screen"]').get_attribute("data-behind-ms")
        assert int(screen) <= MOST_BEHIND * 1000

        one.locator("h1").click()
        one.keyboard.press("w")
        one.fill('[data-letter="warning"] textarea', "Keep your hands in the picture")
        one.locator('[data-letter="warning"] [type="submit"]').click()
        one.get_by_text("Not acknowledged yet").wait_for(timeout=10_000)
        assert acknowledge(candidate.client) == ["Keep your hands in the picture"]
        one.get_by_text("acknowledged at").wait_for(timeout=10_000)

        look = {"locale": "zh-CN", "color_scheme": "dark"}
        other = sign_in(browser, base, facts, **look)
        for path, name in (("", "grid"), (f"{facts['attempt']}/", "one")):
            other.goto(f"{base}/proctor/{path}")
            other.wait_for_timeout(4_000)
            shoot(other, f"proctor-{name}-dark")

        candidate.leave()
        grid.locator('.k-tile[data-state="disconnected"]').wait_for(timeout=30_000)
        assert grid.locator('[data-count="bad"]').inner_text() == "1"
        assert grid.locator("[data-feed] li").count() > 0
        shoot(grid, "proctor-grid-disconnected")
