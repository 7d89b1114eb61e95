"""Recordings: made at check-in, moved by one machine.

Owns `Recording` and its state. Bytes and ledger rows are `uploads`' business, the
agreement with the browser `sealing`'s, verification the archive's.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from candidates.enums import RecordingState, Stream
from candidates.models import Recording
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.enums import Stage
from exams.kernel.states import Machine
from exams.models import Attempt

MACHINE = Machine(
    {
        "open": frozenset({"sealed"}),
        "sealed": frozenset({"verified", "needs_review"}),
        "verified": frozenset({"sealed"}),
        "needs_review": frozenset({"verified", "sealed"}),
    }
)
ARCHIVED = (RecordingState.VERIFIED, RecordingState.NEEDS_REVIEW)


def create_recordings(attempt: Attempt, *, at: datetime) -> list[Recording]:
    """Make one open recording per stream; what exists stays (R56). Idempotent.

    Called at check-in, so that a page that loaded once can record offline. The phone
    has one where the session asks for a phone (R44).
    """
    streams = [*Stream.ON_COMPUTER]
    if Stage.COMPANION in attempt.session.stages:
        streams.append(Stream.COMPANION)
    with transaction.atomic():
        Recording.objects.bulk_create(
            [Recording(attempt=attempt, stream=stream) for stream in streams],
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


def await_archive(recordings: Collection[int], *, at: datetime) -> None:
    """Send archived recordings back to `sealed`, for chunks that came late (AC-30).

    In the caller's transaction, where folded ledgers are in the table again. The
    sweep wakes the archive, which reads everything again: the browser keeps its
    copy until then, and what the examiners see gets another version.
    """
    rows = Recording.objects.filter(pk__in=recordings, state__in=ARCHIVED)
    for recording in rows.select_related("attempt__session").order_by("pk"):
        advance(
            recording,
            to=RecordingState.SEALED,
            by=Actor.job("upload"),
            at=at,
            facts={"late": True},
            archive_due=True,
            folded=False,
        )
