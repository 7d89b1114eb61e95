"""Carries out deletions that two people agreed to, a turn at a time."""

import time
from datetime import datetime

from candidates.domain.waking import Waker
from config.pages.retention_plan import erase
from exams.domain.retention import finish, settle
from exams.enums import RetentionOutcome, RetentionState
from exams.kernel import clock, jobs
from exams.kernel.errors import Conflict
from exams.models import RetentionRun
from exams.queries.retention import items_left, runs_left

TASK = "config.pages.retention_job.carry_out"
# How long one turn may keep the worker from others, and how much it looks at at once.
TURN_SECONDS = 60
BATCH = 100


def carry_out(run: str) -> str:
    """Delete what is left of one deletion, named by its code; return its state.

    Leaves the worker to others after a while, and asks for another turn.
    """
    found = RetentionRun.objects.select_related("project", "approval").filter(code=run)
    row = found.first()
    if row is None:
        return "gone"
    until = time.monotonic() + TURN_SECONDS
    while row.state == RetentionState.RUNNING and time.monotonic() < until:
        items = list(items_left(row)[:BATCH])
        try:
            for item in items:
                _carry_out(item)
            if not items:
                finish(row, at=clock.now())
        except Conflict:
            # Another worker has it; the sweep wakes again.
            return "later"
    if row.state == RetentionState.RUNNING:
        jobs.wake(TASK, run=run)
    return row.state


def _carry_out(item) -> None:
    at = clock.now()
    deleted = erase(item, at=at)
    outcome = RetentionOutcome.DELETED if deleted else RetentionOutcome.HELD
    settle(item, outcome=outcome, at=at)


def _left(at: datetime) -> dict[int, dict[str, str]]:
    rows = runs_left().filter(started_at__lte=at).values_list("pk", "code")
    return {pk: {"run": code} for pk, code in rows}


# Lives as long as the sweep's process, and remembers there whom it woke when.
wake_left = Waker(TASK, _left).wake
