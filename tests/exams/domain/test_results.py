"""Results: computed from what counts, released for all or for nobody."""

from decimal import Decimal

import pytest

from exams.domain import results
from exams.domain.aggregate import TooFewSheets
from exams.domain.audit import Actor, verify_chain
from exams.domain.results import AlreadyReleased, ResultsIncomplete
from exams.models import Attempt, AuditEntry, Event, Result, Session
from exams.queries.results import SheetLine, released_result
from tests.builders.events import misshapen_events
from tests.builders.exams import make_attempt, make_exclusion
from tests.builders.scoring import (
    SCORED,
    make_panel,
    make_scoring_session,
    make_sealed_attempt,
    make_sheet,
)

pytestmark = pytest.mark.django_db
BY = Actor.job("test")


def make_marked(session, panel, *rows):
    attempt = make_sealed_attempt(session, state="marked")
    for examiner, marks in zip(panel, rows, strict=True):
        make_sheet(attempt, examiner, *marks)
    return attempt


def release(session):
    return results.release_results(session, by=BY, at=SCORED)


def test_compute_results_twice_keeps_one_row_and_does_not_show_it():
    session = make_scoring_session(trim=1)
    panel = make_panel(session, 3)
    attempt = make_marked(session, panel, ("40", "40"), ("41", "41"), ("50", "1"))

    counts = [results.compute_results(session, at=SCORED) for _ in range(2)]

    assert counts == [1, 1]
    assert Result.objects.get().value == Decimal("80.0000")
    assert released_result(attempt) is None


def test_compute_results_leaves_out_an_excluded_examiners_sheet():
    session = make_scoring_session()
    panel = make_panel(session, 2)
    attempt = make_marked(session, panel, ("40", "40"), ("50", "50"))
    make_exclusion(attempt, panel[1])

    results.compute_results(session, at=SCORED)

    assert Result.objects.get().value == Decimal("80.0000")


def test_compute_results_with_a_panel_too_small_for_the_rule_is_refused():
    session = make_scoring_session(trim=1)
    panel = make_panel(session, 2)
    make_marked(session, panel, ("40", "40"), ("50", "50"))

    with pytest.raises(TooFewSheets):
        results.compute_results(session, at=SCORED)


def test_release_results_moves_everything_and_tells_every_candidate():
    session = make_scoring_session(decimals=1)
    panel = make_panel(session, 2)
    attempt = make_marked(session, panel, ("40", "40.05"), ("41", "41"))
    absent = make_attempt(session, state="absent")
    withdrawn = make_attempt(session, state="withdrawn")

    count = release(session)

    states = [
        Attempt.objects.get(pk=row.pk).state for row in (attempt, absent, withdrawn)
    ]
    told = Event.objects.filter(topic__name=f"attempt:{attempt.code}")
    entry = AuditEntry.objects.get(action="session.released")
    assert count == 1
    assert states == ["released", "absent", "withdrawn"]
    assert Session.objects.get(pk=session.pk).state == "released"
    assert Result.objects.get().released_at == SCORED
    assert [event.type for event in told.order_by("seq")] == [
        "attempt.moved",
        "result.released",
    ]
    assert (entry.facts["results"], len(entry.facts["digest"])) == (1, 64)
    assert verify_chain(session.code) == 2
    assert misshapen_events() == []


def test_released_result_shows_the_stated_decimals_and_the_working():
    session = make_scoring_session(trim=1, decimals=2)
    panel = make_panel(session, 3)
    attempt = make_marked(session, panel, ("45", "45"), ("40", "40.05"), ("30", "30"))
    release(session)

    shown = released_result(attempt)

    assert (shown.value, shown.count, shown.released_at) == ("80.05", 1, SCORED)
    assert (shown.sum_text, shown.mean_text) == ("80.05 = 80.05", "80.05 ÷ 1")
    assert [
        (line.number, line.total, line.use, line.terms) for line in shown.sheets
    ] == [
        (1, "60.00", "lowest", "30.00 + 30.00"),
        (2, "80.05", "counted", "40.00 + 40.05"),
        (3, "90.00", "highest", "45.00 + 45.00"),
    ]
    assert isinstance(shown.sheets[0], SheetLine)
    assert len(shown.rule) == 3


def test_release_results_with_an_unmarked_attempt_names_it_and_changes_nothing():
    session = make_scoring_session()
    panel = make_panel(session, 2)
    marked = make_marked(session, panel, ("40", "40"), ("41", "41"))
    late = make_sealed_attempt(session, number=17)
    make_sheet(late, panel[0], "40", "40")
    enrolled = make_attempt(session)

    with pytest.raises(ResultsIncomplete) as refused:
        release(session)

    marked.refresh_from_db()
    session.refresh_from_db()
    assert refused.value.facts["count"] == 2
    assert "017" in refused.value.facts["missing"]
    assert enrolled.code in refused.value.facts["missing"]
    assert (marked.state, session.state) == ("marked", "scoring")
    assert not Result.objects.exists()
    assert not AuditEntry.objects.exists()


def test_release_results_marks_what_a_late_exclusion_completed():
    session = make_scoring_session()
    panel = make_panel(session, 2)
    attempt = make_sealed_attempt(session)
    make_sheet(attempt, panel[0], "40", "40")
    make_exclusion(attempt, panel[1])

    release(session)

    assert released_result(attempt).value == "80.00"


def test_release_results_of_a_session_still_published_passes_through_scoring():
    session = make_scoring_session(state="published")
    make_attempt(session, state="absent")

    release(session)

    moves = AuditEntry.objects.filter(action__startswith="session.").order_by("seq")
    assert [entry.action for entry in moves] == ["session.scoring", "session.released"]


def test_release_results_twice_is_refused():
    session = make_scoring_session()
    make_attempt(session, state="absent")
    release(session)

    with pytest.raises(AlreadyReleased):
        release(session)
