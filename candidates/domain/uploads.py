"""The chunk path: bytes to the store, rows to the ledger, facts to the observations.

Owns `Segment`, `Chunk` and the order that makes an answer true: append, fdatasync,
commit, and only then an outcome (design §6). Called by the edge with many chunks at
once, so that they share one sync and one transaction. Never changes or removes a
chunk that was acknowledged: the first write of a number wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from candidates.backends.chunk_store import ChunkStore
from candidates.backends.manifest_file import ManifestUnreadable, known_pieces
from candidates.domain import chain, observations, segments
from candidates.domain.folding import unfold
from candidates.domain.ledger_rows import (
    ChunkRow,
    LockedRecording,
    insert_chunks,
    lock_recordings,
)
from candidates.domain.offers import ChunkOffer
from candidates.domain.recordings import await_archive
from candidates.enums import ObservationKind, RecordingState
from candidates.models import Observation
from candidates.queries import ledger
from exams.kernel.errors import Refusal
from exams.kernel.faults import reach, sabotaged

MAX_CHUNKS = 50_000
MAX_BYTES = 32 * 2**30
MAX_QUARANTINED = 100
KNOWN_SEGMENTS = 20_000
TRIES = 3


class ChunkConflict(Refusal):
    """Other bytes are stored under this number; the new ones are kept aside."""

    code = "chunk_conflict"
    message = _("Other bytes are already stored under this number.")


class WrongRecording(Refusal):
    """The recording or the segment belongs to somebody else."""

    code = "wrong_recording"
    status = 403
    message = _("This recording does not belong to you.")


class SegmentMismatch(Refusal):
    """The segment was opened with another media type."""

    code = "segment_mismatch"
    status = 422
    message = _("This segment was opened with another media type.")


class TooMany(Refusal):
    """The recording has as many segments, chunks or bytes as it may have."""

    code = "too_many"
    status = 429
    message = _("This recording has reached its limit.")


@dataclass(frozen=True, slots=True)
class Stored:
    """The chunk is durable and in the ledger; `new` is false for a repetition."""

    new: bool


Outcome = Stored | Refusal


@dataclass(slots=True)
class _KnownSegment:
    """A segment's row, and the last chunk that this process stored of it."""

    pk: int
    recording: int
    mime: str
    last_seq: int = -1
    last_head: str = ""


@dataclass(slots=True, eq=False)
class _Batch:
    """The state of one batch on its way through the steps."""

    offers: Sequence[ChunkOffer]
    outcomes: dict[ChunkOffer, Outcome] = field(default_factory=dict)
    fresh: dict[tuple[int, int], ChunkOffer] = field(default_factory=dict)
    held: dict[tuple[int, int], ledger.Held] = field(default_factory=dict)
    conflicts: list[ChunkOffer] = field(default_factory=list)
    breaks: list[ChunkOffer] = field(default_factory=list)
    folded: set[int] = field(default_factory=set)
    offsets: dict[ChunkOffer, int] = field(default_factory=dict)


class _Folded(IntegrityError):
    """The ledger of a recording is in its manifest, where nobody has looked yet."""


