"""Who enlarged whom: one row and one audit entry per opened player.

Owns `Watch`. A page that goes on asking stretches its row; one that was away for a
minute opens another (design §13: not every request is audited, every player is).
"""

from datetime import datetime, timedelta

from django.db import transaction

from exams.domain.audit import Actor, record
from exams.models import Attempt, Staff
from proctoring.models import Watch

AWAY = timedelta(seconds=60)
STRETCH_EVERY = timedelta(seconds=10)


def open_watch(attempt: Attempt, *, staff: Staff, at: datetime) -> Watch:
    """Write and audit that this person looks at this attempt from now on."""
    with transaction.atomic():
        watch = Watch.objects.create(staff=staff, attempt=attempt, from_at=at, to_at=at)
        record(
            "watch.opened",
            by=Actor.of_staff(staff),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={},
            chain=attempt.session.code,
        )
    return watch


def keep_watch(attempt: Attempt, *, staff: Staff, at: datetime) -> Watch:
    """Return the running watch, stretched to `at`; a new one when it was left.

    Writes at most every ten seconds.
    """
    watch = running_watch(attempt, staff=staff, at=at)
    if watch is None:
        return open_watch(attempt, staff=staff, at=at)
    if at - watch.to_at >= STRETCH_EVERY:
        watch.to_at = at
        watch.save(update_fields=["to_at"])
    return watch


def running_watch(attempt: Attempt, *, staff: Staff, at: datetime) -> Watch | None:
    """Return this person's watch of the attempt unless it was left a minute ago."""
    return (
        Watch.objects.filter(staff=staff, attempt=attempt, to_at__gt=at - AWAY)
        .order_by("-pk")
        .first()
    )
