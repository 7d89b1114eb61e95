"""What the server holds of recordings: ranges, gaps, totals. Reads only."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from candidates.backends.manifest_file import Piece, Pieces, known_pieces
from candidates.enums import RecordingState
from candidates.models import Chunk, Recording, Segment
from candidates.queries.archive import newest_manifests
from exams.enums import SessionKind, SessionState
from exams.kernel import clock
from exams.models import Attempt


class Held(NamedTuple):
    """What a new chunk is compared with: one stored chunk."""

    digest: str
    head: str
    start_ms: int
    duration_ms: int


def held_at(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Held]:
    """Return the stored chunks at these `(segment pk, seq)` places.

    Raw SQL, because the ORM has no comparison of pairs and this runs once in every
    batch of the hot path.
    """
    if not places:
        return {}
    pairs = ",".join(["(%s,%s)"] * len(places))
    sql = (
        "SELECT segment_id, seq, digest, head, start_ms, duration_ms"  # noqa: S608 - only markers
        f" FROM {Chunk._meta.db_table} WHERE (segment_id, seq) IN (VALUES {pairs})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [number for place in places for number in place])
        return {(row[0], row[1]): Held(*row[2:]) for row in cursor.fetchall()}


def held_in_manifest(
    recording: int, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Held]:
    """Return the chunks at these places that a folded recording has in its file.

    Raises `ManifestUnreadable`.
    """
    pieces = _filed_pieces(recording)
    segments = Segment.objects.filter(recording=recording)
    return {
        (segment, piece.seq): Held(
            piece.digest, piece.head, piece.start_ms, piece.duration_ms
        )
        for segment, uuid in segments.values_list("pk", "uuid")
        for piece in pieces.get(str(uuid), ())
        if (segment, piece.seq) in places
    }


def digest_at(recording: int, *, segment: UUID, seq: int) -> str | None:
    """Return the digest of one stored chunk, None when it is not here.

    Raises `ManifestUnreadable`.
    """
    rows = Chunk.objects.filter(
        segment__recording=recording, segment__uuid=segment, seq=seq
    )
    digest = rows.values_list("digest", flat=True).first()
    if digest or not Recording.objects.filter(pk=recording, folded=True).exists():
        return digest
    pieces = _filed_pieces(recording).get(str(segment), ())
    return next((piece.digest for piece in pieces if piece.seq == seq), None)


def pieces_in_table(segment: Segment) -> tuple[Piece, ...]:
    """Return the segment's ledger rows in order of `seq`."""
    *columns, _received = Piece._fields
    rows = segment.chunks.order_by("seq").values_list(*columns, "received_at")
    return tuple(Piece(*row, clock.milliseconds(at)) for *row, at in rows)


def ledger_of(recording: Recording) -> dict:
    """Return the ledger reply of the protocol page: ranges and named gaps."""
    rows, is_folded = _rows_in_table(recording)
    filed = _filed_segments(recording) if is_folded else {}
    entries = [
        _segment_entry(
            segment, filed.get(str(segment.uuid)) or _totals(rows.get(segment.pk, []))
        )
        for segment in recording.segments.order_by("started_ms", "uuid")
    ]
    return {
        "recording": str(recording.code),
        "stream": recording.stream,
        "state": recording.state,
        "segments": entries,
        "gaps": gaps_between(entries),
    }


def gaps_between(entries: list[dict]) -> list[dict]:
    """Return the spans between neighbouring segments, in epoch milliseconds."""
    gaps = []
    for before, after in zip(entries, entries[1:], strict=False):
        from_ms = before["started_ms"] + before["span_ms"]
        if after["started_ms"] > from_ms:
            gaps.append(
                {
                    "after_segment": before["uuid"],
                    "before_segment": after["uuid"],
                    "from_ms": from_ms,
                    "to_ms": after["started_ms"],
                }
            )
    return gaps


