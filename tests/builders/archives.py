"""Sealed recordings with real bytes on the disk, ready for the archive."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.archive import archive_folder
from candidates.domain.folding import unfold
from candidates.domain.offers import ChunkOffer
from candidates.domain.uploads import ChunkRecorder
from candidates.edge import wire
from candidates.models import Chunk, Manifest, Recording, Segment
from candidates.simulation.media import make_segment as make_media
from tests.builders.candidates import (
    STARTED_MS,
    Slice,
    Take,
    make_recording,
    make_segment,
)
from tests.builders.exams import START, after_start, make_attempt

SEALED_AT = after_start(3600)


def make_take(
    seconds: int = 3, *, audio: bool = True, first: int = 0, **columns: object
) -> Take:
    """A recorder run of real media, counter and all."""
    mime, slices = make_media(seconds, audio=audio, seed=1, first=first)
    columns.setdefault("started_ms", STARTED_MS + first * 200)
    return Take(mime=mime, **columns).record(*slices)


def make_sealed_recording(
    takes: Sequence[Take] | None = None,
    *,
    lost: dict[int, set[int]] | None = None,
    **columns: object,
) -> Recording:
    """A sealed recording that waits for its archive; the bytes are on the disk.

    `lost` maps the index of a take to the numbers of its chunks that never came.
    """
    takes = [make_take()] if takes is None else takes
    columns.setdefault("state", "sealed")
    columns.setdefault("sealed_at", SEALED_AT)
    columns.setdefault("complete", not lost)
    columns.setdefault("archive_due", True)
    attempt = columns.pop("attempt", None) or make_attempt(
        state="submitted",
        entered_at=START,
        submitted_at=after_start(1800),
        submitted_by="candidate",
    )
    recording = make_recording(attempt, **columns)
    for index, take in enumerate(takes):
        store_take(recording, take, lost=(lost or {}).get(index, set()))
    return recording


def store_take(recording: Recording, take: Take, *, lost: set[int]) -> Segment:
    """Write one take's bytes and rows, without the chunks that were lost."""
    segment = make_segment(
        recording,
        uuid=take.uuid,
        mime=take.mime,
        reason=take.reason,
        started_ms=take.started_ms,
        stated_count=len(take.slices),
        stated_head=take.head,
    )
    store = LocalChunkStore(settings.RECORDINGS_ROOT)
    for one in take.slices:
        if one.seq in lost:
            continue
        start_ms, duration_ms = map(int, one.headers["kaowu-span"].split(","))
        Chunk.objects.create(
            segment=segment,
            seq=one.seq,
            size=len(one.body),
            digest=one.digest,
            head=one.head,
            offset=store.append(recording.code, take.uuid, [one.body]),
            start_ms=start_ms,
            duration_ms=duration_ms,
            lease_epoch=1,
            received_at=START,
        )
    store.sync()
    store.abandon()
    return segment


def offer_of(
    recording: Recording, take: Take, one: Slice, *, epoch: int = 1
) -> ChunkOffer:
    """Return the slice as the edge hands it on."""
    chunk = wire.read_chunk_headers(
        {name.encode(): text.encode() for name, text in one.headers.items()}
    )
    return ChunkOffer(
        recording=recording.pk,
        attempt=recording.attempt_id,
        code=recording.code,
        stream=recording.stream,
        segment=take.uuid,
        header=wire.read_segment_header(take.header.encode()),
        seq=one.seq,
        pieces=[one.body],
        size=len(one.body),
        digest=chunk.digest,
        head=chunk.head,
        start_ms=chunk.start_ms,
        duration_ms=chunk.duration_ms,
        lease_epoch=epoch,
        at=START,
    )


def send_late(recording: Recording, take: Take, *, seqs: Sequence[int]) -> None:
    """Store slices through the chunk path, as after an outage that lasted longer."""
    store = LocalChunkStore(settings.RECORDINGS_ROOT)
    ChunkRecorder(store).record(
        [offer_of(recording, take, take.slices[seq]) for seq in seqs]
    )
    store.abandon()
    recording.refresh_from_db()


def forget_archive(recording: Recording) -> None:
    """As if the archive had never run: rows in the table, no file, no manifest."""
    with transaction.atomic():
        if recording.folded:
            unfold([recording.pk])
        Manifest.objects.filter(recording=recording).delete()
        Recording.objects.filter(pk=recording.pk).update(
            state="sealed", archive_due=True, folded=False
        )
    for path in archive_folder(recording).iterdir():
        path.unlink()
    recording.refresh_from_db()


def part_of(recording: Recording, take: Take) -> Path:
    """Return the segment's file."""
    return LocalChunkStore(settings.RECORDINGS_ROOT).path(recording.code, take.uuid)


def flip_byte(path: Path, *, at: int) -> None:
    """Change one byte of a file; counted from the end when negative."""
    data = bytearray(path.read_bytes())
    data[at] ^= 0x55
    path.write_bytes(data)
