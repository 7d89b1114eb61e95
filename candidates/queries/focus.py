"""How often the exam page was left, as its candidate is told (R57)."""

from datetime import datetime

from django.db.models import Count, Max

from candidates.enums import ObservationKind
from candidates.models import Observation
from exams.enums import AttemptState, FocusPolicy
from exams.kernel.clock import milliseconds
from exams.models import Attempt


def leavings_of(attempt: Attempt) -> dict:
    """Return `{count, from_at, to_at}`: how often, and the last one; one query.

    A report that a browser sent twice counts once.
    """
    rows = Observation.objects.filter(attempt=attempt, kind=ObservationKind.FOCUS_LOST)
    return rows.aggregate(
        count=Count("from_at", distinct=True),
        from_at=Max("from_at"),
        to_at=Max("to_at"),
    )


def focus_state(attempt: Attempt) -> dict:
    """Return `{policy, limit, count, last}`; without a warning nothing is counted."""
    session = attempt.session
    count, last = 0, None
    told = session.focus_loss != FocusPolicy.LOG
    if told and attempt.state in AttemptState.PRESENT:
        found = leavings_of(attempt)
        count = found["count"]
        last = _span(found["from_at"], found["to_at"]) if count else None
    limit = session.focus_limit if session.focus_loss == FocusPolicy.LIMIT else None
    return {"policy": session.focus_loss, "limit": limit, "count": count, "last": last}


def _span(from_at: datetime, to_at: datetime | None) -> dict[str, int]:
    return {
        "from_ms": milliseconds(from_at),
        "to_ms": milliseconds(max(from_at, to_at or from_at)),
    }
