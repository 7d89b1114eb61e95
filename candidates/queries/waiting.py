"""What waits for a person on this floor, for the dashboard: how many, how old."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from candidates.enums import CheckInState, LeaseState, RecordingState
from candidates.models import CheckIn, DeviceLease, Recording, RosterImport
from candidates.queries.roster import imports_waiting
from exams.enums import AttemptState
from exams.models import Project, Session
from exams.queries.counting import MOST_COUNTED, up_to_most


@dataclass(frozen=True)
class Waiting:
    """How many wait, and since when the oldest does (None when that has no date).

    `count` stops at one more than `MOST_COUNTED`.
    """

    count: int
    since: datetime | None


def waiting_check_ins(projects: Iterable[Project]) -> Waiting:
    return waiting_of(
        CheckIn.objects.filter(
            state=CheckInState.WAITING, attempt__session__project__in=projects
        ),
        "created_at",
    )


def waiting_takeovers(projects: Iterable[Project]) -> Waiting:
    return waiting_of(
        DeviceLease.objects.filter(
            state=LeaseState.WAITING, attempt__session__project__in=projects
        ),
        "created_at",
    )


def outstanding(recordings: QuerySet[Recording]) -> QuerySet[Recording]:
    """Return those of ended attempts that are not sealed yet."""
    return recordings.filter(
        state=RecordingState.OPEN, attempt__state=AttemptState.SUBMITTED
    )


def overdue(recordings: QuerySet[Recording], *, at: datetime) -> QuerySet[Recording]:
    """Return those that were to be complete by now, by their session's rule (R18)."""
    rule = "evidence_confirm_within"
    late = Q(pk__in=[])
    for seconds in Session.objects.order_by().values_list(rule, flat=True).distinct():
        due = at - timedelta(seconds=seconds)
        of_rule = Q(**{f"attempt__session__{rule}": seconds})
        late |= of_rule & Q(attempt__submitted_at__lt=due)
    return outstanding(recordings).filter(late)


def overdue_uploads(projects: Iterable[Project], *, at: datetime) -> Waiting:
    rows = Recording.objects.filter(attempt__session__project__in=projects)
    return waiting_of(overdue(rows, at=at), "attempt__submitted_at")


def recordings_to_review(projects: Iterable[Project]) -> Waiting:
    return waiting_of(
        Recording.objects.filter(
            state=RecordingState.NEEDS_REVIEW, attempt__session__project__in=projects
        ),
        "sealed_at",
    )


def waiting_imports(projects: Iterable[Project]) -> Waiting:
    rows: QuerySet[RosterImport] = imports_waiting()
    return waiting_of(rows.filter(session__project__in=projects), "created_at")


def waiting_of(rows: QuerySet, since: str) -> Waiting:
    """Count the rows, which wait since the instant at `since`, up to `MOST_COUNTED`.

    One query; another when there are more than are counted.
    """
    found = up_to_most(rows).aggregate(count=Count("pk"), since=Min(since))
    if found["count"] > MOST_COUNTED:
        dated = rows.filter(**{f"{since}__isnull": False})
        found["since"] = dated.order_by(since).values_list(since, flat=True).first()
    return Waiting(count=found["count"], since=found["since"])
