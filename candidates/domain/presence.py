"""Keeps what the boards of the web processes heard, for the other processes.

Owns `Presence`. A row is written at most every ten seconds per attempt; it is no
truth of anything and is not audited (design §13).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from candidates.models import Presence
from exams.models import Attempt

KEEP_EVERY = timedelta(seconds=10)


class Heard(NamedTuple):
    """One heartbeat: when it came, and what it told."""

    at: datetime
    facts: dict


def keep_presence(heard: Mapping[str, Heard]) -> set[str]:
    """Store the newest heartbeat of each attempt code that is due.

    Returns the codes whose row is younger than ten seconds, to be asked for again.
    Codes of no attempt are passed over.
    """
    attempts = dict(Attempt.objects.filter(code__in=heard).values_list("code", "pk"))
    with transaction.atomic():
        rows = Presence.objects.filter(attempt__in=attempts.values())
        kept = {row.attempt_id: row for row in rows}
        young = {
            code
            for code, pk in attempts.items()
            if pk in kept and heard[code].at - kept[pk].at < KEEP_EVERY
        }
        due = sorted((attempts[code], code) for code in attempts.keys() - young)
        Presence.objects.bulk_create(
            [_row(pk, heard[code], kept.get(pk)) for pk, code in due],
            update_conflicts=True,
            unique_fields=["attempt"],
            update_fields=["at", "facts", "backlog_most", "storage_least_mb"],
        )
    return young


def _row(attempt: int, heard: Heard, kept: Presence | None) -> Presence:
    """Return the newest row, with the worst of all rows before it."""
    room = [heard.facts.get("storage_free_mb"), kept and kept.storage_least_mb]
    waiting = heard.facts.get("backlog_chunks", 0)
    return Presence(
        attempt_id=attempt,
        at=heard.at,
        facts=heard.facts,
        backlog_most=max(waiting, kept.backlog_most if kept else 0),
        storage_least_mb=min((mb for mb in room if mb is not None), default=None),
    )
