"""Deleting conversations that are due: words and diagnostics go, the course stays.

Owns `Request.erased_at`. Who wrote when, and what the staff did, is left as it was.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction

from exams.domain.retention import record_erasure, require_agreed
from exams.models import Attempt, RetentionItem
from helpdesk.models import Message, Request

IsHeld = Callable[[Collection[int]], bool]


def erase(item: RetentionItem, *, is_held: IsHeld, at: datetime) -> bool:
    """Delete one conversation of a running deletion; False where it is held back.

    `is_held` is asked under the attempt's lock. Idempotent. Raises `NotApproved`.
    """
    with transaction.atomic():
        require_agreed(item)
        row = Request.objects.get(code=item.ref)
        if row.attempt_id:
            Attempt.objects.select_for_update(no_key=True).get(pk=row.attempt_id)
            if is_held([row.attempt_id]):
                return False
        row = Request.objects.select_for_update().get(pk=row.pk)
        if row.erased_at and row.erased_at >= item.run.started_at:
            return True
        Message.objects.filter(request=row).update(text="")
        Request.objects.filter(pk=row.pk).update(
            diagnostics={}, source="", ticket_number="", erased_at=at
        )
        record_erasure(item, f"request:{row.code}", at=at)
    return True
