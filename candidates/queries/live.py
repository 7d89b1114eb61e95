"""The newest pieces of each stream, for whoever watches over the examination.

The same bytes that the archive is made of; nothing is copied and no media server
runs. What is folded into its manifest is over, and is answered as such.
"""

from uuid import UUID

from django.db.models import Max

from candidates.backends.chunk_store import reading_store
from candidates.domain.uploads import MAX_CHUNKS
from candidates.enums import Stream
from candidates.models import Chunk, Recording, Segment
from exams.kernel.errors import NotFound
from exams.models import Attempt

LIVE, NOTHING, ARCHIVED = "live", "nothing", "archived"
# What one reply carries at most: whoever fell further behind than this jumps.
MOST_CHUNKS, MOST_BYTES = 16, 8 * 2**20


def streams_of(attempt: Attempt) -> list[dict]:
    """Return one line per stream, each with its `state`.

    `live` also has `{segment, mime, init, newest, started_ms, until_ms}` of the
    segment that began last: `init` is the chunk with the header, `newest` the last
    one held, `until_ms` where it ends, in epoch milliseconds by the candidate's idea
    of our clock. `nothing` has not begun, `archived` is complete and folded away.
    """
    recordings = {row.stream: row for row in Recording.objects.filter(attempt=attempt)}
    return [
        {"stream": str(stream), **_line_of(recordings.get(stream))}
        for stream in Stream.values
    ]


def bytes_from(
    attempt: Attempt, *, segment: UUID, first: int, last: int
) -> tuple[str, int, bytes]:
    """Return `(MIME type, number of the last chunk, bytes)` from the chunk `first` on.

    Chunk after chunk up to `last`, up to the first one that has not come, or as many
    as one reply carries, and always the first whole. Raises `NotFound` where `first` is
    another attempt's, has not come or is folded away.
    """
    if not 0 <= first <= last <= MAX_CHUNKS:
        raise NotFound
    chunks = (
        Chunk.objects.filter(
            segment__uuid=segment,
            segment__recording__attempt=attempt,
            seq__range=(first, min(last, first + MOST_CHUNKS - 1)),
        )
        .select_related("segment__recording")
        .order_by("seq")
    )
    found: list[Chunk] = []
    for seq, chunk in enumerate(chunks, start=first):
        size = sum(one.size for one in found) + chunk.size
        if chunk.seq != seq or (found and size > MOST_BYTES):
            break
        found.append(chunk)
    if not found:
        raise NotFound
    body = b"".join(reading_store().read(one.segment, one) for one in found)
    return found[0].segment.mime, found[-1].seq, body


def _line_of(recording: Recording | None) -> dict:
    if recording is None:
        return {"state": NOTHING}
    if recording.folded:
        return {"state": ARCHIVED}
    segment = (
        Segment.objects.filter(recording=recording, chunks__isnull=False)
        .annotate(newest=Max("chunks__seq"))
        .order_by("-started_ms", "-pk")
        .first()
    )
    if segment is None:
        return {"state": NOTHING}
    start_ms, duration_ms = Chunk.objects.values_list("start_ms", "duration_ms").get(
        segment=segment, seq=segment.newest
    )
    return {
        "state": LIVE,
        "segment": str(segment.uuid),
        "mime": segment.mime,
        "init": 0,
        "newest": segment.newest,
        "started_ms": segment.started_ms,
        "until_ms": segment.started_ms + start_ms + duration_ms,
    }
