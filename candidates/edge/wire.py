"""The chunk protocol's text: paths and headers, read strictly; pure.

Everything is matched as a whole against ASCII patterns, because Python's own number
parsing also takes signs, blanks, underscores and full-width digits.
"""

import base64
import binascii
import json
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from candidates.domain.offers import SegmentHeader
from candidates.edge.errors import BadHeader

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NUMBER = "(?:0|[1-9][0-9]{0,9})"
RECORDINGS = "/api/v1/recordings/"
ATTEMPTS = "/api/v1/attempts/"
CHUNK_PATH = re.compile(
    f"{RECORDINGS}({UUID_PATTERN})/segments/({UUID_PATTERN})/chunks/({NUMBER})"
)
LEDGER_PATH = re.compile(f"{RECORDINGS}({UUID_PATTERN})/ledger")
PAPER_PATH = re.compile(f"{ATTEMPTS}([a-z0-9]{{10,20}})/(paper|paper-key)")
SPAN = re.compile(f"({NUMBER}),({NUMBER})".encode())
LENGTH = re.compile(NUMBER.encode())
CHAIN = re.compile(rb"[0-9a-f]{64}")
CONTENT_DIGEST = re.compile(rb"sha-256=:([A-Za-z0-9+/]{43}=):")
BASE64URL = re.compile(rb"[A-Za-z0-9_-]{1,2048}")
MIME = re.compile("(?:video|audio)/[!-~][ -~]*")
REASON = re.compile("[a-z_]{1,20}")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

MAX_START_MS = 604_800_000
MAX_DURATION_MS = 86_400_000
MAX_MIME = 100
MAX_DEVICE = 200
MAX_STARTED_MS = 2**53 - 1
PROTOCOL_HEADERS = (
    b"authorization",
    b"content-length",
    b"content-encoding",
    b"content-digest",
    b"kaowu-span",
    b"kaowu-chain",
    b"kaowu-segment",
)


class ChunkPath(NamedTuple):
    recording: UUID
    segment: UUID
    seq: int


class ChunkHeaders(NamedTuple):
    """`digest` and `head` in hexadecimal; `segment` is the raw header value."""

    digest: str
    start_ms: int
    duration_ms: int
    head: str
    segment: bytes


def is_edge(path: str) -> bool:
    """Return whether the edge answers this path, instead of Django."""
    if path.startswith(RECORDINGS):
        return True
    return path.startswith(ATTEMPTS) and PAPER_PATH.fullmatch(path) is not None


def read_chunk_path(path: str) -> ChunkPath | None:
    found = CHUNK_PATH.fullmatch(path)
    if found is None:
        return None
    recording, segment, seq = found.groups()
    return ChunkPath(_uuid(recording), _uuid(segment), int(seq))


# A segment's chunks name the same two identifiers every second.
_uuid = lru_cache(maxsize=20_000)(UUID)


def read_headers(raw: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers by name; raises `BadHeader` when one of ours is twice."""
    headers = dict(raw)
    if len(headers) != len(raw):
        names = [name for name, _ in raw]
        for name in PROTOCOL_HEADERS:
            if names.count(name) > 1:
                raise BadHeader(header=name.decode())
    return headers


def read_chunk_headers(headers: dict[bytes, bytes]) -> ChunkHeaders:
    """Return the chunk's own headers; raises `BadHeader` naming the wrong one."""
    digest = CONTENT_DIGEST.fullmatch(headers.get(b"content-digest", b""))
    if digest is None:
        raise BadHeader(header="Content-Digest")
    span = SPAN.fullmatch(headers.get(b"kaowu-span", b""))
    if span is None:
        raise BadHeader(header="Kaowu-Span")
    start_ms, duration_ms = int(span[1]), int(span[2])
    if start_ms > MAX_START_MS or duration_ms > MAX_DURATION_MS:
        raise BadHeader(header="Kaowu-Span")
    head = headers.get(b"kaowu-chain", b"")
    if CHAIN.fullmatch(head) is None:
        raise BadHeader(header="Kaowu-Chain")
    return ChunkHeaders(
        digest=base64.b64decode(digest[1]).hex(),
        start_ms=start_ms,
        duration_ms=duration_ms,
        head=head.decode(),
        segment=headers.get(b"kaowu-segment", b""),
    )


def read_segment_header(value: bytes) -> SegmentHeader:
    """Return what the client declares of the segment; raises `BadHeader`."""
    if BASE64URL.fullmatch(value) is None:
        raise BadHeader(header="Kaowu-Segment")
    try:
        text = base64.urlsafe_b64decode(value + b"=" * (-len(value) % 4))
        declared = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        raise BadHeader(header="Kaowu-Segment") from None
    fields = {"mime", "device", "reason", "started_ms"}
    if not isinstance(declared, dict) or declared.keys() != fields:
        raise BadHeader(header="Kaowu-Segment")
    header = SegmentHeader(**declared)
    if not _is_sound(header):
        raise BadHeader(header="Kaowu-Segment")
    return header


def _is_sound(header: SegmentHeader) -> bool:
    words = (header.mime, header.device, header.reason)
    if not all(isinstance(word, str) for word in words):
        return False
    return (
        len(header.mime) <= MAX_MIME
        and MIME.fullmatch(header.mime) is not None
        and len(header.device) <= MAX_DEVICE
        and CONTROL.search(header.device) is None
        and _is_encodable(header.device)
        and REASON.fullmatch(header.reason) is not None
        and type(header.started_ms) is int
        and 0 <= header.started_ms <= MAX_STARTED_MS
    )


def _is_encodable(text: str) -> bool:
    # JSON may hold half of a surrogate pair, which no database takes.
    return not any(unicodedata.category(letter) == "Cs" for letter in text)
