"""The event log: facts for clients, in order and without gaps.

Owns `Topic` and `Event`. An event is written in the transaction of the change it
tells of; after commit the channel layer only rings (E2). A client that reconnects
with its cursor gets exactly what it missed.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from exams.kernel import realtime
from exams.models import Event, Topic


def publish(topic: str, type_: str, payload: dict, *, at: datetime) -> Event:
    """Append one event to a topic and ring after commit; in the caller's transaction.

    `type_` is `<owner>.<past tense>`. Raising the counter locks the topic's row, so
    that `seq` has no gaps and no twins.
    """
    with transaction.atomic():
        Topic.objects.get_or_create(name=topic)
        Topic.objects.filter(name=topic).update(last_seq=F("last_seq") + 1)
        row = Topic.objects.get(name=topic)
        event = Event.objects.create(
            topic=row, seq=row.last_seq, type=type_, payload=payload, at=at
        )
    realtime.ring(topic)
    return event
