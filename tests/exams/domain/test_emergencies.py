"""Operations on a frozen session: two people, once, and each refused case."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from exams.domain import emergencies
from exams.domain.approvals import PayloadChanged, SamePerson
from exams.domain.audit import verify_chain
from exams.domain.schedule import Schedule
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import AuditEntry, Emergency, Session
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_administrator,
    make_attempt,
    make_paper,
    make_ready_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
AT = before_start(7200)
HOUR_LATER = {"starts_at": after_start(3600).isoformat()}


@pytest.fixture
def frozen():
    return make_ready_session(frozen_at=AT)


@pytest.fixture
def pair():
    return make_administrator(), make_administrator()


def ask(session, kind, arguments, by, at=AT):
    return emergencies.propose(
        session, kind=kind, arguments=arguments, reason="Power cut", by=by, at=at
    )


def test_postponing_waits_for_a_second_person_and_moves_every_window(frozen, pair):
    first, second = pair

    asked = ask(frozen, "postpone", HOUR_LATER, first)
    before = Session.objects.get(pk=frozen.pk).starts_at
    emergencies.agree(asked, by=second, at=AT)

    stored = Session.objects.get(pk=frozen.pk)
    entries = AuditEntry.objects.filter(chain=frozen.code).order_by("seq")
    assert before == START
    assert stored.starts_at == after_start(3600)
    assert Schedule.of(stored).ends - Schedule.of(frozen).ends == timedelta(hours=1)
    assert [entry.action for entry in entries] == [
        "approval.requested",
        "approval.approved",
        "session.emergency_postpone",
    ]
    assert verify_chain(frozen.code) == 3


def test_who_asked_does_not_agree(frozen, pair):
    asked = ask(frozen, "postpone", HOUR_LATER, pair[0])

    with pytest.raises(SamePerson):
        emergencies.agree(asked, by=pair[0], at=AT)

    assert Session.objects.get(pk=frozen.pk).starts_at == START
    assert Emergency.objects.get().done_at is None


def test_operation_is_carried_out_once_and_not_on_changed_ground(frozen, pair):
    first, second = pair
    asked = ask(frozen, "postpone", HOUR_LATER, first)
    later = ask(frozen, "postpone", {"starts_at": after_start(7200).isoformat()}, first)
    emergencies.agree(asked, by=second, at=AT)

    with pytest.raises(emergencies.AlreadyDone):
        emergencies.agree(asked, by=second, at=AT)
    with pytest.raises(PayloadChanged):
        emergencies.agree(later, by=second, at=AT)


def test_cancelling_withdraws_everybody_who_has_not_entered(frozen, pair):
    attempt = make_attempt(frozen)

    emergencies.agree(ask(frozen, "cancel", {}, pair[0]), by=pair[1], at=AT)

    attempt.refresh_from_db()
    assert attempt.state == "withdrawn"


def test_replaced_paper_is_sealed_at_once(frozen, pair):
    paper = make_paper(frozen.project)
    asked = ask(frozen, "paper", {"paper": paper.pk}, pair[0])

    emergencies.agree(asked, by=pair[1], at=AT)

    paper.refresh_from_db()
    assert Session.objects.get(pk=frozen.pk).paper == paper
    assert paper.sealed_at == AT


def test_entry_is_reopened_for_one_person_and_the_end_stays(frozen, pair):
    attempt, other = make_attempt(frozen, state="absent"), make_attempt(frozen)
    at, until = after_start(60), after_start(600)
    arguments = {"attempt": attempt.code, "until": until.isoformat()}

    emergencies.agree(
        ask(frozen, "entry", arguments, pair[0], at=at), by=pair[1], at=at
    )

    attempt.refresh_from_db()
    plan = Schedule.of(frozen, attempt)
    assert attempt.state == "enrolled"
    assert plan.may_enter(after_start(599))
    assert plan.may_sign_in(after_start(599))
    assert not plan.may_enter(until)
    assert plan.ends == Schedule.of(frozen).ends
    assert not Schedule.of(frozen, other).may_enter(after_start(1))


def test_cap_of_the_upload_is_moved_also_after_the_end(frozen, pair):
    at = after_start(10_000)

    asked = ask(frozen, "upload_cap", {"seconds": 864_000}, pair[0], at=at)
    emergencies.agree(asked, by=pair[1], at=at)

    assert Session.objects.get(pk=frozen.pk).upload_cap == 864_000


@pytest.mark.parametrize(
    ("kind", "arguments", "at", "code"),
    [
        ("postpone", HOUR_LATER, before_start(60), "too_late"),
        ("postpone", {"starts_at": START.isoformat()}, AT, "not_possible"),
        (
            "postpone",
            {"starts_at": (START + timedelta(days=99)).isoformat()},
            AT,
            "contradiction",
        ),
        ("cancel", {}, before_start(59), "too_late"),
        ("paper", {"paper": 0}, AT, "not_possible"),
        (
            "entry",
            {"attempt": "nobody", "until": after_start(60).isoformat()},
            AT,
            "not_possible",
        ),
        ("upload_cap", {"seconds": 60}, AT, "contradiction"),
        ("upload_cap", {"seconds": 604_800}, AT, "not_possible"),
    ],
)
def test_operation_that_does_not_fit_is_refused_and_kept_nowhere(
    frozen, pair, kind, arguments, at, code
):
    with pytest.raises(Refusal) as refusal:
        ask(frozen, kind, arguments, pair[0], at=at)

    assert refusal.value.code == code
    assert not Emergency.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("until", [after_start(-1), after_start(1201)])
def test_entry_is_reopened_only_between_its_closing_and_the_end(frozen, pair, until):
    attempt = make_attempt(frozen)
    arguments = {"attempt": attempt.code, "until": until.isoformat()}

    with pytest.raises(emergencies.NotPossible):
        ask(frozen, "entry", arguments, pair[0])


def test_cancelling_is_refused_once_somebody_is_inside(frozen, pair):
    make_attempt(frozen, state="entered", entered_at=AT)

    with pytest.raises(emergencies.NotPossible):
        ask(frozen, "cancel", {}, pair[0])


def test_unfrozen_session_and_stranger_are_refused(frozen, pair):
    with pytest.raises(emergencies.NotFrozen):
        ask(make_ready_session(), "cancel", {}, pair[0])
    with pytest.raises(NotAllowed):
        ask(frozen, "cancel", {}, make_staff())


def test_stored_operation_cannot_be_rewritten(frozen, pair):
    ask(frozen, "postpone", HOUR_LATER, pair[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        Emergency.objects.update(arguments={})
