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


def chunk_bytes(attempt: Attempt, *, segment: UUID, seq: int) -> tuple[str, bytes]:
    """Return `(MIME type, bytes)` of one stored chunk of the attempt.

    Raises `NotFound` for another attempt's, one that has not come, and a folded one.
    """
    if seq > MAX_CHUNKS:
        raise NotFound
    chunk = (
        Chunk.objects.filter(
            segment__uuid=segment, segment__recording__attempt=attempt, seq=seq
        )
        .select_related("segment__recording")
        .first()
    )
    if chunk is None:
        raise NotFound
    return chunk.segment.mime, reading_store().read(chunk.segment, chunk)


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