class ChunkRecorder:
    """Records batches of chunks; belongs to one thread, remembers known segments."""

    def __init__(self, store: ChunkStore) -> None:
        self._store = store
        self._known: dict[UUID, _KnownSegment] = {}

    def record(self, offers: Sequence[ChunkOffer]) -> list[Outcome]:
        """Make the chunks durable and registered; one outcome per offer, in order.

        Returns only after fdatasync and commit. Raises `OSError` or a database error
        when nothing may be acknowledged; the call may then simply be repeated:
        bytes without a row are referred to by nobody.
        """
        batch = _Batch(offers)
        self._open_segments(batch)
        for attempt in range(TRIES):
            self._judge(batch)
            self._write(batch)
            try:
                self._register(batch)
            except IntegrityError:
                # Another process stored one of these numbers in between, or the
                # archive folded the rows: judge again by what is there now.
                if attempt == TRIES - 1:
                    raise
                continue
            break
        for offer in batch.fresh.values():
            known = self._known[offer.segment]
            if offer.seq > known.last_seq:
                known.last_seq, known.last_head = offer.seq, offer.head
        reach("chunk.after_commit")
        return [batch.outcomes[offer] for offer in offers]

    def _open_segments(self, batch: _Batch) -> None:
        unknown = {
            offer.segment: offer
            for offer in batch.offers
            if offer.segment not in self._known
        }
        if unknown:
            self._learn(unknown, batch)
        for offer in batch.offers:
            if offer in batch.outcomes:
                continue
            segment = self._known.get(offer.segment)
            if segment is None:
                batch.outcomes[offer] = TooMany(limit="segments")
            elif segment.recording != offer.recording:
                batch.outcomes[offer] = WrongRecording()
            elif segment.mime != offer.header.mime:
                batch.outcomes[offer] = SegmentMismatch()

    def _learn(self, unknown: dict[UUID, ChunkOffer], batch: _Batch) -> None:
        if len(self._known) > KNOWN_SEGMENTS:
            self._known.clear()
            unknown.update({offer.segment: offer for offer in batch.offers})
        self._known.update(
            {
                row.uuid: _KnownSegment(row.pk, row.recording_id, row.mime)
                for row in segments.open_segments(unknown)
            }
        )

    def _judge(self, batch: _Batch) -> None:
        """Sort into fresh, repeated and contradicting; compare with the chain."""
        places = self._neighbours(batch)
        batch.held = ledger.held_at(places)
        for recording in batch.folded:
            _read_manifest(batch, recording, places)
        waiting = self._waiting(batch)
        batch.fresh, batch.conflicts, batch.breaks = {}, [], []
        for segment, offer in waiting:
            place = (segment, offer.seq)
            there = batch.held.get(place) or batch.fresh.get(place)
            if there is None:
                batch.fresh[place] = offer
                batch.outcomes[offer] = Stored(new=True)
            elif there.digest == offer.digest:
                batch.outcomes[offer] = Stored(new=False)
            else:
                batch.conflicts.append(offer)
        if not sabotaged("skip_chain"):
            batch.breaks = [
                offer
                for place, offer in batch.fresh.items()
                if not _fits(place, batch, self._known[offer.segment])
            ]

    def _waiting(self, batch: _Batch) -> list[tuple[int, ChunkOffer]]:
        """Return what is not refused, each with its segment's key."""
        return [
            (self._known[offer.segment].pk, offer)
            for offer in batch.offers
            if not isinstance(batch.outcomes.get(offer), Refusal)
        ]

    def _neighbours(self, batch: _Batch) -> set[tuple[int, int]]:
        """Return the places that the chunks are compared with.

        None for the next chunk after the last one that this process stored: that is
        nearly every chunk. Should another process have stored it meanwhile, the
        insertion fails and everything is judged again by what is there.
        """
        places, following = set(), {}
        for segment, offer in self._waiting(batch):
            known = self._known[offer.segment]
            last = following.get(segment, known.last_seq)
            if offer.seq == last + 1 and last >= 0 and not batch.offsets:
                following[segment] = offer.seq
            else:
                places |= {(segment, offer.seq + step) for step in (-1, 0, 1)}
        return places

    def _write(self, batch: _Batch) -> None:
        try:
            for offer in batch.fresh.values():
                if offer not in batch.offsets:
                    batch.offsets[offer] = self._store.append(
                        offer.code, offer.segment, offer.pieces
                    )
            reach("chunk.after_write")
            self._store.sync()
            reach("chunk.after_fsync")
            for offer in batch.conflicts:
                self._keep_aside(offer)
        except OSError:
            self._store.abandon()
            raise

    def _keep_aside(self, offer: ChunkOffer) -> None:
        kept = Observation.objects.filter(
            attempt=offer.attempt, kind=ObservationKind.CHUNK_CONFLICT
        )
        if kept.count() < MAX_QUARANTINED:
            name = f"{offer.segment.hex}.{offer.seq}.{offer.digest}"
            self._store.quarantine(offer.code, name, offer.pieces)

    def _register(self, batch: _Batch) -> None:
        """Insert the rows in one transaction."""
        if not batch.fresh and not batch.conflicts:
            return
        with transaction.atomic():
            late = {}
            if batch.fresh:
                late = _late(batch, _unfolded(batch))
                insert_chunks(
                    [
                        _row(place[0], offer, batch.offsets[offer])
                        for place, offer in batch.fresh.items()
                    ]
                )
            observations.note_all(
                [
                    *_conflicts_seen(batch),
                    *(
                        _seen(offer, ObservationKind.CHAIN_BREAK, {"seq": offer.seq})
                        for offer in batch.breaks
                    ),
                    *(
                        _seen(offer, ObservationKind.LATE_CHUNK, {"seqs": seqs})
                        for offer, seqs in late.items()
                    ),
                ]
            )
            if late:
                await_archive(
                    {offer.recording for offer in late},
                    at=max(offer.at for offer in late),
                )
        for offer in batch.conflicts:
            batch.outcomes[offer] = ChunkConflict()


