"""What the server holds of recordings: ranges, gaps, totals. Reads only."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Sum

from candidates.enums import RecordingState
from candidates.models import Chunk, Recording, Segment
from exams.enums import SessionState
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


def ledger_of(recording: Recording) -> dict:
    """Return the ledger reply of the protocol page: ranges and named gaps."""
    segments = list(recording.segments.order_by("started_ms", "uuid"))
    entries = [_segment_entry(segment) for segment in segments]
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


def _segment_entry(segment: Segment) -> dict:
    rows = list(segment.chunks.values_list("seq", "size", "start_ms", "duration_ms"))
    ranges = ranges_of(row[0] for row in rows)
    return {
        "uuid": str(segment.uuid),
        "mime": segment.mime,
        "reason": segment.reason,
        "started_ms": segment.started_ms,
        "ranges": ranges,
        "missing": missing_of(ranges, stated_count=segment.stated_count),
        "bytes": sum(row[1] for row in rows),
        "stated_count": segment.stated_count,
        "span_ms": max((row[2] + row[3] for row in rows), default=0),
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
    where the session asks to wait for them (R21).
    """
    session = attempt.session
    are_out = session.state in SessionState.RESULTS_OUT
    may_forget = are_out or not session.keep_until_release
    recordings = (
        Recording.objects.filter(attempt=attempt)
        .annotate(
            chunk_count=Count("segments__chunks"), held=Sum("segments__chunks__size")
        )
        .order_by("stream")
    )
    return [
        {
            "code": str(recording.code),
            "stream": recording.stream,
            "state": recording.state,
            "chunks": recording.chunk_count,
            "bytes": recording.held or 0,
            "complete": recording.complete,
            "purge_ok": may_forget and recording.state == RecordingState.VERIFIED,
        }
        for recording in recordings
    ]


def totals_of(recording: Recording) -> tuple[int, int]:
    """Return `(chunks, bytes)` held of a recording."""
    found = Chunk.objects.filter(segment__recording=recording).aggregate(
        chunks=Count("pk"), held=Sum("size")
    )
    return found["chunks"], found["held"] or 0
