"""What a candidate was told, and what they still have to confirm. Reads only."""

from candidates.models import InboxItem
from exams.kernel.clock import milliseconds
from exams.kernel.errors import NotFound
from exams.models import Attempt
from exams.queries.retention import erased_words

MOST = 200


def items_of(attempt: Attempt) -> list[dict]:
    """Return the newest messages, newest first; times are epoch milliseconds."""
    rows = InboxItem.objects.filter(attempt=attempt).order_by("-pk")[:MOST]
    return [
        {
            "code": row.code,
            "kind": row.kind,
            "kind_title": row.get_kind_display(),
            "title": row.title or _title_of(row),
            "body": row.body,
            "link": row.link,
            "must_acknowledge": row.must_acknowledge,
            "sent_ms": milliseconds(row.created_at),
            "due_ms": row.due_at and milliseconds(row.due_at),
            "read_ms": row.read_at and milliseconds(row.read_at),
            "acknowledged_ms": row.acknowledged_at
            and milliseconds(row.acknowledged_at),
        }
        for row in rows
    ]


def _title_of(row: InboxItem) -> str:
    return erased_words(row.erased_at) if row.erased_at else ""


def item_of(attempt: Attempt, *, code: str) -> InboxItem:
    """Return one message of the attempt; raises `NotFound` for anybody else's."""
    item = (
        InboxItem.objects.select_related("attempt")
        .filter(attempt=attempt, code=code)
        .first()
    )
    if item is None:
        raise NotFound
    return item


def unread_count(attempt: Attempt) -> int:
    """Return how many messages wait to be read or confirmed."""
    rows = InboxItem.objects.filter(attempt=attempt)
    unread = rows.filter(read_at=None)
    unconfirmed = rows.filter(must_acknowledge=True, acknowledged_at=None)
    return (unread | unconfirmed).count()
