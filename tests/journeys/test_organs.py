"""Every organ around one passage: candidate, phone, proctor and officials in browsers.

Ten synthetic candidates with phones walk beside them. The candidate's face is compared;
the phone is paired, turns around the room and films; it falls silent, and another one
takes over by six digits. The proctor watches, warns, answers and notes an incident.
What both phones captured is in the archive byte for byte, and none of it is an
exhibit. Two officials cancel the score, and bring it back. On servers, Redis forgets
everything every two seconds all the while.
"""

import contextlib

import pytest
from playwright.sync_api import Page, sync_playwright

from exams.models.project import preset_a
from tests.journeys.bells import Logs
from tests.journeys.browser import Captured, candidate_browser
from tests.journeys.camera import BACKEND, TurningCamera
from tests.journeys.checks import OF_ATTEMPT, Ledger, parsed
from tests.journeys.media_checks import write_fake_camera_y4m
from tests.journeys.organs_story import CROWD_MARKS, OrgansStory
from tests.journeys.phone_story import see
from tests.journeys.story import story_of

ROOM_SECONDS = 90
WINDOWS = {
    "start_in": 70,
    "login_before": 56,
    "entry_before": 26,
    "draw_before": 6,
    "answer": 72,
}


def check_films(ledger: Ledger, filmed: Captured) -> None:
    """Archived = captured, whichever phone it was; a segment for each beginning."""
    archived = ledger.segments("companion")
    made = [run for run in filmed.runs("screen") if run]
    assert sorted(archived) == sorted(made)
    reasons = ledger.rows(
        "SELECT s.reason, s.lease_epoch FROM candidates_segment s JOIN "
        f"candidates_recording r ON r.id = s.recording_id WHERE {OF_ATTEMPT} "
        "AND r.stream = 'companion' ORDER BY s.started_ms",
        ledger.attempt,
    )
    assert reasons == [("pan", 1), ("film", 1), ("rescan", 2)]


def check_phone(ledger: Ledger, filmed: Captured) -> None:
    """Every stream is verified, the silence is noted, and no phone is an exhibit."""
    check_films(ledger, filmed)
    assert max(ledger.witnessed("companion")) > 5
    states = ledger.rows(
        f"SELECT stream, state FROM candidates_recording r WHERE {OF_ATTEMPT}",
        ledger.attempt,
    )
    assert dict(states) == dict.fromkeys(("camera", "screen", "companion"), "verified")
    silences = ledger.rows(
        f"SELECT to_at FROM candidates_observation r WHERE {OF_ATTEMPT} "
        "AND kind = 'phone_gone' ORDER BY id",
        ledger.attempt,
    )
    assert [bool(end) for (end,) in silences] == [False, True]
    ((parts,),) = ledger.rows(
        f"SELECT parts FROM exams_exhibit r WHERE {OF_ATTEMPT}", ledger.attempt
    )
    assert len(parsed(parts)) == len(ledger.films("camera"))


def check_identity(ledger: Ledger) -> None:
    """The comparison let the candidate in, and no person did."""
    checks = ledger.rows(
        f"SELECT state, backend FROM candidates_facecheck r WHERE {OF_ATTEMPT}",
        ledger.attempt,
    )
    assert checks == [("passed", BACKEND)]


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
@pytest.mark.timeout(400)
def test_passage_is_filmed_watched_helped_judged_and_taken_back(tmp_path):
    stages = [str(stage) for stage in preset_a()]
    camera, room = TurningCamera(tmp_path / "camera.y4m"), tmp_path / "room.y4m"
    write_fake_camera_y4m(room, ROOM_SECONDS, fps=5)
    with (
        sync_playwright() as playwright,
        story_of(
            tmp_path, playwright, kind=OrgansStory, stages=stages, **WINDOWS
        ) as story,
        contextlib.ExitStack() as leaving,
        story.phones(room),
        story.phone() as story.first_context,
        story.phone() as second,
        candidate_browser(
            playwright,
            profile=tmp_path / "profile",
            film=camera.path,
            captured=story.captured,
        ) as context,
    ):
        leaving.callback(story.leave)
        story.camera, story.logs = camera, Logs()
        story.logs.watch(context)
        story.send_crowd(tmp_path)
        page, phone = context.pages[0], second.new_page()
        story.walk_to_enter(page)
        story.enter_and_confirm(page)
        page.locator('[data-action="share-screen"]:visible').first.wait_for(
            state="hidden"
        )
        story.staff_arrive()
        story.trouble_bells(context)
        story.see_questions(page)
        story.watch()
        story.cut_phone(page)
        story.warn(page)
        story.ask(page)
        story.note_incident()
        story.see_phone_lost(page)
        story.take_another(page, phone)
        story.first_context.set_offline(False)
        see(story.first, "closed")
        story.first.locator("[data-backlog]").wait_for(state="hidden", timeout=20_000)
        end_with_phone(story, page, phone)
        ledger = Ledger(story.portal, story.attempt)
        story.check_bells(ledger)
        story.wait_for_archive(ledger, manifests=3)
        story.open_case()
        story.waive(context)
        check_identity(ledger)
        check_phone(ledger, story.filmed)
        story.check_crowd()
        story.score()
        story.portal.prepare(
            "scored",
            session=story.facts["session"],
            but=story.attempt,
            marks=CROWD_MARKS,
        )
        story.wait_for_the_end()
        story.take_step("start-scoring")
        story.take_step("release", typed=True)

        before = story.result(context), story.standing()
        story.rule("void")
        cancelled = story.result(context), story.standing()
        story.rule("restore")
        restored = story.result(context), story.standing()

        assert before == ("83.75", ("83.75", "83.75", "1 / 11", "2 / 11"))
        assert cancelled == ("void", ("83.75", "Cancelled", "—", "1 / 10"))
        assert restored == before
        marks = ledger.rows(
            "SELECT m.value FROM exams_mark m JOIN exams_sheet r ON r.id = m.sheet_id "
            f"WHERE {OF_ATTEMPT} ORDER BY m.id",
            ledger.attempt,
        )
        assert [float(mark) for (mark,) in marks] == [31.25, 52.5]
