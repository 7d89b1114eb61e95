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
        kept = dict(
            Presence.objects.filter(attempt__in=attempts.values()).values_list(
                "attempt", "at"
            )
        )
        young = {
            code
            for code, pk in attempts.items()
            if pk in kept and heard[code].at - kept[pk] < KEEP_EVERY
        }
        due = sorted((attempts[code], code) for code in attempts.keys() - young)
        Presence.objects.bulk_create(
            [
                Presence(attempt_id=pk, at=heard[code].at, facts=heard[code].facts)
                for pk, code in due
            ],
            update_conflicts=True,
            unique_fields=["attempt"],
            update_fields=["at", "facts"],
        )
    return young