def _read_manifest(batch: _Batch, recording: int, places: set[tuple[int, int]]) -> None:
    """Add what a folded ledger holds. Where its file cannot be read, this recording's
    chunks are refused and nobody else's."""
    try:
        batch.held |= ledger.held_in_manifest(recording, places)
    except ManifestUnreadable as refusal:
        for offer in batch.offers:
            if offer.recording == recording:
                batch.outcomes[offer] = refusal


def _unfolded(batch: _Batch) -> dict[int, LockedRecording]:
    """Lock the recordings of the fresh chunks, with their ledgers in the table."""
    locked = lock_recordings({offer.recording for offer in batch.fresh.values()})
    folded = {pk for pk, recording in locked.items() if recording.folded}
    if not folded <= batch.folded:
        batch.folded |= folded
        raise _Folded
    if folded:
        try:
            unfold(folded)
        except ManifestUnreadable:
            # It was readable a moment ago: judge again without what we remember.
            known_pieces.cache_clear()
            raise _Folded from None
    return locked


def _late(
    batch: _Batch, locked: dict[int, LockedRecording]
) -> dict[ChunkOffer, list[int]]:
    """Return the numbers that came after sealing, one entry per segment."""
    found: dict[UUID, tuple[ChunkOffer, list[int]]] = {}
    for offer in batch.fresh.values():
        if locked[offer.recording].state != RecordingState.OPEN:
            found.setdefault(offer.segment, (offer, []))[1].append(offer.seq)
    return {offer: sorted(seqs) for offer, seqs in found.values()}


def _fits(place: tuple[int, int], batch: _Batch, known: _KnownSegment) -> bool:
    """Return whether a fresh chunk fits the neighbours that are known."""
    segment, seq = place
    offer = batch.fresh[place]
    before = (segment, seq - 1)
    previous = batch.fresh.get(before) or batch.held.get(before)
    if seq == 0:
        start = chain.genesis(offer.segment, mime=offer.header.mime)
    elif previous is None and known.last_seq == seq - 1:
        start = known.last_head
    else:
        start = previous.head if previous else None
    if start is not None and _linked(start, seq, offer) != offer.head:
        return False
    following = batch.held.get((segment, seq + 1))
    return following is None or (
        _linked(offer.head, seq + 1, following) == following.head
    )


def _linked(previous: str, seq: int, chunk: ChunkOffer | ledger.Held) -> str:
    return chain.link(
        previous,
        seq=seq,
        digest=chunk.digest,
        start_ms=chunk.start_ms,
        duration_ms=chunk.duration_ms,
    )


def _row(segment: int, offer: ChunkOffer, offset: int) -> ChunkRow:
    return ChunkRow(
        segment_id=segment,
        seq=offer.seq,
        size=offer.size,
        digest=offer.digest,
        head=offer.head,
        offset=offset,
        start_ms=offer.start_ms,
        duration_ms=offer.duration_ms,
        lease_epoch=offer.lease_epoch,
        received_at=offer.at,
    )


def _conflicts_seen(batch: _Batch) -> list[Observation]:
    """Return one observation per contradicting content, however often it comes."""
    found = []
    for offer in batch.conflicts:
        row = _seen(
            offer,
            ObservationKind.CHUNK_CONFLICT,
            {"seq": offer.seq, "digest": offer.digest},
        )
        told = Observation.objects.filter(
            attempt=offer.attempt, kind=row.kind, facts=row.facts
        )
        if not told.exists() and row.facts not in [one.facts for one in found]:
            found.append(row)
    return found


def _seen(offer: ChunkOffer, kind: str, facts: dict) -> Observation:
    return Observation(
        attempt_id=offer.attempt,
        stream=offer.stream,
        kind=kind,
        from_at=offer.at,
        facts={"segment": str(offer.segment), **facts},
    )
