"""Jobs are wake-ups: the pending state is a column of the row concerned.

`wake` enqueues after commit on django-q2's ORM broker; a job that is lost is found
again by the sweep that its app schedules, and every job may run twice.
"""

from functools import partial

from django.db import transaction
from django_q.tasks import async_task


def wake(task: str, **facts: str | int) -> None:
    """Ask the worker to run `task` (dotted path) with keyword primitives.

    Only after the surrounding transaction commits: a rolled-back change never
    wakes anybody.
    """
    transaction.on_commit(partial(async_task, task, **facts))
