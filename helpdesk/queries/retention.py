"""Which conversations are due to be deleted. Reads only."""

from collections import defaultdict

from django.db.models import F, Q

from exams.enums import RetentionClass
from exams.kernel.clock import milliseconds
from exams.queries.retention import Due, Reach, digest_over
from helpdesk.models import Message, Request

FLOOR = "helpdesk"


def things_due(reach: Reach) -> list[Due]:
    """Return the conversations that are due: of ended attempts, and of nobody's.

    What was written after `reach.before` keeps its conversation.
    """
    if reach.kind != RetentionClass.CHAT:
        return []
    rows = Request.objects.filter(project=reach.project, last_at__lte=reach.before)
    left = rows.filter(Q(erased_at=None) | Q(last_at__gt=F("erased_at")))
    since = {
        row: reach.attempts[row.attempt_id].since if row.attempt_id else reach.closed
        for row in left.order_by("pk")
        if row.attempt_id in reach.attempts
        or (row.attempt_id is None and reach.closed is not None)
    }
    said: dict[int, list[Message]] = defaultdict(list)
    for message in Message.objects.filter(request__in=list(since)).order_by("seq"):
        said[message.request_id].append(message)
    return [
        Due(
            floor=FLOOR,
            kind=reach.kind,
            ref=row.code,
            attempt=row.attempt_id,
            size=sum(len(one.text.encode()) for one in said[row.pk]),
            digest=digest_over(
                [[one.seq, one.author, milliseconds(one.at)] for one in said[row.pk]]
            ),
            since=at,
        )
        for row, at in since.items()
    ]
