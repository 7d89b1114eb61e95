"""What the edge hands to the chunk path: received, verified, not yet stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What the client declares of a segment with every chunk."""

    mime: str
    device: str
    reason: str
    started_ms: int


@dataclass(slots=True, eq=False)
class ChunkOffer:
    """One received chunk whose bytes match `digest` (64 hexadecimal digits).

    `recording` and `attempt` are primary keys, `code` the recording's UUID. Times are
    milliseconds on the segment's own clock; `at` is when the request came.
    """

    recording: int
    attempt: int
    code: UUID
    stream: str
    segment: UUID
    header: SegmentHeader
    seq: int
    pieces: Sequence[bytes]
    size: int
    digest: str
    head: str
    start_ms: int
    duration_ms: int
    lease_epoch: int
    at: datetime
