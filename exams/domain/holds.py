"""Holds: nothing of an attempt is deleted while somebody said so, with a reason.

Owns `Hold`. Set and lifted under the attempt's lock, which a deletion takes too, so a
hold either comes before a thing is deleted or finds it gone.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.access import require_role
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.enums import Role
from exams.kernel.errors import Conflict
from exams.models import Attempt, Hold, Staff
from exams.queries.retention import hold_of

HOLDERS = (Role.OFFICIAL, Role.ADMINISTRATOR)


class AlreadyHeld(Conflict):
    """The attempt is held already."""

    code = "already_held"
    message = _("This attempt is held already.")


class NotHeld(Conflict):
    """There is no hold to lift."""

    code = "not_held"
    message = _("Nothing holds this attempt.")


def set_hold(attempt: Attempt, *, reason: str, by: Staff, at: datetime) -> Hold:
    """Hold an attempt; raises `AlreadyHeld`, `ReasonMissing`, `NotAllowed`."""
    reason = _checked(attempt, reason, by)
    with transaction.atomic():
        _lock(attempt)
        if hold_of(attempt):
            raise AlreadyHeld
        hold = Hold.objects.create(attempt=attempt, reason=reason, set_by=by, set_at=at)
        _record("hold.set", hold, by=by, at=at)
    return hold


def lift_hold(attempt: Attempt, *, reason: str, by: Staff, at: datetime) -> Hold:
    """Lift the hold of an attempt; raises `NotHeld`, `ReasonMissing`, `NotAllowed`."""
    reason = _checked(attempt, reason, by)
    with transaction.atomic():
        _lock(attempt)
        hold = hold_of(attempt)
        if hold is None:
            raise NotHeld
        hold.lifted_by, hold.lifted_at, hold.lift_reason = by, at, reason
        hold.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
        _record("hold.lifted", hold, by=by, at=at)
    return hold


def _checked(attempt: Attempt, reason: str, by: Staff) -> str:
    require_role(by, *HOLDERS, session=attempt.session)
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


def _lock(attempt: Attempt) -> None:
    Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)


def _record(action: str, hold: Hold, *, by: Staff, at: datetime) -> None:
    record(
        action,
        by=Actor.of_staff(by),
        at=at,
        subject=f"attempt:{hold.attempt.code}",
        facts={"ref": hold.code},
        chain=hold.attempt.session.code,
    )
