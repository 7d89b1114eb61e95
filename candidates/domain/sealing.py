"""Sealing: both sides agree on what was recorded, and sign it.

Owns the statement of a segment (count, head), the receipt, and the moves recording →
`sealed` and attempt → `sealed`. A browser states what it captured; what the server
lacks is named, never guessed. A chain that does not fit is no reason to refuse: it
is sealed, observed, and ends with a person (design §6, R69–R74, AC-30).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain import chain, observations
from candidates.domain.recordings import advance
from candidates.domain.segments import MAX_SEGMENTS, open_stated_segment
from candidates.domain.uploads import MAX_CHUNKS
from candidates.enums import ObservationKind, RecordingState, Stream
from candidates.models import Chunk, Recording, Segment
from candidates.queries.ledger import missing_of, ranges_of
from exams.domain import attempts
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor
from exams.enums import AttemptState
from exams.kernel import clock, jobs, seals
from exams.kernel.errors import BadInput, Conflict, NotFound, Refusal
from exams.models import Attempt

ARCHIVE_TASK = "candidates.tasks.archive_recording"
HEAD = re.compile("[0-9a-f]{64}")
MAX_MIME = 100


class NotEnded(Refusal):
    """The attempt still runs; sealing comes after its end."""

    code = "attempt_not_ended"
    message = _("The exam has not ended yet.")


@dataclass(frozen=True)
class SegmentStatement:
    """What a browser says it captured: `count` chunks, chain value `head` at the end.

    `head` is 64 hexadecimal digits.
    """

    uuid: UUID
    mime: str
    count: int
    head: str


@dataclass(frozen=True)
class RecordingStatement:
    code: UUID
    segments: tuple[SegmentStatement, ...]


@dataclass(frozen=True)
class _Held:
    """One segment and its ledger rows, in order."""

    segment: Segment
    chunks: tuple[Chunk, ...]

    @property
    def missing(self) -> list[list[int]]:
        """Up to the stated count, and no hole below what is held beyond it."""
        stated = self.segment.stated_count
        ranges = ranges_of(chunk.seq for chunk in self.chunks)
        held = ranges[-1][1] + 1 if ranges else 0
        return missing_of(ranges, stated_count=max(stated or 0, held))

    @property
    def is_broken(self) -> bool:
        """Whether the chain, or the stated head, does not fit what is held."""
        head = chain.genesis(self.segment.uuid, mime=self.segment.mime)
        for chunk in self.chunks:
            head = chain.link(
                head,
                seq=chunk.seq,
                digest=chunk.digest,
                start_ms=chunk.start_ms,
                duration_ms=chunk.duration_ms,
            )
            if head != chunk.head:
                return True
        stated = self.segment.stated_count
        if not stated or stated > len(self.chunks):
            return False
        return self.chunks[stated - 1].head != self.segment.stated_head


def seal_recordings(
    attempt: Attempt,
    *,
    statement: Sequence[RecordingStatement],
    by: Actor,
    at: datetime,
    streams: Collection[str] = tuple(Stream.values),
) -> list[dict]:
    """Seal every stated recording that is complete; one entry per recording.

    An entry is `{code, complete, missing: {segment: ranges}, broken, receipt}`. May be
    repeated until nothing is missing; a sealed recording returns its first receipt.
    A device seals its own `streams` only. The attempt moves to `sealed` with its last
    recording. Raises `NotEnded`,
    `NotFound` for a recording that is not the attempt's, `BadInput`.
    """
    _check(statement)
    with transaction.atomic():
        _require_ended(attempt, by=by, at=at)
        rows = _locked_recordings(attempt)
        own = {code for code, row in rows.items() if row.stream in streams}
        if not {stated.code for stated in statement} <= own:
            raise NotFound
        entries = [
            _seal_stated(rows[stated.code], stated, by=by, at=at)
            for stated in statement
        ]
        _seal_attempt(attempt, by=by, at=at)
    return entries


def seal_as_held(
    recording: Recording, *, by: Actor, at: datetime, reason: str
) -> Recording:
    """Seal what is here, with its gaps named (R73): the cap passed, or an official.

    `complete` is false when anything stated or anything between is missing. Raises
    `ReasonMissing`, `NotEnded`, `Conflict` when the recording is sealed already.
    """
    if not reason.strip():
        raise ReasonMissing
    attempt = recording.attempt
    with transaction.atomic():
        _require_ended(attempt, by=by, at=at)
        row = _locked_recordings(attempt)[recording.code]
        if row.state != RecordingState.OPEN:
            raise Conflict(state=row.state)
        held = _held(row)
        facts = {"reason": reason.strip()}
        _seal(row, held, complete=not _missing(held), facts=facts, by=by, at=at)
        _seal_attempt(attempt, by=by, at=at)
    recording.refresh_from_db()
    return recording


def _check(statement: Sequence[RecordingStatement]) -> None:
    for stated in statement:
        uuids = {segment.uuid for segment in stated.segments}
        if len(uuids) != len(stated.segments) or len(uuids) > MAX_SEGMENTS:
            raise BadInput(reason="segments")
        for segment in stated.segments:
            if not 0 <= segment.count <= MAX_CHUNKS:
                raise BadInput(reason="count")
            if HEAD.fullmatch(segment.head) is None:
                raise BadInput(reason="head")
            if not 0 < len(segment.mime) <= MAX_MIME or not segment.mime.isascii():
                raise BadInput(reason="mime")


def _require_ended(attempt: Attempt, *, by: Actor, at: datetime) -> None:
    """Lock the attempt; store its end by the deadline where no sweep has yet."""
    # The weaker lock: a chunk batch that holds a recording may still refer to it.
    Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
    attempt.refresh_from_db(fields=["state"])
    if attempt.state == AttemptState.ENTERED and attempts.is_over(attempt, at=at):
        attempts.submit(attempt, by=by, at=at, how="deadline")
    if attempt.state not in AttemptState.ENDED:
        raise NotEnded


def _locked_recordings(attempt: Attempt) -> dict[UUID, Recording]:
    """Lock the attempt's recordings, in the order in which the chunk path does."""
    rows = Recording.objects.select_for_update(no_key=True).filter(attempt=attempt)
    found = {row.code: row for row in rows.order_by("pk")}
    for row in found.values():
        row.attempt = attempt
    return found


