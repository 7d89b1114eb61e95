"""Acts of two people: one asks with a reason, another agrees to exactly that.

Owns `Approval`. What is approved is a payload; only its digest is kept, and the act
itself compares again before it happens, so that approving executes nothing that
changed since (R82, L6, design §11). Rights are held in the session concerned, or in
the project.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.access import require_role
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.enums import ApprovalAction, Role
from exams.kernel import canonical
from exams.kernel.errors import Conflict, NotAllowed, Refusal
from exams.models import Approval, Project, Session, Staff
from exams.queries.scope import administered

LIFETIME = timedelta(days=3)
RIGHTS: dict[str, tuple[str, ...]] = {
    ApprovalAction.VOID: (Role.OFFICIAL,),
    ApprovalAction.RESTORE: (Role.OFFICIAL,),
    ApprovalAction.RULING: (Role.OFFICIAL,),
    ApprovalAction.READING: (Role.ADMINISTRATOR,),
    ApprovalAction.EMERGENCY: (Role.ADMINISTRATOR,),
    ApprovalAction.MOVE: (Role.ADMINISTRATOR,),
    ApprovalAction.DELETION: (Role.ADMINISTRATOR,),
}


class SamePerson(Refusal):
    """Who asked for an act does not also approve it."""

    code = "same_person"
    status = 403
    message = _("This needs a second person: you asked for it yourself.")


class ApprovalExpired(Refusal):
    """Nobody agreed in time; it has to be asked for again."""

    code = "approval_expired"
    message = _("Nobody approved this in time. It has to be proposed again.")


class PayloadChanged(Refusal):
    """What would be done is no longer what was asked for."""

    code = "payload_changed"
    message = _(
        "Something changed since this was proposed. It has to be proposed again."
    )


class NotApproved(Refusal):
    """An act of two came with one person's word only."""

    code = "not_approved"
    message = _("This needs the approval of a second person.")


def request_approval(
    action: str,
    *,
    session: Session | None = None,
    project: Project | None = None,
    subject: str,
    payload: dict,
    reason: str,
    by: Staff,
    at: datetime,
    lifetime: timedelta = LIFETIME,
) -> Approval:
    """Ask for a second person's yes to `payload` (canonical JSON) on `subject`.

    In a session, or in a `project` as a whole: then among its administrators. Raises
    `ReasonMissing`, and `NotAllowed` for somebody who may not act here.
    """
    if not reason.strip():
        raise ReasonMissing
    _require_right(by, action, session=session, project=project)
    with transaction.atomic():
        approval = Approval.objects.create(
            session=session,
            project=project,
            action=action,
            subject=subject,
            digest=digest_of(payload),
            reason=reason.strip(),
            requested_by=by,
            requested_at=at,
            expires_at=at + lifetime,
        )
        _record("approval.requested", approval, by=by, at=at)
    return approval


def approve(approval: Approval, *, payload: dict, by: Staff, at: datetime) -> Approval:
    """Give the second person's yes; `payload` is what would be done now.

    Raises `SamePerson`, `ApprovalExpired`, `PayloadChanged`, `NotAllowed`, and
    `Conflict` when somebody else was first.
    """
    _require_right(
        by, approval.action, session=approval.session, project=approval.project
    )
    if by.pk == approval.requested_by_id:
        raise SamePerson
    if at >= approval.expires_at:
        raise ApprovalExpired
    if digest_of(payload) != approval.digest:
        raise PayloadChanged
    with transaction.atomic():
        changed = Approval.objects.filter(
            pk=approval.pk, approved_at__isnull=True
        ).update(approved_by=by, approved_at=at)
        if changed != 1:
            raise Conflict
        approval.refresh_from_db()
        _record("approval.approved", approval, by=by, at=at)
    return approval


def require_approved(
    approval: Approval, *, action: str, payload: dict, at: datetime
) -> None:
    """Raise unless the stored approval is two people's yes to exactly this.

    Raises `NotApproved`, `ApprovalExpired` or `PayloadChanged`.
    """
    stored = Approval.objects.get(pk=approval.pk)
    if stored.action != action or stored.approved_at is None:
        raise NotApproved
    if at >= stored.expires_at:
        raise ApprovalExpired
    if stored.digest != digest_of(payload):
        raise PayloadChanged


def digest_of(payload: dict) -> str:
    """Return the SHA-256 of the payload's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical.encode(payload)).hexdigest()


def _require_right(
    by: Staff, action: str, *, session: Session | None, project: Project | None
) -> None:
    if session is not None:
        require_role(by, *RIGHTS[action], session=session)
    elif not by.is_active or not administered(by).filter(pk=project.pk).exists():
        raise NotAllowed


def _record(action: str, approval: Approval, *, by: Staff, at: datetime) -> None:
    record(
        action,
        by=Actor.of_staff(by),
        at=at,
        subject=approval.subject,
        facts={
            "approval": approval.code,
            "action": str(approval.action),
            "digest": approval.digest,
            "reason": approval.reason,
        },
        chain=approval.session.code if approval.session else "system",
    )
