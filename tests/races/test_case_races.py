"""Two officials at once: an approval is given once, a score turns once (R82)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from exams.domain import approvals, voids
from exams.domain.audit import verify_chain
from exams.kernel.errors import Refusal
from exams.models import Approval, AuditEntry, Void
from exams.queries.voids import void_of
from proctoring.domain import incidents, rulings
from proctoring.models import Incident, Ruling
from tests.builders.approvals import GROUNDS, JUDGED, agree, ask, make_officials, turn
from tests.builders.cases import (
    RULED_AT,
    make_court,
    make_heard_case,
    make_observation,
)
from tests.builders.exams import make_attempt

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*acts):
    """Run the acts at the same moment; return what each gave or refused."""
    together = Barrier(len(acts))

    def run(act):
        try:
            together.wait(timeout=20)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refused(found):
    return [one for one in found if isinstance(one, Refusal)]


def test_two_approvals_at_once_give_one():
    attempt = make_attempt(state="sealed")
    first, second, third = make_officials(attempt.session, 3)
    approval = ask(attempt, first)
    payload = voids.payload_of(attempt, kind="void", ref="case-1", grounds=GROUNDS)

    found = at_once(
        *(
            lambda by=by: approvals.approve(
                Approval.objects.get(pk=approval.pk), payload=payload, by=by, at=JUDGED
            )
            for by in (second, third)
        )
    )

    assert len(refused(found)) == 1
    assert AuditEntry.objects.filter(action="approval.approved").count() == 1


def test_two_approved_voids_at_once_turn_the_score_once():
    attempt = make_attempt(state="sealed")
    people = make_officials(attempt.session)
    both = [agree(ask(attempt, people[0]), attempt, people[1]) for _ in range(2)]

    found = at_once(
        *(
            lambda one=one: voids.void_attempt(
                attempt, approval=one, ref="case-1", grounds=GROUNDS, at=JUDGED
            )
            for one in both
        )
    )

    assert len(refused(found)) == 1
    assert Void.objects.count() == 1


def test_void_and_restore_at_once_leave_turns_in_order():
    attempt = make_attempt(state="sealed")
    people = make_officials(attempt.session)
    turn(attempt, people)
    back = agree(
        ask(attempt, people[0], kind="restore"), attempt, people[1], kind="restore"
    )
    again = agree(ask(attempt, people[0]), attempt, people[1])
    how = {"ref": "case-1", "grounds": GROUNDS, "at": JUDGED}

    found = at_once(
        lambda: voids.restore_attempt(attempt, approval=back, **how),
        lambda: voids.void_attempt(attempt, approval=again, **how),
    )

    # The void was approved before the restore: whichever comes first, it is stale.
    assert len(refused(found)) == 1
    assert list(Void.objects.order_by("turn").values_list("kind", flat=True)) == [
        "void",
        "restore",
    ]
    assert void_of(attempt) is None
    assert verify_chain(attempt.session.code) > 0


def test_two_officials_approving_a_ruling_at_once_carry_it_out_once():
    attempt = make_attempt(state="sealed")
    court = make_court(attempt.session)
    proposal = rulings.propose_ruling(
        make_heard_case(attempt, court),
        outcome="void",
        reasons="film",
        by=court.first,
        at=RULED_AT,
    )

    found = at_once(
        *(
            lambda by=by: rulings.approve_ruling(
                type(proposal).objects.get(pk=proposal.pk), by=by, at=RULED_AT
            )
            for by in (court.second, court.third)
        )
    )

    assert len(refused(found)) == 1
    assert (Ruling.objects.count(), Void.objects.count()) == (1, 1)


def test_signal_and_sweep_at_once_make_one_incident():
    row = make_observation(make_attempt(state="entered"))

    found = at_once(
        lambda: incidents.take_up([row], at=JUDGED),
        lambda: incidents.sweep_incidents(at=JUDGED),
    )

    assert sum(found) == 1
    assert Incident.objects.count() == 1