def _seal_stated(
    recording: Recording, stated: RecordingStatement, *, by: Actor, at: datetime
) -> dict:
    if recording.state != RecordingState.OPEN:
        return _entry(recording, missing={}, broken=[])
    for segment in stated.segments:
        _note_statement(recording, segment, at=at)
    held = _held(recording)
    missing = _missing(held)
    broken = []
    if not missing:
        broken = _seal(recording, held, complete=True, facts={}, by=by, at=at)
    return _entry(recording, missing=missing, broken=broken)


def _note_statement(
    recording: Recording, stated: SegmentStatement, *, at: datetime
) -> None:
    """Keep what the browser states; a count once stated never shrinks.

    Otherwise a withheld tail could be talked away by a second statement.
    """
    if not stated.count:
        return
    segment = open_stated_segment(recording, uuid=stated.uuid, mime=stated.mime, at=at)
    if segment.stated_count is None or segment.stated_count <= stated.count:
        segment.stated_count = stated.count
        segment.stated_head = stated.head
        segment.save(update_fields=["stated_count", "stated_head"])


def _held(recording: Recording) -> list[_Held]:
    segments = recording.segments.order_by("started_ms", "uuid")
    return [
        _Held(segment, tuple(segment.chunks.order_by("seq"))) for segment in segments
    ]


def _missing(held: Sequence[_Held]) -> dict[str, list[list[int]]]:
    return {str(one.segment.uuid): one.missing for one in held if one.missing}


def _seal(
    recording: Recording,
    held: Sequence[_Held],
    *,
    complete: bool,
    facts: dict,
    by: Actor,
    at: datetime,
) -> list[str]:
    """Move to `sealed` with the signed receipt; return the segments that are broken."""
    broken = [one for one in held if not one.missing and one.is_broken]
    for one in broken:
        observations.note(
            recording.attempt,
            stream=recording.stream,
            kind=ObservationKind.CHAIN_BREAK,
            from_at=at,
            facts={"segment": str(one.segment.uuid), "at": "sealing"},
        )
    advance(
        recording,
        to=RecordingState.SEALED,
        by=by,
        at=at,
        facts={"complete": complete, "missing": _missing(held), **facts},
        complete=complete,
        sealed_at=at,
        receipt=seals.seal(_receipt(recording, held, at=at)),
        archive_due=True,
    )
    jobs.wake(ARCHIVE_TASK, recording=str(recording.code))
    return [str(one.segment.uuid) for one in broken]


def _receipt(recording: Recording, held: Sequence[_Held], *, at: datetime) -> dict:
    """Return the payload `receipt/1` of the protocol page."""
    return {
        "kind": "receipt/1",
        "recording": str(recording.code),
        "attempt": recording.attempt.code,
        "stream": recording.stream,
        "segments": [
            {
                "uuid": str(one.segment.uuid),
                "count": len(one.chunks),
                "head": one.chunks[-1].head if one.chunks else "",
                "bytes": sum(chunk.size for chunk in one.chunks),
            }
            for one in held
        ],
        "sealed_ms": clock.milliseconds(at),
    }


def _seal_attempt(attempt: Attempt, *, by: Actor, at: datetime) -> None:
    """Move the attempt on when none of its recordings is open any more."""
    if attempt.state != AttemptState.SUBMITTED:
        return
    still_open = Recording.objects.filter(attempt=attempt, state=RecordingState.OPEN)
    if not still_open.exists():
        attempts.advance(attempt, to=AttemptState.SEALED, by=by, at=at)


def _entry(
    recording: Recording, *, missing: dict[str, list[list[int]]], broken: list[str]
) -> dict:
    return {
        "code": str(recording.code),
        "complete": recording.complete is True,
        "missing": missing,
        "broken": broken,
        "receipt": recording.receipt,
    }
