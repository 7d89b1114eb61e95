"""Wakes jobs that are due and still wait: the worker died, or the job failed.

Owns no row. The truth that something is due is a column; whoever made it due wakes the
job itself, so a row that is due for long was forgotten (design §14).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exams.kernel import jobs

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)


@dataclass
class Waker:
    """Calls `task` for every key of `due(at)`, with the facts that it names.

    Pauses double per key, from `first` to `longest`, so that a backlog is not buried
    under wake-ups. Lives as long as its process; a job too many does nothing.
    """

    task: str
    due: Callable[[datetime], Mapping[int, dict[str, str]]]
    first: timedelta = FIRST_PAUSE
    longest: timedelta = LONGEST_PAUSE
    _next: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)

    def wake(self, *, at: datetime) -> int:
        """Wake what is due at this instant; return how many."""
        due = self.due(at)
        self._next = {pk: turn for pk, turn in self._next.items() if pk in due}
        woken = 0
        for pk, facts in due.items():
            turn, pause = self._next.get(pk, (at, self.first))
            if turn <= at:
                jobs.wake(self.task, **facts)
                self._next[pk] = (at + pause, min(pause * 2, self.longest))
                woken += 1
        return woken
