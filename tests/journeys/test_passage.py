"""The whole passage in a real browser: from a roster file to a released result.

The network is cut for 20 s by a proxy in front of the server, and the tab is killed
once. What the page captured is in the archive byte for byte; the decoded film's own
counter has no hole that the ledger does not name.
"""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from candidates.simulation.media import make_segment
from tests.journeys.browser import candidate_browser
from tests.journeys.checks import (
    FILM_FPS,
    FILM_SECONDS,
    Ledger,
    check_archive,
    check_film,
)
from tests.journeys.media_checks import write_fake_camera_y4m
from tests.journeys.planted import planted_recorder
from tests.journeys.story import story_of

HEARTBEAT_SLICES = 5  # one heartbeat tells of at least so many seconds


@pytest.fixture
def film(tmp_path) -> Path:
    path = tmp_path / "film.y4m"
    write_fake_camera_y4m(path, FILM_SECONDS, fps=FILM_FPS)
    return path


@pytest.mark.journey
@pytest.mark.timeout(420)
def test_passage_from_roster_file_to_released_result(tmp_path, film):
    with sync_playwright() as playwright, story_of(tmp_path, playwright) as story:
        with candidate_browser(
            playwright, profile=tmp_path / "profile", film=film, captured=story.captured
        ) as context:
            page = context.pages[0]
            story.walk_to_enter(page)
            story.enter_and_confirm(page)
            story.see_questions(page)
            story.cut_network(page)
            assert story.proxy.refused() > 0
            assert story.proxy.cut_bytes() > 0
            story.kill_tab(page)
            page = context.new_page()
            story.resume(page)
            story.end_and_upload(page)
            story.score()
            story.wait_for_the_end()
            story.take_step("start-scoring")
            story.take_step("release", typed=True)
            story.read_result(context)
        ledger = Ledger(story.portal, story.attempt)
        check_archive(ledger, story.captured, least_segments=2)
        assert max(ledger.witnessed("camera")) > HEARTBEAT_SLICES
        assert max(ledger.witnessed("screen")) > HEARTBEAT_SLICES
        check_film(ledger.films("camera"), least_segments=2)


@pytest.mark.journey
@pytest.mark.timeout(300)
def test_passage_with_a_file_in_place_of_the_recorder_fails_the_comparison(
    tmp_path, film
):
    """The negative control: the page believes it records; its bytes are prepared."""
    with sync_playwright() as playwright, story_of(tmp_path, playwright) as story:
        with candidate_browser(
            playwright, profile=tmp_path / "profile", film=film, captured=story.captured
        ) as context:
            context.add_init_script(planted_recorder())
            page = context.pages[0]
            story.walk_to_enter(page)
            story.enter_and_confirm(page)
            story.see_questions(page)
            page.wait_for_timeout(4_000)
            story.end_and_upload(page)
        ledger = Ledger(story.portal, story.attempt)
        story.wait_for_archive(ledger)

        with pytest.raises(AssertionError, match="bytes that no recorder made"):
            check_archive(ledger, story.captured, least_segments=1)
        with pytest.raises(AssertionError, match="pictures a second"):
            check_film(ledger.films("camera"), least_segments=1)


def test_film_without_the_camera_in_it_is_no_recording(tmp_path):
    """The negative control: bytes from a prepared file in place of the recorder's."""
    _, slices = make_segment(20, audio=True, seed=1)
    planted = tmp_path / "planted.webm"
    planted.write_bytes(b"".join(slices[:4] + slices[12:]))

    with pytest.raises(AssertionError, match="a hole of"):
        check_film([(planted, [0])], least_segments=1)
