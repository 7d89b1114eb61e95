"""What a candidate's socket may be asked and told: size, rate, one message, cursors."""

import json
import re
from collections import deque
from urllib.parse import parse_qs
from uuid import UUID

from candidates.domain.segments import Head
from candidates.domain.uploads import MAX_CHUNKS
from candidates.enums import Stream

MAX_TEXT = 4096
MAX_MESSAGES, PER_SECONDS = 30, 10.0
CURSOR_DIGITS = 15
DIGEST = re.compile("[0-9a-f]{64}")


class Meter:
    """Counts messages of one socket; `is_over(now)` from the 31st in ten seconds."""

    def __init__(self) -> None:
        self._arrived: deque[float] = deque(maxlen=MAX_MESSAGES)

    def is_over(self, now: float) -> bool:
        """Count one message at `now` (seconds, monotonic)."""
        full = len(self._arrived) == MAX_MESSAGES
        over = full and now - self._arrived[0] < PER_SECONDS
        self._arrived.append(now)
        return over


def cursor_asked(scope: dict) -> int | None:
    """Return the cursor in `?after=`, None without one; raises `ValueError`."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    after = query.get("after", [""])[0]
    if not after:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= CURSOR_DIGITS):
        raise ValueError(after)
    return int(after)


def heads_in(text: str | None) -> list[Head] | None:
    """Return the chain heads of a heartbeat, None for any other message.

    A heartbeat is the one thing that a candidate's page may say: `{kind, cursor,
    heads: {stream: {segment, count, head} | null}}`.
    """
    if text is None or len(text) > MAX_TEXT:
        return None
    try:
        message = json.loads(text)
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("kind") != "heartbeat":
        return None
    heads = message.get("heads", {})
    if type(message.get("cursor", 0)) is not int or not isinstance(heads, dict):
        return None
    try:
        return [_head(stream, told) for stream, told in heads.items() if told]
    except (KeyError, TypeError, ValueError):
        return None


def _head(stream: str, told: dict) -> Head:
    segment, count, head = UUID(str(told["segment"])), told["count"], told["head"]
    known = stream in Stream.values and type(count) is int
    if not known or not 1 <= count <= MAX_CHUNKS or not DIGEST.fullmatch(head):
        raise ValueError(told)
    return Head(segment, count, head)
