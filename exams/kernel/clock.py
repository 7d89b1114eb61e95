"""The application's one clock, and half-open windows.

Edges call `now()` once per request and pass the instant down as `at`; nothing in
`domain/` or `queries/` asks the time itself. A file named by `KAOWU_CLOCK_OFFSET_FILE`
moves this clock in tests and journeys; settings refuse it in production.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

EPOCH = datetime.fromtimestamp(0, UTC)


def now() -> datetime:
    """Return the server's instant, aware, in UTC, moved by the offset file if any."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """Return how far the clock is moved; zero without an offset file."""
    path = os.environ.get("KAOWU_CLOCK_OFFSET_FILE")
    if not path or not Path(path).exists():
        return timedelta()
    text = Path(path).read_text(encoding="ascii").strip()
    return timedelta(seconds=float(text or 0))


def milliseconds(at: datetime) -> int:
    """Return the instant as whole milliseconds since the epoch."""
    return round(at.timestamp() * 1000)


def from_milliseconds(since_epoch: int) -> datetime:
    """Return the instant, aware, in UTC, of so many milliseconds since the epoch."""
    return EPOCH + timedelta(milliseconds=since_epoch)


@dataclass(frozen=True)
class Window:
    """A half-open span of time `[opens, closes)`; `closes=None` never closes."""

    opens: datetime
    closes: datetime | None = None

    def contains(self, at: datetime) -> bool:
        return self.opens <= at and (self.closes is None or at < self.closes)

    def is_over(self, at: datetime) -> bool:
        return self.closes is not None and at >= self.closes
