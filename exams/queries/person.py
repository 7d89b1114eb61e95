"""What this floor holds of a person's attempts, for their export. Reads only."""

from collections.abc import Collection

from django.db.models import QuerySet

from exams.models import AuditEntry, DrawnNumber, Hold, Result
from exams.queries.history import Attempts

Told = dict[str, list[dict]]


def told(rows: QuerySet, *columns: str) -> list[dict]:
    """Return these columns of the rows, in the order in which they were made."""
    return list(rows.order_by("pk").values(*columns))


def of_attempts(attempts: Attempts, *, scored: Collection[int]) -> Told:
    """Return the attempts, their numbers, results, holds and audit entries.

    Numbers, results and entries of those in `scored` only, whose scores the reader may
    see: an entry may tell them.
    """
    subjects = [f"attempt:{attempts[pk].code}" for pk in scored]
    own = {"attempt__in": attempts}
    seen = {"attempt__in": scored}
    return {
        "attempts": [
            {
                "code": row.code,
                "session": row.session.title,
                "state": row.state,
                "entered_at": row.entered_at,
                "submitted_at": row.submitted_at,
                "extra_seconds": row.extra_seconds,
            }
            for row in attempts.values()
        ],
        "drawn_numbers": told(
            DrawnNumber.objects.filter(**seen),
            *("attempt__code", "number", "origin", "drawn_at"),
        ),
        "results": told(
            Result.objects.filter(**seen),
            *("attempt__code", "value", "working", "released_at"),
        ),
        "holds": told(
            Hold.objects.filter(**own),
            *("attempt__code", "reason", "set_at", "lifted_at", "lift_reason"),
        ),
        "audit": told(
            AuditEntry.objects.filter(subject__in=subjects),
            *("at", "action", "actor_kind", "subject", "facts", "digest"),
        ),
    }
