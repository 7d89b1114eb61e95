"""The hash chain of a segment; pure.

Owns the arithmetic of `docs/protocol/recording.md`. Reads and writes no row.
"""

import hashlib
from struct import Struct
from uuid import UUID

PREFIX = b"kaowu/segment/1"
SEQ = Struct(">I")
SPAN = Struct(">QI")


def genesis(segment: UUID, *, mime: str) -> str:
    """Return the chain value before chunk 0, 64 hexadecimal digits."""
    return hashlib.sha256(PREFIX + segment.bytes + mime.encode()).hexdigest()


def link(
    previous: str, *, seq: int, digest: str, start_ms: int, duration_ms: int
) -> str:
    """Return the chain value of a chunk from the value before it."""
    return hashlib.sha256(
        bytes.fromhex(previous)
        + SEQ.pack(seq)
        + bytes.fromhex(digest)
        + SPAN.pack(start_ms, duration_ms)
    ).hexdigest()
