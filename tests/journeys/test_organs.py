"""Every organ around one passage: candidate, phone, proctor and officials in browsers.

The phone is paired, turns around the room and films; it falls silent, and another one
takes over by six digits. The proctor watches, warns, answers and notes an incident.
What both phones captured is in the archive byte for byte, and none of it is an
exhibit. Two officials cancel the score, and bring it back.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from exams.models.project import preset_a
from tests.journeys.browser import Captured, candidate_browser
from tests.journeys.checks import FILM_FPS, FILM_SECONDS, Ledger
from tests.journeys.media_checks import write_fake_camera_y4m
from tests.journeys.organs_story import OrgansStory
from tests.journeys.phone_story import see
from tests.journeys.story import story_of

WINDOWS = {"start_in": 92, "login_before": 80, "entry_before": 32, "answer": 150}


def check_films(ledger: Ledger, filmed: Captured) -> None:
    """Archived = captured, whichever phone it was; a segment for each beginning."""
    archived = ledger.segments("companion")
    made = [run for run in filmed.runs("screen") if run]
    assert sorted(archived) == sorted(made)
    reasons = ledger.rows(
        "SELECT s.reason, s.lease_epoch FROM candidates_segment s JOIN "
        "candidates_recording r ON r.id = s.recording_id WHERE r.stream = 'companion' "
        "ORDER BY s.started_ms"
    )
    assert reasons == [("pan", 1), ("film", 1), ("rescan", 2)]


@pytest.fixture
def film(tmp_path) -> Path:
    path = tmp_path / "film.y4m"
    write_fake_camera_y4m(path, FILM_SECONDS, fps=FILM_FPS)
    return path


def check_phone(ledger: Ledger, filmed: Captured) -> None:
    """Every stream is verified, the silence is noted, and no phone is an exhibit."""
    check_films(ledger, filmed)
    assert max(ledger.witnessed("companion")) > 5
    states = ledger.rows("SELECT stream, state FROM candidates_recording")
    assert dict(states) == dict.fromkeys(("camera", "screen", "companion"), "verified")
    silences = ledger.rows(
        "SELECT to_at FROM candidates_observation WHERE kind = 'phone_gone'"
    )
    assert [bool(end) for (end,) in silences] == [False, True]
    ((parts,),) = ledger.rows("SELECT parts FROM exams_exhibit")
    ((media,),) = ledger.rows(
        "SELECT m.media FROM candidates_manifest m JOIN candidates_recording r ON "
        "r.id = m.recording_id WHERE r.stream = 'camera'"
    )
    assert len(json.loads(parts)) == len(json.loads(media))


def end_with_phone(story: OrgansStory, page: Page, phone: Page) -> None:
    """The computer ends; the phone is stopped by hand (R73), and both have sent."""
    page.locator('[data-action="end"]:visible').first.click()
    page.locator('[data-action="end-confirm"]:visible').first.click()
    page.wait_for_selector('[data-exam][data-view-now="upload"]')
    page.locator("[data-phone-note]:visible").wait_for()
    story.shoot(page, "companion-upload")
    story.stop_phone(phone)
    page.wait_for_selector('[data-exam][data-view-now="done"]', timeout=30_000)


@pytest.mark.journey
@pytest.mark.long
@pytest.mark.timeout(500)
def test_passage_is_filmed_watched_helped_judged_and_taken_back(tmp_path, film):
    stages = [str(stage) for stage in preset_a()]
    with (
        sync_playwright() as playwright,
        story_of(
            tmp_path, playwright, kind=OrgansStory, stages=stages, **WINDOWS
        ) as story,
        story.phone() as story.first_context,
        story.phone() as second,
        candidate_browser(
            playwright, profile=tmp_path / "profile", film=film, captured=story.captured
        ) as context,
    ):
        page, phone = context.pages[0], second.new_page()
        story.walk_to_enter(page)
        story.enter_and_confirm(page)
        page.locator('[data-action="share-screen"]:visible').first.wait_for(
            state="hidden"
        )
        story.see_questions(page)
        story.watch()
        story.warn(page)
        story.ask(page)
        story.note_incident()
        story.lose_phone(page)
        story.take_another(page, phone)
        story.first_context.set_offline(False)
        see(story.first, "closed")
        story.first.locator("[data-backlog]").wait_for(state="hidden", timeout=20_000)
        end_with_phone(story, page, phone)
        ledger = Ledger(story.portal)
        story.wait_for_archive(ledger, manifests=3)
        check_phone(ledger, story.filmed)
        story.score()
        story.wait_for_the_end()
        story.take_step("start-scoring")
        story.take_step("release", typed=True)
        assert story.result(context) == "83.75"

        story.open_case()
        before = story.standing()
        story.waive(context)
        story.rule("void")
        cancelled = story.result(context), story.standing()
        story.rule("restore")
        restored = story.result(context), story.standing()

        assert before == ("83.75", "83.75", "1 / 1")
        assert cancelled == ("void", ("83.75", "Cancelled", "—"))
        assert restored == ("83.75", before)
        marks = ledger.rows("SELECT value FROM exams_mark ORDER BY id")
        assert [float(mark) for (mark,) in marks] == [31.25, 52.5]
