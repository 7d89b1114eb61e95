"""Approvals and voids by two officials, built through the domain."""

from datetime import timedelta

from exams.domain import approvals, voids
from exams.enums import ApprovalAction, Role
from exams.models import Approval, Attempt, Session, Staff, Void
from tests.builders.exams import make_assignment, make_staff
from tests.builders.scoring import SCORED

JUDGED = SCORED + timedelta(hours=1)
GROUNDS = "a" * 64


def make_official(session: Session, **columns: object) -> Staff:
    staff = make_staff(**columns)
    make_assignment(staff, role=Role.OFFICIAL, session=session)
    return staff


def make_officials(session: Session, number: int = 2) -> list[Staff]:
    return [make_official(session) for _ in range(number)]


def ask(
    attempt: Attempt,
    by: Staff,
    *,
    kind: str = "void",
    ref: str = "case-1",
    grounds: str = GROUNDS,
    at=JUDGED,
) -> Approval:
    """One official asks for a turn of the attempt."""
    action = ApprovalAction.VOID if kind == "void" else ApprovalAction.RESTORE
    return approvals.request_approval(
        action,
        session=attempt.session,
        subject=f"attempt:{attempt.code}",
        payload=voids.payload_of(attempt, kind=kind, ref=ref, grounds=grounds),
        reason="another person in the room",
        by=by,
        at=at,
    )


def agree(approval: Approval, attempt: Attempt, by: Staff, *, kind="void", at=JUDGED):
    payload = voids.payload_of(attempt, kind=kind, ref="case-1", grounds=GROUNDS)
    return approvals.approve(approval, payload=payload, by=by, at=at)


def turn(attempt: Attempt, people: list[Staff], kind: str = "void") -> Void:
    """Two officials cancel the attempt's score, or bring it back."""
    approval = agree(ask(attempt, people[0], kind=kind), attempt, people[1], kind=kind)
    act = voids.void_attempt if kind == "void" else voids.restore_attempt
    return act(attempt, approval=approval, ref="case-1", grounds=GROUNDS, at=JUDGED)
