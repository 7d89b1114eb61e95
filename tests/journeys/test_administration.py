"""From an empty database to two sessions that are ready, by the pages alone.

An administrator sets up what both documents describe, A in English and B in Chinese;
the worker really makes the tickets and sends the letters. Every page that is touched
is read by axe-core.
"""

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.administration_story import administration_of
from tests.journeys.enrolment_story import PEOPLE, Enrolment
from tests.journeys.faulty_roster import sheet_of, sound_rows
from tests.journeys.two_documents import EXAM_DAY, A, B

LIVE_A = (
    "Candidates sign in 08:30–09:00 and must be on the countdown page by 09:00; "
    "nobody enters after 09:00."
)
LIVE_B = "考生 08:30–09:00 登录"


@pytest.mark.journey
@pytest.mark.long
@pytest.mark.timeout(420)
def test_administrator_sets_up_both_documents_from_an_empty_database(tmp_path):
    with (
        sync_playwright() as playwright,
        administration_of(tmp_path, playwright, kind=Enrolment) as story,
    ):
        story.see_nothing()
        english, chinese = story.desks
        project = story.make_project(english, A)
        story.write_documents(english, A, project)
        paper = story.write_paper(english, A, project)
        story.offer_mock(english, A, project, paper)
        session = story.make_session(english, A, project, paper=paper, live=LIVE_A)
        rows = story.import_roster(english, session)
        story.import_again(chinese, session, rows)
        story.bring_photos(english, project, rows)
        story.split_rooms(english, session, A)
        story.appoint_staff(chinese, session)
        story.note_warnings(
            english,
            session,
            f"not staffed from {EXAM_DAY} 08:30 UTC+08:00 to {EXAM_DAY} 09:00",
            "“开考5分钟后，系统不再允许考生登录”",
        )
        story.publish_and_freeze(english, session)
        story.invite(english, project, session, rows)
        story.read_boards(chinese, session, rows)

        other = story.make_project(chinese, B)
        story.write_documents(chinese, B, other)
        paper = story.write_paper(chinese, B, other)
        second = story.make_session(chinese, B, other, paper=paper, live=LIVE_B)
        few = sound_rows(30, first=PEOPLE)
        story.send_roster(chinese, second, sheet_of(few))
        chinese.send("[data-action=commit]")
        chinese.open(f"/admin/exams/session/{second}/change/")
        chinese.says("没有考场的考生：30")
        chinese.step(f"/admin/exams/session/{second}/split-candidates/")
        story.note_warnings(chinese, second, f"{EXAM_DAY} 08:30")
        story.publish_and_freeze(chinese, second)
        story.make_tickets(chinese, second, few)

        story.read_audit(chinese)
        for desk in story.desks:
            desk.open("/admin/")
            desk.look("dashboard-full")
