"""Incidents as staff read them."""

from collections.abc import Collection

from django.db.models import Count, QuerySet

from exams.models import Attempt, Session
from proctoring.enums import IncidentState
from proctoring.models import Article, Incident

# What weighs more than a hint: shown square and red, others round and amber.
GRAVE = frozenset(
    {"noted", "takeover", "share_stopped", "chunk_conflict", "display", "focus_limit"}
)


def open_counts(attempts: Collection[int]) -> dict[int, int]:
    """Return `{attempt key: open incidents}`; without a row there are none."""
    rows = (
        Incident.objects.filter(attempt__in=attempts, state=IncidentState.OPEN)
        .order_by()
        .values_list("attempt")
        .annotate(count=Count("pk"))
    )
    return dict(rows)


def open_incidents(sessions: QuerySet[Session]) -> QuerySet[Incident]:
    """Return the open incidents of these sessions, by attempt and time."""
    return (
        Incident.objects.filter(attempt__session__in=sessions, state=IncidentState.OPEN)
        .select_related("attempt__session", "attempt__drawn_number", "article")
        .order_by("attempt__session", "attempt", "from_at", "pk")
    )


def incidents_of(attempt: Attempt) -> QuerySet[Incident]:
    """Return everything noticed of one attempt, in order of time."""
    return (
        Incident.objects.filter(attempt=attempt)
        .select_related("article", "case", "noted_by", "decided_by")
        .order_by("from_at", "pk")
    )


def tone_of(incident: Incident) -> str:
    """Return how an incident is marked: `bad`, `warn`, or `ok` once looked at."""
    if incident.state == IncidentState.DISMISSED:
        return "ok"
    return "bad" if incident.kind in GRAVE else "warn"


def articles_of(session: Session) -> QuerySet[Article]:
    """Return the articles in force in the session's project, in their order."""
    return Article.objects.filter(project=session.project_id, is_current=True).order_by(
        "position", "code"
    )
