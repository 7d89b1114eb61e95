"""When a mock may be started, how often on a day, and what the press makes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from candidates.domain.mocks import start_mock
from candidates.domain.roster import preview_roster
from candidates.models import Enrolment
from candidates.queries.home import attempt_to_open, exams_of
from candidates.queries.mocks import (
    MockQuotaEnded,
    MockQuotaUsed,
    MockWindowClosed,
    mock_cards,
)
from exams.domain.audit import verify_chain
from exams.domain.mock_windows import NotForMocks
from exams.kernel.errors import NotFound
from exams.models import Attempt, AuditEntry, Draw, DrawnNumber, Session
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_attempt,
    make_project,
    make_ready_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
# START is 09:00 in Shanghai.
MIDNIGHT = after_start(15 * 3600)


def make_mock(**columns):
    return make_ready_session(kind="mock", **columns)


def press(candidate, session, at):
    return start_mock(candidate, session=session.code, at=at)


def test_press_makes_an_attempt_with_its_own_start_and_one_enrolment():
    session = make_mock()
    candidate = make_candidate(session.project)

    attempt = press(candidate, session, after_start(60))

    enrolment = Enrolment.objects.get()
    assert attempt.starts_at == after_start(360)
    assert (attempt.state, attempt.session) == ("enrolled", session)
    assert (enrolment.candidate, enrolment.attempt) == (candidate, attempt)
    assert (enrolment.mock_day, enrolment.mock_ordinal) == (date(2030, 5, 20), 1)


def test_press_freezes_the_session_and_draws_nothing():
    session = make_mock()
    candidate = make_candidate(session.project)

    press(candidate, session, START)

    session = Session.objects.select_related("paper").get(pk=session.pk)
    assert (session.frozen_at, session.paper.sealed_at) == (START, START)
    assert (Draw.objects.count(), DrawnNumber.objects.count()) == (0, 0)


def test_press_is_audited_without_the_person():
    session = make_mock()
    candidate = make_candidate(session.project)

    attempt = press(candidate, session, START)

    entry = AuditEntry.objects.get(action="mock.started")
    assert entry.subject == f"attempt:{attempt.code}"
    assert entry.facts == {"day": "2030-05-20", "ordinal": 1}
    assert verify_chain(session.code) > 0


def test_window_is_half_open_and_the_refusal_names_it_in_the_sessions_zone():
    session = make_mock(mock_closes_at=after_start(3600))
    early, first, last, late = (make_candidate(session.project) for _ in range(4))

    with pytest.raises(MockWindowClosed) as refusal:
        press(early, session, START - timedelta(microseconds=1))
    press(first, session, START)
    press(last, session, after_start(3600) - timedelta(microseconds=1))
    with pytest.raises(MockWindowClosed):
        press(late, session, after_start(3600))

    assert refusal.value.facts == {
        "opens": "2030-05-20 09:00",
        "closes": "2030-05-20 10:00",
        "zone": "Asia/Shanghai",
    }
    assert Enrolment.objects.count() == 2


def test_second_press_goes_on_with_the_mock_that_runs():
    session = make_mock(mock_per_day=2)
    candidate = make_candidate(session.project)

    first = press(candidate, session, START)
    again = press(candidate, session, after_start(299))

    assert again == first
    assert Enrolment.objects.count() == 1


def test_entered_mock_runs_until_its_end():
    session = make_mock(mock_per_day=2, answer=600)
    candidate = make_candidate(session.project)
    first = press(candidate, session, START)
    Attempt.objects.update(state="entered", entered_at=after_start(200))

    assert press(candidate, session, after_start(899)) == first
    assert press(candidate, session, after_start(900)) != first
    assert [row.mock_ordinal for row in Enrolment.objects.order_by("pk")] == [1, 2]


def test_quota_of_a_day_ends_at_midnight_of_the_zone():
    session = make_mock(mock_closes_at=MIDNIGHT + timedelta(hours=20))
    candidate = make_candidate(session.project)
    press(candidate, session, START)

    with pytest.raises(MockQuotaUsed) as refusal:
        press(candidate, session, MIDNIGHT - timedelta(microseconds=1))
    press(candidate, session, MIDNIGHT)

    assert refusal.value.facts["next"] == "2030-05-21 00:00"
    assert list(
        Enrolment.objects.order_by("pk").values_list("mock_day", "mock_ordinal")
    ) == [(date(2030, 5, 20), 1), (date(2030, 5, 21), 1)]


def test_quota_on_the_last_day_promises_no_other():
    session = make_mock(mock_closes_at=MIDNIGHT)
    candidate = make_candidate(session.project)
    press(candidate, session, START)

    with pytest.raises(MockQuotaEnded):
        press(candidate, session, after_start(3600))


def test_quota_of_a_long_day_is_one():
    """Berlin, 26 October 2025: 25 hours between two midnights."""
    opens = datetime(2025, 10, 25, 12, tzinfo=UTC)
    project = make_project(
        access_opens_at=opens - timedelta(days=1),
        access_closes_at=opens + timedelta(days=9),
    )
    session = make_mock(project=project, time_zone="Europe/Berlin", starts_at=opens)
    candidate = make_candidate(project)
    press(candidate, session, datetime(2025, 10, 25, 22, tzinfo=UTC))

    with pytest.raises(MockQuotaUsed) as refusal:
        press(candidate, session, datetime(2025, 10, 26, 22, 59, 59, tzinfo=UTC))
    attempt = press(candidate, session, datetime(2025, 10, 26, 23, tzinfo=UTC))

    assert refusal.value.facts["next"] == "2025-10-27 00:00"
    assert Enrolment.objects.get(attempt=attempt).mock_day == date(2025, 10, 27)


def test_each_candidate_has_a_quota_of_their_own():
    session = make_mock()
    one, other = make_candidate(session.project), make_candidate(session.project)

    press(one, session, START)
    press(other, session, START)

    assert Enrolment.objects.count() == 2


@pytest.mark.parametrize(
    "columns", [{"state": "draft"}, {"kind": "formal"}, {"project": "another"}]
)
def test_what_is_no_published_mock_of_the_project_does_not_exist(columns):
    project = make_project()
    if "project" in columns:
        columns = {"project": make_project()}
    session = make_ready_session(**{"kind": "mock", "project": project, **columns})

    with pytest.raises(NotFound):
        press(make_candidate(project), session, START)

    assert Attempt.objects.count() == 0


def test_rows_hold_one_formal_enrolment_and_one_mock_per_ordinal():
    session = make_mock()
    candidate = make_candidate(session.project)
    days = {"mock_day": date(2030, 5, 20), "mock_ordinal": 1}
    make_enrolment(candidate, make_attempt(session), **days)
    make_enrolment(candidate, make_attempt(session), **{**days, "mock_ordinal": 2})
    make_enrolment(candidate, make_attempt(session))
    refused = [days, {}, {"mock_day": date(2030, 5, 22)}, {"mock_ordinal": 1}]

    for columns in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_enrolment(candidate, make_attempt(session), **columns)

    assert Enrolment.objects.count() == 3


def test_mock_takes_no_roster():
    with pytest.raises(NotForMocks):
        preview_roster(
            make_mock(), file=None, filename="x.csv", by=make_staff(), at=START
        )


def test_mock_that_was_left_open_never_stands_in_front_of_the_exam():
    session = make_mock()
    formal = make_attempt(
        make_ready_session(project=session.project, starts_at=after_start(86_400))
    )
    candidate = make_candidate(session.project)
    make_enrolment(candidate, formal)

    mock = press(candidate, session, START)

    assert attempt_to_open(candidate, at=after_start(60)) == mock
    assert attempt_to_open(candidate, at=after_start(300)) == formal


def test_exam_whose_sign_in_is_open_comes_before_a_mock_that_runs():
    session = make_mock()
    formal = make_attempt(
        make_ready_session(project=session.project, starts_at=after_start(900))
    )
    candidate = make_candidate(session.project)
    make_enrolment(candidate, formal)

    press(candidate, session, START)

    assert attempt_to_open(candidate, at=after_start(60)) == formal


def test_formal_exam_is_as_open_without_a_mock_as_with_one():
    """R5: who takes none is barred from nothing; mocks are no exams on the page."""
    session = make_mock(starts_at=before_start(86_400))
    formal = make_attempt(make_ready_session(project=session.project))
    candidate = make_candidate(session.project)
    make_enrolment(candidate, formal)
    lease = make_lease(formal)
    at = before_start(1200)
    before = exams_of(candidate, lease=lease, at=at)

    press(candidate, session, at)

    assert exams_of(candidate, lease=lease, at=at) == before
    assert [exam.code for exam in before] == [formal.code]


def test_card_tells_what_is_left_and_what_runs():
    session = make_mock(mock_per_day=2)
    candidate = make_candidate(session.project)

    [fresh] = mock_cards(candidate, at=START)
    attempt = press(candidate, session, START)
    [running] = mock_cards(candidate, at=after_start(60))
    [over] = mock_cards(candidate, at=after_start(300))
    [closed] = mock_cards(candidate, at=before_start(1))

    assert (fresh.left_today, fresh.may_start, fresh.running) == (2, True, "")
    assert (running.left_today, running.running) == (1, attempt.code)
    assert (over.left_today, over.may_start, over.running) == (1, True, "")
    assert (fresh.is_done, running.is_done, over.is_done) == (False, False, True)
    assert closed.why_not.code == "mock_window_closed"
