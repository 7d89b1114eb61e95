"""Whose computer is not heard, and what was noted of it."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from candidates.enums import ObservationKind
from candidates.models import Observation, Presence
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, SessionKind
from exams.models import Attempt

# A row of presence is up to so much older than what its process heard.
ROW_LAG = timedelta(seconds=15)


def unheard(*, at: datetime) -> QuerySet[Attempt]:
    """Return who sits in a session with a grace and was not heard just now.

    With `heard_at`, null for whom nobody ever heard. Mock tests are left out: what is
    noticed there is nobody's business.
    """
    newest = Presence.objects.filter(attempt=OuterRef("pk")).values("at")[:1]
    return (
        Attempt.objects.filter(
            state=AttemptState.ENTERED,
            session__reconnect_grace__isnull=False,
            session__kind=SessionKind.FORMAL,
        )
        .annotate(heard_at=Subquery(newest))
        .filter(Q(heard_at=None) | Q(heard_at__lt=at - ROW_LAG))
        .select_related("session")
        .order_by("pk")
    )


def silent_since(attempt: Attempt, heard_at: datetime | None) -> datetime:
    """Return from when a silence counts: not before the questions, nor the entry."""
    starts = Schedule.of(attempt.session, attempt).starts
    known = (starts, attempt.entered_at, heard_at)
    return max(instant for instant in known if instant)


def last_pause(attempt: Attempt) -> Observation | None:
    """Return the newest silence of the computer that was noted, one query."""
    noted = Observation.objects.filter(
        attempt=attempt, kind=ObservationKind.COMPUTER_GONE
    )
    return noted.order_by("-from_at").first()
