"""Counts that stop: nobody reads on behind ten thousand, and the database need not."""

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery

from exams.enums import AttemptState
from exams.models import Attempt, Session

MOST_COUNTED = 10_000


class CountOf(Subquery):
    """How many rows a query about an outer row has, `MOST_COUNTED` + 1 for more."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet, column: str, **extra: object) -> None:
        super().__init__(up_to_most(rows.values(column)), **extra)


def up_to_most(rows: QuerySet) -> QuerySet:
    """Return so many of the rows, in no order, that their count says "more"."""
    return rows.order_by()[: MOST_COUNTED + 1]


def count_text(count: int) -> int | str:
    """Return the count as it is shown: `10000+` where it stopped."""
    return count if count <= MOST_COUNTED else f"{MOST_COUNTED}+"


def with_people(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Give each session `people_count` and `came_count`, which stop as others do."""
    rows = Attempt.objects.filter(session=OuterRef("pk"))
    came = rows.filter(state__in=AttemptState.PRESENT)
    return sessions.annotate(
        people_count=CountOf(rows, "session"), came_count=CountOf(came, "session")
    )
