"""What a candidate's socket may be asked and told: size, rate, one message, cursors."""

import json
from collections import deque
from urllib.parse import parse_qs

MAX_TEXT = 4096
MAX_MESSAGES, PER_SECONDS = 30, 10.0
CURSOR_DIGITS = 15


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


def is_heartbeat(text: str | None) -> bool:
    """Return whether this is the one message that a candidate's page may send."""
    if text is None or len(text) > MAX_TEXT:
        return False
    try:
        message = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(message, dict)
        and message.get("kind") == "heartbeat"
        and type(message.get("cursor", 0)) is int
        and isinstance(message.get("heads", {}), dict)
    )
