"""The face login in a real browser, whose camera shows what the fake back end reads."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from candidates.access import COOKIE
from candidates.domain.leases import Browser, claim_lease
from candidates.models import CheckIn, DeviceLease, FaceCheck
from tests.builders.chromium import FLAGS, program
from tests.builders.exams import before_start
from tests.builders.faces import ME, NEARLY_ME, NOSES, NOT_ME, at_door
from tests.candidates.conftest import at_time  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SHOTS")
# Five bars as `marked` paints them; the nose follows what the page asks for.
CAMERA = """([who, noses]) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 480];
  const context = canvas.getContext("2d");
  const paint = () => {
    const step = document.querySelector('[data-view="check_in"]')?.dataset.faceStep;
    const greys = [who * 255, (noses[step] ?? 0.5) * 255, 50, 130, 250];
    greys.forEach((grey, bar) => {
      context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
      context.fillRect(bar * 128, 0, 128, 480);
    });
  };
  setInterval(paint, 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(20);
}"""


@pytest.fixture(autouse=True)
def _faces(settings, tmp_path, monkeypatch):
    settings.FACE_BACKEND = "fake"
    settings.FACE_CHALLENGE_SECONDS = 6
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def exam(live_server, at_time):  # noqa: F811
    """Where the exam page is, and the cookie of a person in front of the check-in."""
    at_time(before_start(1500))
    lease = at_door()
    DeviceLease.objects.filter(pk=lease.pk).update(state="ended")
    claim = claim_lease(
        lease.attempt, browser=Browser(cookie=""), at=before_start(1500)
    )
    return f"{live_server.url}/exam/{lease.attempt.code}/", claim.cookie


def in_browser(exam, who, walk, *, locale="en"):
    """Walk in a thread of its own: the browser's loop keeps away from the database."""

    def run():
        url, cookie = exam
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program(), args=list(FLAGS)
            )
            context = browser.new_context(
                locale=locale, viewport={"width": 1280, "height": 900}
            )
            origin = url.partition("/exam/")[0]
            context.add_cookies([{"name": COOKIE, "value": cookie, "url": origin}])
            page = context.new_page()
            page.add_init_script(f"({CAMERA})({[who, NOSES]!r})")
            page.goto(url)
            page.wait_for_selector('[data-view="check_in"]:not([hidden])')
            found = walk(page)
            browser.close()
            return found

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def start(page: Page) -> None:
    page.locator('[data-action="face-consent"]').check()
    page.locator('[data-action="start-face"]:not([aria-disabled])').click()


def test_person_who_turns_as_asked_goes_on_by_themselves(exam):
    def walk(page):
        shoot(page, "face-idle")
        start(page)
        page.wait_for_selector('[data-face-steps] li[data-step="done"]')
        shoot(page, "face-running")
        page.wait_for_selector('[data-view="flow"]:not([hidden])', timeout=20_000)

    in_browser(exam, ME, walk)

    assert FaceCheck.objects.get().state == "passed"
    assert DeviceLease.objects.get(state="active").level == "verified"


def test_another_person_is_told_why_and_keeps_the_human_way(exam):
    def walk(page):
        start(page)
        banner = page.locator('[data-check-in="face-failed"]:not([hidden])')
        banner.wait_for(timeout=20_000)
        shoot(page, "face-failed")
        told = banner.inner_text()
        page.locator('[data-action="choose-human"]').click()
        shoot(page, "face-human")
        return told, page.locator('[data-action="take-photo"]').is_visible()

    told, human = in_browser(exam, NOT_ME, walk)

    assert "does not resemble the photo of the application" in told
    assert "tries left: 2" in told
    assert human


def test_unclear_comparison_waits_for_staff(exam):
    def walk(page):
        start(page)
        waiting = page.locator('[data-check-in="waiting"]:not([hidden])')
        waiting.wait_for(timeout=20_000)

    in_browser(exam, NEARLY_ME, walk)

    assert CheckIn.objects.get().state == "waiting"


def test_page_left_in_the_middle_uses_no_try(exam):
    def walk(page):
        start(page)
        page.wait_for_selector("[data-face-steps] li")
        page.reload()
        page.wait_for_selector('[data-action="start-face"]')

    in_browser(exam, ME, walk)

    assert FaceCheck.objects.get().state == "open"


def test_without_a_back_end_the_human_way_stands_there_at_once(exam, settings):
    settings.FACE_BACKEND = "manual"

    def walk(page):
        shoot(page, "face-manual")
        return (
            page.locator('[data-action="start-face"]').is_visible(),
            page.locator('[data-action="take-photo"]').is_visible(),
            page.locator("[data-face-why]").inner_text(),
        )

    program_way, human, why = in_browser(exam, ME, walk)

    assert (program_way, human) == (False, True)
    assert "a person looks instead" in why
