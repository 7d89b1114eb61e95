"""Segments: opened by the first chunk that names them, or by a statement.

Owns `Segment` rows and the limit of how many a recording may have. Bytes and ledger
rows are `uploads`' business.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from candidates.domain.ledger_rows import lock_recordings
from candidates.domain.offers import ChunkOffer
from candidates.enums import RecordingState, Stream
from candidates.models import Recording, Segment
from exams.kernel import clock
from exams.kernel.errors import BadInput
from exams.models import Attempt

MAX_SEGMENTS = 200
STATED_ONLY = "(stated)"  # a reason that no client can send: no chunk has come yet


class Head(NamedTuple):
    """The chain value (64 hexadecimal digits) after `count` chunks of a segment."""

    segment: UUID
    count: int
    head: str


def open_segments(unknown: dict[UUID, ChunkOffer]) -> list[Segment]:
    """Return the rows of these segments, made where they are missing.

    A segment is missing in the answer when its recording has as many as it may
    have. One that is known only from a statement gets what its header says.
    """
    rows = _stored(unknown)
    if len(rows) < len(unknown) or any(row.reason == STATED_ONLY for row in rows):
        return _open(unknown)
    return rows


def open_stated_segment(
    recording: Recording, *, uuid: UUID, mime: str, at: datetime
) -> Segment:
    """Return the segment that a statement names; made when no chunk of it came yet.

    So that a withheld recording has a name too (AC-30). The caller holds the
    recording's lock. Raises `BadInput` for another recording's segment, another type,
    or one too many.
    """
    segment = Segment.objects.filter(uuid=uuid).first()
    if segment is None:
        if recording.segments.count() >= MAX_SEGMENTS:
            raise BadInput(reason="segments")
        return Segment.objects.create(
            uuid=uuid,
            recording=recording,
            mime=mime,
            reason=STATED_ONLY,
            lease_epoch=0,
            started_ms=clock.milliseconds(at),
            opened_at=at,
        )
    if segment.recording_id != recording.pk or segment.mime != mime:
        raise BadInput(reason="segments")
    return segment


def witness_heads(attempt: Attempt, *, heads: Iterable[Head], stream: str = "") -> None:
    """Keep how far each segment's chain had come, and with what (AC-28).

    What is recorded again later, as if the network had been away, does not lead to
    a value that was seen before. The furthest one counts and is never replaced by
    one that is less far; a segment of which no chunk has come yet, and one of
    another attempt, are passed over: the browser repeats itself every five seconds.
    A phone tells of its own `stream`, a computer of the others.
    """
    streams = [stream] if stream else Stream.ON_COMPUTER
    for told in heads:
        Segment.objects.filter(
            Q(witnessed_count=None) | Q(witnessed_count__lt=told.count),
            uuid=told.segment,
            recording__attempt=attempt,
            recording__stream__in=streams,
            recording__state=RecordingState.OPEN,
        ).update(witnessed_count=told.count, witnessed_head=told.head)


def _open(unknown: dict[UUID, ChunkOffer]) -> list[Segment]:
    recordings = sorted({offer.recording for offer in unknown.values()})
    with transaction.atomic():
        lock_recordings(recordings)
        rows = {row.uuid: row for row in _stored(unknown)}
        for uuid, row in rows.items():
            if (
                row.reason == STATED_ONLY
                and row.recording_id == unknown[uuid].recording
            ):
                _complete_stated(row, unknown[uuid])
        room = {
            recording: MAX_SEGMENTS
            - Segment.objects.filter(recording=recording).count()
            for recording in recordings
        }
        for uuid, offer in unknown.items():
            if uuid not in rows and room[offer.recording] > 0:
                room[offer.recording] -= 1
                rows[uuid] = Segment.objects.create(
                    uuid=uuid,
                    recording_id=offer.recording,
                    mime=offer.header.mime,
                    device=offer.header.device,
                    reason=offer.header.reason,
                    started_ms=offer.header.started_ms,
                    lease_epoch=offer.lease_epoch,
                    opened_at=offer.at,
                )
    return list(rows.values())


def _stored(unknown: dict[UUID, ChunkOffer]) -> list[Segment]:
    return list(Segment.objects.filter(uuid__in=unknown))


def _complete_stated(row: Segment, offer: ChunkOffer) -> None:
    row.reason = offer.header.reason
    row.device = offer.header.device
    row.started_ms = offer.header.started_ms
    row.lease_epoch = offer.lease_epoch
    row.save(update_fields=["reason", "device", "started_ms", "lease_epoch"])
