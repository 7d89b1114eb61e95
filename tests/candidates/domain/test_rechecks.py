"""One re-check of a released result, asked in time and answered with reasons (S8)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from candidates.domain import rechecks
from candidates.domain.rechecks import answer_recheck, ask_recheck
from candidates.models import InboxItem, Recheck
from candidates.queries.rechecks import recheck_standing, rechecks_waiting
from candidates.queries.rights import LeaseLost, LeaseWaiting
from exams.domain import results
from exams.domain.audit import Actor, verify_chain
from exams.kernel.errors import BadInput, NotAllowed
from exams.models import AuditEntry, Session
from tests.builders.approvals import JUDGED, make_officials, turn
from tests.builders.candidates import make_lease
from tests.builders.exams import make_staff
from tests.builders.passages import make_person
from tests.builders.scoring import (
    SCORED,
    make_exhibit,
    make_number,
    make_panel,
    make_scoring_session,
    make_sheet,
)

pytestmark = pytest.mark.django_db
TICK = timedelta(milliseconds=1)
DAYS = timedelta(days=3)


def released(**columns):
    """The lease of one whose result is out since `SCORED`."""
    session = make_scoring_session(**columns)
    attempt = make_person(session, state="marked")
    make_number(attempt, 17)
    make_exhibit(attempt)
    make_sheet(attempt, *make_panel(session, 1), "40", "41")
    results.release_results(session, by=Actor.job("test"), at=SCORED)
    attempt.refresh_from_db()
    return make_lease(attempt)


def ask(lease, *, at=SCORED, text="Were all totals counted?"):
    return ask_recheck(lease, text=text, at=at)


def standing(lease, at):
    attempt = lease.attempt
    return recheck_standing(attempt, released_at=SCORED, at=at)


def test_recheck_is_asked_once_within_its_window_and_stays_as_it_is():
    lease = released()
    last = SCORED + DAYS - TICK
    assert (standing(lease, last).is_open, standing(lease, SCORED + DAYS).is_open) == (
        True,
        False,
    )

    row = ask(lease, at=last, text="  Were all totals counted? ")

    with pytest.raises(rechecks.AlreadyAsked):
        ask(lease, at=last)
    with pytest.raises(DatabaseError), transaction.atomic():
        Recheck.objects.update(text="something else")
    entry = AuditEntry.objects.get(action="recheck.asked")
    assert row.text == "Were all totals counted?"
    assert entry.actor_kind == "candidate"
    assert "totals" not in str(entry.facts)
    assert list(rechecks_waiting(Session.objects.all())) == [row]
    assert standing(lease, last).is_open is False
    assert verify_chain(lease.attempt.session.code) > 0


@pytest.mark.parametrize(
    ("columns", "how", "refusal"),
    [
        ({}, {"at": SCORED + DAYS}, rechecks.RecheckClosed),
        ({"recheck_window": 0}, {}, rechecks.NoRechecks),
        ({}, {"text": "  "}, rechecks.TextMissing),
        ({}, {"text": "x" * 1001}, rechecks.TextMissing),
    ],
)
def test_recheck_that_cannot_be_asked_is_refused_and_changes_nothing(
    columns, how, refusal
):
    lease = released(**columns)

    with pytest.raises(refusal) as refused:
        ask(lease, **how)

    assert not Recheck.objects.exists()
    if refusal is rechecks.RecheckClosed:
        assert "2030-05-23 11:00 UTC+08:00" in str(refused.value)


@pytest.mark.parametrize(
    ("state", "refusal"), [("waiting", LeaseWaiting), ("superseded", LeaseLost)]
)
def test_recheck_from_another_browser_is_refused(state, refusal):
    lease = released()
    lease.state = state

    with pytest.raises(refusal):
        ask(lease)


def test_answer_comes_into_the_inbox_once_and_is_an_officials():
    lease = released()
    row = ask(lease)
    official, _second = make_officials(lease.attempt.session)
    answer = {"outcome": "kept", "text": "Added up again: 81.", "at": JUDGED}
    with pytest.raises(NotAllowed):
        answer_recheck(row, **answer, by=make_staff())
    with pytest.raises(BadInput):
        answer_recheck(row, **{**answer, "outcome": "better"}, by=official)

    answer_recheck(row, **answer, by=official)

    with pytest.raises(rechecks.AlreadyAnswered):
        answer_recheck(row, **answer, by=official)
    item = InboxItem.objects.get(attempt=lease.attempt)
    assert (item.kind, item.link) == ("recheck", f"/result/{lease.attempt.code}/")
    assert item.body.endswith("Added up again: 81.")
    assert not rechecks_waiting(Session.objects.all()).exists()
    assert standing(lease, JUDGED).answer.by == official
    assert AuditEntry.objects.get(action="recheck.answered").actor_ref == str(
        official.pk
    )


def test_answer_says_corrected_only_of_what_two_people_corrected():
    lease = released()
    row = ask(lease)
    people = make_officials(lease.attempt.session)
    answer = {"outcome": "corrected", "text": "The wrong film was scored."}
    with pytest.raises(rechecks.NothingCorrected):
        answer_recheck(row, **answer, by=people[0], at=JUDGED)

    turn(lease.attempt, people)
    answer_recheck(row, **answer, by=people[0], at=JUDGED)

    assert standing(lease, JUDGED).answer.outcome == "corrected"
