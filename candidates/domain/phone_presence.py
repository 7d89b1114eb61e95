"""Whether the phone is heard: heartbeats, its small picture, and silences.

Writes what a bound `Companion` last told. A silence inside the exam is an
observation with its times, never a verdict; `proctoring` makes of it what a person
should look at (R32, R47, design §5).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from candidates.domain import thumbnails
from candidates.domain.companions import require_live
from candidates.domain.segments import Head, witness_heads
from candidates.domain.silences import note_gone, note_silence
from candidates.enums import CompanionState, Stream
from candidates.models import Companion
from candidates.queries import companions as phones
from exams.domain.attempts import is_over
from exams.enums import AttemptState
from exams.kernel.errors import BadInput

# What a phone may tell of itself, and the bounds of each number.
FACTS = {"battery": 100, "charging": 1, "free_mb": 10**8, "pending": 10**6}


def hear(
    companion: Companion, *, heads: Iterable[Head], facts: object, at: datetime
) -> None:
    """Take one heartbeat: heads of the chain, battery, room, pieces that wait.

    Raises `BadInput` for facts of another shape, `PhoneClosed` from a phone that
    films no more; the heads of such a phone are kept all the same.
    """
    told = _checked(facts)
    with transaction.atomic():
        witness_heads(companion.attempt, heads=heads, stream=Stream.COMPANION)
    require_live(companion)
    _heard(companion, at=at, facts=told)


def take_picture(companion: Companion, jpeg: bytes, *, at: datetime) -> int:
    """Keep the phone's small picture; return its version (epoch milliseconds)."""
    require_live(companion)
    version = thumbnails.store_thumbnail(
        companion.attempt, Stream.COMPANION, jpeg, at=at
    )
    _heard(companion, at=at)
    return version


def sweep_phones(*, at: datetime) -> int:
    """Write the beginning of every silence inside an exam; return how many.

    Its end is written when the phone is heard again or another one takes over.
    """
    silent = Companion.objects.filter(
        state__in=CompanionState.LIVE,
        gone_since=None,
        last_seen_at__lte=at - phones.SILENCE,
        attempt__state=AttemptState.ENTERED,
    ).select_related("attempt__session")
    return sum(_note_gone(companion, at=at) for companion in silent)


def _note_gone(companion: Companion, *, at: datetime) -> bool:
    if is_over(companion.attempt, at=at):
        return False
    last = companion.last_seen_at
    with transaction.atomic():
        # A heartbeat that came in between has moved the instant: no silence then.
        changed = Companion.objects.filter(
            pk=companion.pk, gone_since=None, last_seen_at=last
        ).update(gone_since=last)
        if not changed:
            return False
        note_gone(companion, at=last, facts={})
    return True


def _heard(companion: Companion, *, at: datetime, **columns: object) -> None:
    """Write that the phone is there; where it was silent, for how long."""
    with transaction.atomic():
        row = Companion.objects.select_for_update().get(pk=companion.pk)
        require_live(row)
        row.attempt = companion.attempt
        note_silence(row, at=at)
        Companion.objects.filter(pk=row.pk).update(
            last_seen_at=at, gone_since=None, **columns
        )


def _checked(facts: object) -> dict[str, int]:
    if not isinstance(facts, Mapping):
        raise BadInput(reason="facts")
    told = {}
    for name, value in facts.items():
        if name not in FACTS or type(value) is not int or not 0 <= value <= FACTS[name]:
            raise BadInput(reason="facts")
        told[name] = value
    return told
