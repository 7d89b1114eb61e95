"""Acts of two people: who may agree, until when, and to what (R82, L6)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from exams.domain import approvals
from exams.domain.approvals import (
    LIFETIME,
    ApprovalExpired,
    PayloadChanged,
    SamePerson,
)
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import verify_chain
from exams.kernel.errors import Conflict, NotAllowed
from exams.models import Approval, AuditEntry
from tests.builders.approvals import JUDGED, make_official, make_officials
from tests.builders.exams import make_administrator, make_session, make_staff

pytestmark = pytest.mark.django_db
PAYLOAD = {"what": "this"}


@pytest.fixture
def session():
    return make_session()


@pytest.fixture
def people(session):
    return make_officials(session, 3)


def ask(session, by, **how):
    how = {"payload": PAYLOAD, "reason": "because", "at": JUDGED, **how}
    return approvals.request_approval(
        "attempt.void", session=session, subject="attempt:x", by=by, **how
    )


def agree(approval, by, **how):
    return approvals.approve(
        approval, **{"payload": PAYLOAD, "at": JUDGED, **how}, by=by
    )


def test_second_person_agrees_and_both_are_in_the_audit_trail(session, people):
    approval = agree(ask(session, people[0]), people[1])

    stored = Approval.objects.get()
    acts = AuditEntry.objects.order_by("seq").values_list("action", "actor_ref")
    assert (stored.requested_by, stored.approved_by) == (people[0], people[1])
    assert approval.approved_at == stored.approved_at == JUDGED
    assert list(acts) == [
        ("approval.requested", str(people[0].pk)),
        ("approval.approved", str(people[1].pk)),
    ]
    assert verify_chain(session.code) == 2


def test_who_asked_cannot_agree(session, people):
    approval = ask(session, people[0])

    with pytest.raises(SamePerson):
        agree(approval, people[0])

    assert Approval.objects.get().approved_at is None


def test_agreeing_after_the_lifetime_is_refused_and_a_moment_before_is_not(
    session, people
):
    approval = ask(session, people[0])

    with pytest.raises(ApprovalExpired):
        agree(approval, people[1], at=JUDGED + LIFETIME)
    agree(approval, people[1], at=JUDGED + LIFETIME - timedelta(milliseconds=1))


def test_agreeing_to_something_else_than_was_asked_is_refused(session, people):
    approval = ask(session, people[0])

    with pytest.raises(PayloadChanged):
        agree(approval, people[1], payload={"what": "that"})

    assert Approval.objects.get().approved_at is None


def test_without_the_right_nobody_asks_or_agrees(session, people):
    stranger = make_official(make_session())
    approval = ask(session, people[0])

    for person in (stranger, make_staff(), make_administrator()):
        with pytest.raises(NotAllowed):
            ask(session, person)
        with pytest.raises(NotAllowed):
            agree(approval, person)


def test_asking_without_a_reason_is_refused(session, people):
    with pytest.raises(ReasonMissing):
        ask(session, people[0], reason="  ")


def test_third_person_comes_too_late(session, people):
    approval = ask(session, people[0])
    stale = Approval.objects.get()
    agree(approval, people[1])

    with pytest.raises(Conflict):
        agree(stale, people[2])

    assert Approval.objects.get().approved_by == people[1]


def test_database_refuses_the_same_person_twice(session, people):
    approval = ask(session, people[0])

    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            approved_by=people[0], approved_at=JUDGED
        )


@pytest.mark.parametrize(
    "columns",
    [
        {"digest": "0" * 64},
        {"reason": "another"},
        {"expires_at": JUDGED + timedelta(days=99)},
        {"action": "case.ruling"},
        {"approved_by": None, "approved_at": None},
        {"approved_at": JUDGED + timedelta(days=1)},
    ],
    ids=lambda columns: "+".join(columns),
)
def test_database_refuses_every_change_of_a_given_approval(session, people, columns):
    approval = agree(ask(session, people[0]), people[1])

    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(**columns)


def test_database_refuses_a_change_of_facts_while_agreeing(session, people):
    approval = ask(session, people[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            approved_by=people[1], approved_at=JUDGED, digest="0" * 64
        )


def test_database_refuses_to_delete_an_approval(session, people):
    ask(session, people[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.all()._raw_delete("default")
