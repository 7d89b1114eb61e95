"""Whether a score is cancelled now: the newest turn of an attempt decides."""

from django.db.models import OuterRef, QuerySet, Subquery

from exams.enums import VoidKind
from exams.models import Attempt, Void


def void_of(attempt: Attempt) -> Void | None:
    """Return the turn that cancels the attempt's score now, else `None`."""
    newest = Void.objects.filter(attempt=attempt).order_by("-turn").first()
    return newest if newest and newest.kind == VoidKind.VOID else None


def turns_of(attempt: Attempt) -> QuerySet[Void]:
    """Return every turn with its two people, the oldest first."""
    return (
        Void.objects.filter(attempt=attempt)
        .select_related("approval__requested_by", "approval__approved_by")
        .order_by("turn")
    )


def void_attempts() -> QuerySet[Attempt]:
    """Return the attempts whose score is cancelled now, for use in filters."""
    return Attempt.objects.alias(turn_now=kind_now("pk")).filter(turn_now=VoidKind.VOID)


def kind_now(path: str) -> Subquery:
    """Return the newest turn of each row's attempt, whose key is at `path`."""
    newest = Void.objects.filter(attempt=OuterRef(path)).order_by("-turn")
    return Subquery(newest.values("kind")[:1])
