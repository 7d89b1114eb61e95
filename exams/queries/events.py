"""Reads of the event log: what a client missed, and what is new for the tail."""

from exams.models import Event, Topic

PAGE = 500


def cursor_of(topic: str) -> int:
    """Return the seq of the topic's last event; 0 when there is none."""
    row = Topic.objects.filter(name=topic).values_list("last_seq", flat=True).first()
    return row or 0


def events_after(topic: str, cursor: int) -> list[dict]:
    """Return `[{seq, type, payload}]` of a topic after `cursor`, in order.

    At most 500 at once; whoever gets a full page asks again from its last seq.
    """
    rows = Event.objects.filter(topic__name=topic, seq__gt=cursor).order_by("seq")
    return list(rows.values("seq", "type", "payload")[:PAGE])


def newest_id() -> int:
    """Return the highest id of any event; 0 when there is none."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def news_since(after_id: int) -> list[tuple[int, str]]:
    """Return `[(id, topic name)]` of every event with a higher id."""
    rows = Event.objects.filter(pk__gt=after_id)
    return list(rows.values_list("pk", "topic__name"))