def _rows_in_table(recording: Recording) -> tuple[dict[int, list[tuple]], bool]:
    """Return each segment's rows `(seq, size, start_ms, duration_ms)`, and whether
    they are folded away: one statement, so that both are true of one instant."""
    found: dict[int, list[tuple]] = {}
    is_folded = False
    statement = recording.segments.values_list(
        "recording__folded",
        "pk",
        *(f"chunks__{name}" for name in ("seq", "size", "start_ms", "duration_ms")),
    )
    for folded, segment, *row in statement:
        is_folded = folded
        rows = found.setdefault(segment, [])
        if row[0] is not None:
            rows.append(tuple(row))
    return found, is_folded


def _filed_pieces(recording: int) -> Pieces:
    manifest = newest_manifests([recording])[recording]
    return known_pieces(manifest.path, digest=manifest.digest)


def _filed_segments(recording: Recording) -> dict[str, dict]:
    manifest = newest_manifests([recording.pk])[recording.pk]
    return {entry["uuid"]: entry for entry in manifest.body["segments"]}


def _totals(rows: list[tuple]) -> dict:
    return {
        "ranges": ranges_of(row[0] for row in rows),
        "bytes": sum(row[1] for row in rows),
        "span_ms": max((row[2] + row[3] for row in rows), default=0),
    }


def _segment_entry(segment: Segment, totals: dict) -> dict:
    ranges = totals["ranges"]
    return {
        "uuid": str(segment.uuid),
        "mime": segment.mime,
        "reason": segment.reason,
        "started_ms": segment.started_ms,
        "ranges": ranges,
        "missing": missing_of(ranges, stated_count=segment.stated_count),
        "bytes": totals["bytes"],
        "stated_count": segment.stated_count,
        "span_ms": totals["span_ms"],
    }


def ranges_of(seqs: Iterable[int]) -> list[list[int]]:
    """Return the closed ranges `[first, last]` that cover the numbers."""
    found: list[list[int]] = []
    for seq in sorted(seqs):
        if found and seq == found[-1][1] + 1:
            found[-1][1] = seq
        else:
            found.append([seq, seq])
    return found


def missing_of(ranges: list[list[int]], *, stated_count: int | None) -> list[list[int]]:
    """Return the closed ranges that are absent.

    Counted up to `stated_count - 1`, and where nothing is stated up to the highest
    number held. What is held beyond a stated count is not asked to be whole.
    """
    end = stated_count
    if end is None:
        end = ranges[-1][1] + 1 if ranges else 0
    found, expected = [], 0
    for first, last in ranges:
        if expected < min(first, end):
            found.append([expected, min(first, end) - 1])
        expected = last + 1
    if expected < end:
        found.append([expected, end - 1])
    return found


def recordings_state(attempt: Attempt) -> list[dict]:
    """Return what the state reply says of each recording of the attempt.

    `purge_ok` lets the browser forget its copy: verified, and the results are out
    where the session asks to wait for them (R21). A mock has none to wait for.
    """
    session = attempt.session
    are_out = session.state in SessionState.RESULTS_OUT
    waits = session.keep_until_release and session.kind == SessionKind.FORMAL
    may_forget = are_out or not waits
    recordings = Recording.objects.filter(attempt=attempt).order_by("stream")
    return [
        {
            "code": str(recording.code),
            "stream": recording.stream,
            "state": recording.state,
            "chunks": chunks,
            "bytes": held,
            "complete": recording.complete,
            "purge_ok": may_forget and recording.state == RecordingState.VERIFIED,
        }
        for recording, chunks, held in _with_totals(recordings)
    ]


def totals_of(recording: Recording) -> tuple[int, int]:
    """Return `(chunks, bytes)` held of a recording."""
    ((_recording, chunks, held),) = _with_totals(
        Recording.objects.filter(pk=recording.pk)
    )
    return chunks, held


def _with_totals(
    recordings: QuerySet[Recording],
) -> Iterator[tuple[Recording, int, int]]:
    """Yield each recording with the chunks and bytes that are held of it."""
    rows = list(
        recordings.annotate(
            chunk_count=Count("segments__chunks"), held=Sum("segments__chunks__size")
        )
    )
    manifests = newest_manifests([row.pk for row in rows if row.folded])
    for row in rows:
        if row.folded:
            filed = manifests[row.pk].body["segments"]
            yield row, *(sum(one[key] for one in filed) for key in ("count", "bytes"))
        else:
            yield row, row.chunk_count, row.held or 0
