"""Alarms: what a proctor must see before the next tick of the grid.

Owns `HelpWaiting` and the event `room.alarmed`. An alarm is a call to look, never a
verdict (R82).
"""

from datetime import datetime

from django.db import transaction

from exams.domain.events import publish
from exams.models import Attempt
from proctoring.events import room_topic
from proctoring.models import HelpWaiting


def raise_alarm(attempt: Attempt, *, reason: str, at: datetime) -> None:
    """Call the proctors of the attempt's room to look at it, after commit.

    `reason` is a short code: `incident`, `phone_gone`, `help`, `observed`.
    """
    publish(
        room_topic(attempt),
        "room.alarmed",
        {"attempt": attempt.code, "reason": reason},
        at=at,
    )


def tell_unread(attempt: Attempt, *, unread: int, at: datetime) -> None:
    """Take from the helpdesk how many messages of the candidate nobody has read.

    More than before is an alarm; fewer shows with the next tick.
    """
    with transaction.atomic():
        row, _made = HelpWaiting.objects.select_for_update().get_or_create(
            attempt=attempt, defaults={"at": at}
        )
        is_more = unread > row.unread
        row.unread, row.at = unread, at
        row.save(update_fields=["unread", "at"])
        if is_more:
            raise_alarm(attempt, reason="help", at=at)
