"""Recordings: made at check-in, moved by one machine.

Owns `Recording` and its state. Bytes and ledger rows are `uploads`' business, the
agreement with the browser `sealing`'s, verification the archive's.
"""

from datetime import datetime

from django.db import transaction

from candidates.enums import Stream
from candidates.models import Recording
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.kernel.states import Machine
from exams.models import Attempt

MACHINE = Machine(
    {
        "open": frozenset({"sealed"}),
        "sealed": frozenset({"verified", "needs_review"}),
        "needs_review": frozenset({"verified"}),
    }
)


def create_recordings(attempt: Attempt, *, at: datetime) -> list[Recording]:
    """Make one open recording per stream; what exists stays (R56). Idempotent.

    Called at check-in, so that a page that loaded once can record offline.
    """
    with transaction.atomic():
        Recording.objects.bulk_create(
            [Recording(attempt=attempt, stream=stream) for stream in Stream.values],
            ignore_conflicts=True,
        )
        recordings = list(Recording.objects.filter(attempt=attempt).order_by("stream"))
        publish(
            f"attempt:{attempt.code}",
            "recordings.created",
            {"recordings": [str(recording.code) for recording in recordings]},
            at=at,
        )
    return recordings


def advance(
    recording: Recording,
    *,
    to: str,
    by: Actor,
    at: datetime,
    facts: dict | None = None,
    **columns: object,
) -> Recording:
    """Move the recording to state `to`, with its audit entry and its event.

    Raises `IllegalMove` or `Conflict` and changes nothing then.
    """
    attempt = recording.attempt
    with transaction.atomic():
        old = MACHINE.move(recording, to=to, **columns)
        record(
            f"recording.{to}",
            by=by,
            at=at,
            subject=f"recording:{recording.code}",
            facts={"from": old, "stream": recording.stream, **(facts or {})},
            chain=attempt.session.code,
        )
        publish(
            f"attempt:{attempt.code}",
            "recording.moved",
            {"recording": str(recording.code), "from": old, "to": to},
            at=at,
        )
    return recording
