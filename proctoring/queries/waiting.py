"""Cases that wait for a second person's hand, for the dashboard and their list."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case as Choice
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, When

from candidates.queries.waiting import Waiting, waiting_of
from exams.models import Project
from proctoring.enums import CaseState
from proctoring.models import Case, Proposal


def to_sign(cases: QuerySet[Case], *, at: datetime) -> QuerySet[Case]:
    """Return the cases to be confirmed, and those whose proposed ruling waits.

    `waiting_since` is when the first of the two people acted.
    """
    newest = Proposal.objects.filter(case=OuterRef("pk")).order_by("-turn")

    def of_newest(name: str) -> Subquery:
        return Subquery(newest.values(f"approval__{name}")[:1])

    asked = cases.annotate(
        proposed_at=of_newest("requested_at"),
        approved_until=of_newest("expires_at"),
        agreed_at=of_newest("approved_at"),
    )
    opened = Q(state=CaseState.OPENED)
    proposed = Q(agreed_at__isnull=True, approved_until__gt=at)
    return asked.filter(opened | proposed).annotate(
        waiting_since=Choice(
            When(opened, then=F("opened_at")), default=F("proposed_at")
        )
    )


def cases_to_sign(projects: Iterable[Project], *, at: datetime) -> Waiting:
    """Return how many cases wait for a signature, and since when the oldest does."""
    rows = Case.objects.filter(attempt__session__project__in=projects)
    return waiting_of(to_sign(rows, at=at), "waiting_since")
