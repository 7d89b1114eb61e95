"""What waits for a person on this floor, for the dashboard: how many, how old."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from candidates.enums import CheckInState, LeaseState, RecordingState
from candidates.models import CheckIn, DeviceLease, Recording, RosterImport
from candidates.queries.roster import imports_waiting
from exams.enums import AttemptState
from exams.models import Project


@dataclass(frozen=True)
class Waiting:
    """How many wait, and since when the oldest does (None when that has no date)."""

    count: int
    since: datetime | None


def waiting_check_ins(projects: Iterable[Project]) -> Waiting:
    return _waiting(
        CheckIn.objects.filter(
            state=CheckInState.WAITING, attempt__session__project__in=projects
        ),
        "created_at",
    )


def waiting_takeovers(projects: Iterable[Project]) -> Waiting:
    return _waiting(
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
    rows = outstanding(recordings)
    rule = ("attempt__session", "attempt__session__evidence_confirm_within")
    late = Q(pk__in=[])
    for session, seconds in rows.order_by().values_list(*rule).distinct():
        due = at - timedelta(seconds=seconds)
        late |= Q(attempt__session=session, attempt__submitted_at__lt=due)
    return rows.filter(late)


def overdue_uploads(projects: Iterable[Project], *, at: datetime) -> Waiting:
    rows = Recording.objects.filter(attempt__session__project__in=projects)
    return _waiting(overdue(rows, at=at), "attempt__submitted_at")


def recordings_to_review(projects: Iterable[Project]) -> Waiting:
    return _waiting(
        Recording.objects.filter(
            state=RecordingState.NEEDS_REVIEW, attempt__session__project__in=projects
        ),
        "sealed_at",
    )


def waiting_imports(projects: Iterable[Project]) -> Waiting:
    rows: QuerySet[RosterImport] = imports_waiting()
    return _waiting(rows.filter(session__project__in=projects), "created_at")


def _waiting(rows: QuerySet, since: str) -> Waiting:
    found = rows.order_by().aggregate(count=Count("pk"), since=Min(since))
    return Waiting(count=found["count"], since=found["since"])
