"""The candidate's inbox: warnings, notices and announcements, until they are read.

Owns `InboxItem`. Upper floors deliver by a call and read what became of it; the text
is theirs and never changed afterwards.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from candidates.enums import InboxKind
from candidates.events import attempt_topic
from candidates.models import InboxItem
from exams.domain.events import publish
from exams.kernel.errors import BadInput
from exams.models import Attempt

MAX_TITLE, MAX_BODY = 200, 4000


def deliver(
    attempt: Attempt,
    *,
    kind: str,
    title: str,
    at: datetime,
    body: str = "",
    link: str = "",
    due_at: datetime | None = None,
    must_acknowledge: bool = False,
) -> InboxItem:
    """Put a message into one candidate's inbox, and tell the open pages.

    `kind` is one of `InboxKind`, `link` a path of this portal. Raises `BadInput` for
    an empty title or too much text. Event `inbox.delivered`.
    """
    (item,) = deliver_to_all(
        [attempt],
        kind=kind,
        title=title,
        at=at,
        body=body,
        link=link,
        due_at=due_at,
        must_acknowledge=must_acknowledge,
    )
    return item


def deliver_to_all(
    attempts: Collection[Attempt],
    *,
    kind: str,
    title: str,
    at: datetime,
    body: str = "",
    link: str = "",
    due_at: datetime | None = None,
    must_acknowledge: bool = False,
) -> list[InboxItem]:
    """Put the same message into many inboxes, all or none; see `deliver`."""
    title, body = title.strip(), body.strip()
    if not 0 < len(title) <= MAX_TITLE:
        raise BadInput(reason="title")
    if len(body) > MAX_BODY:
        raise BadInput(reason="body")
    if kind not in InboxKind.values or (link and not link.startswith("/")):
        raise BadInput(reason="kind, link")
    with transaction.atomic():
        items = InboxItem.objects.bulk_create(
            [
                InboxItem(
                    attempt=attempt,
                    kind=kind,
                    title=title,
                    body=body,
                    link=link,
                    due_at=due_at,
                    must_acknowledge=must_acknowledge,
                    created_at=at,
                )
                for attempt in attempts
            ]
        )
        # In order of the codes: two senders lock the topics alike.
        for item in sorted(items, key=lambda one: one.attempt.code):
            topic = attempt_topic(item.attempt.code)
            publish(topic, "inbox.delivered", {"item": item.code}, at=at)
    return items


def mark_read(item: InboxItem, *, at: datetime) -> InboxItem:
    """Keep when the candidate saw the message first. Idempotent."""
    InboxItem.objects.filter(pk=item.pk, read_at=None).update(read_at=at)
    item.refresh_from_db(fields=["read_at"])
    return item


def acknowledge(item: InboxItem, *, at: datetime) -> InboxItem:
    """Keep that the candidate confirmed the message, once (L2). Idempotent.

    Event `inbox.acknowledged`. Raises `BadInput` where nothing is asked.
    """
    if not item.must_acknowledge:
        raise BadInput(reason="acknowledge")
    with transaction.atomic():
        changed = InboxItem.objects.filter(pk=item.pk, acknowledged_at=None).update(
            acknowledged_at=at
        )
        if changed:
            mark_read(item, at=at)
            topic = attempt_topic(item.attempt.code)
            publish(topic, "inbox.acknowledged", {"item": item.code}, at=at)
    item.refresh_from_db(fields=["read_at", "acknowledged_at"])
    return item
