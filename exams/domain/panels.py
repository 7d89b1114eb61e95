"""Panels: the chief and the examiners of a room, chosen by hand.

Writes `Assignment` through `staff` only. One room has at most one chief examiner, and
nobody examines in a session in which they have another part (design §13).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor
from exams.domain.staff import assign
from exams.enums import Role
from exams.kernel.errors import BadInput, Refusal
from exams.models import Assignment, Room, Staff

PANEL = (Role.CHIEF_EXAMINER, Role.EXAMINER)


class ChiefSeated(Refusal):
    """The room has its chief examiner already."""

    code = "chief_seated"
    message = _(
        "%(staff)s is the chief examiner of “%(room)s” already. Take that away first."
    )


def seat(staff: Staff, *, room: Room, role: str, by: Actor, at: datetime) -> Assignment:
    """Give a person a seat on the panel of a room.

    `role` is `examiner` or `chief_examiner`. Raises `ChiefSeated`, what `assign`
    raises, and `BadInput` for another role or an account that is closed.
    """
    if role not in PANEL:
        raise BadInput(reason="role")
    if not staff.is_active:
        raise BadInput(reason=_("This account is deactivated."))
    with transaction.atomic():
        # The room's row is the lock: of two chiefs at once, one is refused.
        Room.objects.select_for_update().get(pk=room.pk)
        chief = Assignment.objects.filter(
            room=room, role=Role.CHIEF_EXAMINER
        ).select_related("staff")
        if role == Role.CHIEF_EXAMINER and (held := chief.first()):
            raise ChiefSeated(staff=held.staff, room=room.name)
        return assign(staff, role=role, room=room, by=by, at=at)
