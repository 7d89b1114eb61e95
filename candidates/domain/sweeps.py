"""What must happen although nobody asks: hard caps and forgotten archives.

Owns no row. Finds recordings whose time has come and hands each to the function that
owns the change; may run twice and beside itself. Windows hold without it: only what
is stored comes later (design §14).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from candidates.domain.sealing import ARCHIVE_TASK, seal_as_held
from candidates.enums import RecordingState
from candidates.models import Recording
from candidates.queries.archive import recordings_due
from exams.domain.audit import Actor
from exams.domain.schedule import Schedule
from exams.enums import AttemptState
from exams.kernel import jobs
from exams.kernel.errors import Conflict, IllegalMove

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
CAP_REASON = "upload cap"


def sweep_caps(*, at: datetime) -> int:
    """Seal as held what is still open at the upload cap; return how many (R73)."""
    sealed = 0
    for recording in _overdue(at=at):
        try:
            seal_as_held(recording, by=Actor.job("sweep"), at=at, reason=CAP_REASON)
        except (Conflict, IllegalMove):
            # The candidate's own seal came first.
            continue
        sealed += 1
    return sealed


@dataclass
class ArchiveWaker:
    """Wakes the archive job of every recording that is due and still waits.

    Sealing wakes the job itself, so a row that is due for long was forgotten: the
    worker died, or the job failed. Pauses double per recording, from 30 s to 15 min,
    so that a backlog is not buried under wake-ups. Lives as long as its process; a
    new one starts with short pauses, and a job too many does nothing.
    """

    _next: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)

    def wake(self, *, at: datetime) -> int:
        """Wake what is due at this instant; return how many."""
        due = dict(recordings_due().filter(sealed_at__lte=at).values_list("pk", "code"))
        self._next = {pk: turn for pk, turn in self._next.items() if pk in due}
        woken = 0
        for pk, code in due.items():
            turn, pause = self._next.get(pk, (at, FIRST_PAUSE))
            if turn <= at:
                jobs.wake(ARCHIVE_TASK, recording=str(code))
                self._next[pk] = (at + pause, min(pause * 2, LONGEST_PAUSE))
                woken += 1
        return woken


def _overdue(*, at: datetime) -> Iterator[Recording]:
    """Open recordings of ended attempts whose upload window is over."""
    candidates = Recording.objects.filter(
        state=RecordingState.OPEN,
        attempt__state__in=AttemptState.ENDED,
        attempt__session__starts_at__lt=at,
    ).select_related("attempt__session")
    for recording in candidates:
        attempt = recording.attempt
        if Schedule.of(attempt.session, attempt).upload.is_over(at):
            yield recording
