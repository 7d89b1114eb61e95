"""Cancelled scores: one row per turn, by two people, and back again by two.

Owns `Void`. A void hides the result wherever totals, ranks and pages are read; it
touches no mark, no sheet and no state, so that a restore brings everything back as it
was; where rooms are balanced, the means are made anew (R82, L7, design §11). Knows no
case: `ref` is its opaque code.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.approvals import NotApproved, require_approved
from exams.domain.audit import Actor, record
from exams.domain.corrections import correct_released
from exams.domain.events import publish
from exams.enums import ApprovalAction, VoidKind
from exams.kernel.errors import Refusal
from exams.models import Approval, Attempt, Void
from exams.queries.voids import void_of

ACTIONS = {
    VoidKind.VOID: ApprovalAction.VOID,
    VoidKind.RESTORE: ApprovalAction.RESTORE,
}


class AlreadyVoid(Refusal):
    """The score is cancelled; it is not cancelled twice."""

    code = "already_void"
    message = _("This score is already cancelled.")


class NotVoid(Refusal):
    """There is nothing to bring back."""

    code = "not_void"
    message = _("This score is not cancelled.")


def payload_of(attempt: Attempt, *, kind: str, ref: str, grounds: str) -> dict:
    """Return what two people agree to: this turn of this attempt, on these grounds.

    `grounds` is a digest that the caller makes over its own facts. A turn in between
    makes an older approval worthless.
    """
    return {
        "kind": str(kind),
        "attempt": attempt.code,
        "turns": attempt.voids.count(),
        "ref": ref,
        "grounds": grounds,
    }


def void_attempt(
    attempt: Attempt, *, approval: Approval, ref: str, grounds: str, at: datetime
) -> Void:
    """Cancel the score of the attempt, with an approval of two people.

    Raises `AlreadyVoid`, `NotApproved`, `ApprovalExpired` or `PayloadChanged`.
    """
    return _turn(
        attempt, VoidKind.VOID, approval=approval, ref=ref, grounds=grounds, at=at
    )


def restore_attempt(
    attempt: Attempt, *, approval: Approval, ref: str, grounds: str, at: datetime
) -> Void:
    """Bring the score back, with an approval of its own.

    Raises `NotVoid`, `NotApproved`, `ApprovalExpired` or `PayloadChanged`.
    """
    return _turn(
        attempt, VoidKind.RESTORE, approval=approval, ref=ref, grounds=grounds, at=at
    )


def _turn(
    attempt: Attempt,
    kind: VoidKind,
    *,
    approval: Approval,
    ref: str,
    grounds: str,
    at: datetime,
) -> Void:
    with transaction.atomic():
        # The attempt's lock comes first everywhere: two turns at once take turns.
        attempt = (
            Attempt.objects.select_for_update(of=("self",))
            .select_related("session")
            .get(pk=attempt.pk)
        )
        is_void = void_of(attempt) is not None
        if kind == VoidKind.VOID and is_void:
            raise AlreadyVoid
        if kind == VoidKind.RESTORE and not is_void:
            raise NotVoid
        payload = payload_of(attempt, kind=kind, ref=ref, grounds=grounds)
        require_approved(approval, action=ACTIONS[kind], payload=payload, at=at)
        approval = Approval.objects.select_related("approved_by").get(pk=approval.pk)
        if approval.subject != f"attempt:{attempt.code}":
            raise NotApproved
        row = Void.objects.create(
            attempt=attempt,
            turn=payload["turns"] + 1,
            kind=kind,
            reason=approval.reason,
            approval=approval,
            ref=ref,
            at=at,
        )
        verb = "voided" if kind == VoidKind.VOID else "restored"
        record(
            f"attempt.{verb}",
            by=Actor.of_staff(approval.approved_by),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"approval": approval.code, "turn": row.turn, "ref": ref},
            chain=attempt.session.code,
        )
        # After the entry, whose lock on the chain makes two turns follow each other.
        by = Actor.of_staff(approval.approved_by)
        correct_released(attempt.session, by=by, at=at)
        topic = f"attempt:{attempt.code}"
        if kind == VoidKind.VOID:
            publish(topic, "result.voided", {}, at=at)
        else:
            publish(topic, "result.restored", {}, at=at)
    return row
