"""The events of the helpdesk's floor.

None carries what was said: a text is in its message only, so that what is deleted
there is nowhere else. Whoever hears of a message asks for those after the last one.
"""

from typing import TypedDict


class MessagePosted(TypedDict):
    """`message.posted` on `request:<code>`; `author` is a side."""

    seq: int
    author: str
    client_id: str


class MessageRead(TypedDict):
    """`message.read` on `request:<code>`: a side has seen everything up to a seq."""

    side: str
    upto: int


RequestMoved = TypedDict("RequestMoved", {"from": str, "to": str})
RequestMoved.__doc__ = "`request.moved` on `request:<code>`."


class QueueNews(TypedDict):
    """`request.*` and `message.*` on `helpdesk:<project>`: look at the queue."""

    request: str


# A type that two topics carry has a shape for each.
TYPES: dict[str, tuple[type, ...]] = {
    "message.posted": (MessagePosted, QueueNews),
    "message.read": (MessageRead, QueueNews),
    "request.opened": (QueueNews,),
    "request.moved": (RequestMoved, QueueNews),
}


def request_topic(code: str) -> str:
    """The asker and the staff of one conversation listen here."""
    return f"request:{code}"


def queue_topic(project_slug: str) -> str:
    """The desk of a project listens here."""
    return f"helpdesk:{project_slug}"
