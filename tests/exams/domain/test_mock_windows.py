"""The window, the days and the own start of mock tests; and what a mock never has."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from exams.domain import attempts, cautions, exhibits, freezing, projects, results
from exams.domain.audit import Actor
from exams.domain.mock_windows import NotForMocks, local_day, next_day_begins
from exams.domain.schedule import Schedule
from exams.models import Session
from exams.queries.examiner import desk_rows, progress_of, scorable_attempts
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_attempt,
    make_paper,
    make_project,
    make_ready_session,
)
from tests.builders.scoring import make_examiner, make_exhibit, make_number

pytestmark = pytest.mark.django_db
BY = Actor("system", "test")


def make_mock(**columns):
    return make_ready_session(kind="mock", **columns)


def test_schedule_of_a_mock_attempt_opens_with_the_press():
    session = make_mock(answer=1200)
    attempt = make_attempt(session, starts_at=after_start(7500))

    plan = Schedule.of(session, attempt)

    assert (plan.login_opens, plan.entry_opens) == (after_start(7200),) * 2
    assert (plan.login_closes, plan.entry_closes) == (after_start(7500),) * 2
    assert (plan.draw_closes, plan.starts) == (after_start(7500),) * 2
    assert plan.ends == after_start(8700)


def test_enter_of_a_mock_opens_later_where_the_session_says_so():
    session = make_mock(entry_open_before=120, entry_close_after_start=60)
    attempt = make_attempt(session, starts_at=after_start(7500))

    plan = Schedule.of(session, attempt)

    assert plan.entry_opens == after_start(7380)
    assert (plan.entry_closes, plan.draw_closes) == (after_start(7560),) * 2


def test_schedule_of_a_formal_attempt_is_as_before():
    session = make_ready_session()

    plan = Schedule.of(session, make_attempt(session))

    assert plan.login_opens == before_start(1800)
    assert (plan.entry_opens, plan.draw_closes) == (before_start(600),) * 2


# Berlin loses an hour and gains one, Beirut has no midnight when its clocks go forward,
# Santiago's evening comes twice when they go back, Shanghai's days are all alike.
@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Asia/Shanghai", date(2030, 5, 20), datetime(2030, 5, 20, 16, tzinfo=UTC)),
        ("Europe/Berlin", date(2025, 3, 30), datetime(2025, 3, 30, 22, tzinfo=UTC)),
        ("Europe/Berlin", date(2025, 10, 26), datetime(2025, 10, 26, 23, tzinfo=UTC)),
        ("Asia/Beirut", date(2025, 3, 29), datetime(2025, 3, 29, 22, tzinfo=UTC)),
        ("America/Santiago", date(2025, 4, 5), datetime(2025, 4, 6, 4, tzinfo=UTC)),
    ],
)
def test_day_after_begins_where_the_calendar_of_the_zone_turns(zone, day, begins):
    session = Session(time_zone=zone)

    found = next_day_begins(session, day)

    assert found.astimezone(UTC) == begins
    assert local_day(session, begins) == day + timedelta(days=1)
    assert local_day(session, begins - timedelta(microseconds=1)) == day
    assert found.tzinfo == ZoneInfo(zone)


def test_mock_without_an_end_or_outside_the_access_period_is_not_sound():
    project = make_project()
    paper = make_paper(project)
    window = {"project": project, "paper": paper, "state": "draft"}
    early = make_mock(
        **window,
        starts_at=project.access_opens_at - timedelta(seconds=1),
        mock_closes_at=after_start(3600),
    )
    late = make_mock(**window, mock_closes_at=project.access_closes_at)
    endless = Session(
        project=project, paper=paper, kind="mock", title="x", starts_at=START
    )
    sound = make_mock(**window)

    fields = [
        [refusal.facts["fields"] for refusal in freezing.refusals_of(session)]
        for session in (early, late, endless, sound)
    ]
    problems = [
        projects.session_problems(session, at=START)
        for session in (early, late, endless, sound)
    ]

    assert fields == [
        ["starts_at, project.access_opens_at"],
        ["mock_closes_at, project.access_closes_at"],
        ["starts_at, mock_closes_at"],
        [],
    ]
    assert [len(found) for found in problems] == [1, 1, 1, 0]


def test_mock_whose_window_is_over_is_not_published():
    session = make_mock(state="draft", mock_closes_at=after_start(60))

    with translation.override("en"):
        open_still = projects.session_problems(session, at=after_start(59))
        over = [
            str(one) for one in projects.session_problems(session, at=after_start(60))
        ]

    assert open_still == []
    assert over == ["The window of the mock test is over."]


def test_warning_names_the_formal_session_that_a_mock_could_run_into():
    session = make_mock(state="draft", mock_closes_at=after_start(3600))
    clash = make_ready_session(
        project=session.project, title="Morning", starts_at=after_start(6000)
    )
    make_ready_session(project=session.project, starts_at=after_start(86_400))

    with translation.override("en"):
        warnings = [str(one) for one in cautions.cautions_of(session, at=START)]

    assert [one for one in warnings if "run into" in one] == [
        f"A mock test could run into “{clash.title}”."
    ]
    assert "The roster is empty." not in warnings


@pytest.mark.parametrize(
    "act",
    [
        lambda row: attempts.close_entry(
            row, by=BY, at=after_start(86_400), reason="x"
        ),
        lambda row: projects.start_scoring(row, by=BY, at=after_start(86_400)),
        lambda row: results.compute_results(row, at=after_start(86_400)),
        lambda row: results.release_results(row, by=BY, at=after_start(86_400)),
        lambda row: exhibits.create_exhibit(
            row.attempts.get(),
            parts=[{"path": "x/1.webm", "mime": "video/webm", "duration_ms": 1}],
            source_digest="0" * 64,
            duration_ms=1,
            at=START,
        ),
    ],
)
def test_mock_is_never_closed_scored_shown_or_released(act):
    session = make_mock()
    attempt = make_attempt(session, state="sealed")

    with pytest.raises(NotForMocks):
        act(session)

    session.refresh_from_db()
    attempt.refresh_from_db()
    assert (session.state, attempt.state) == ("published", "sealed")
    assert attempt.exhibits.count() == 0


def test_examiner_sees_no_mock_even_with_a_seat_a_number_and_an_exhibit():
    session = make_mock()
    examiner = make_examiner(session)
    for kind in ("mock", "formal"):
        Session.objects.filter(pk=session.pk).update(kind=kind)
        attempt = make_attempt(session, state="sealed")
        make_number(attempt)
        make_exhibit(attempt)
    as_formal = scorable_attempts(examiner).count()

    Session.objects.filter(pk=session.pk).update(kind="mock")

    assert as_formal == 2
    assert scorable_attempts(examiner).count() == 0
    assert (progress_of(examiner), desk_rows(examiner, session)) == ([], [])
