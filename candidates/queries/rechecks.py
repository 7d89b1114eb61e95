"""Re-checks of released results: until when, what was asked, what was answered (S8)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from candidates.models import Recheck, RecheckAnswer
from exams.kernel.clock import Window
from exams.models import Attempt, Project, Session


@dataclass(frozen=True)
class RecheckStanding:
    """What the result page says: `closes` is null where nobody may ask."""

    closes: datetime | None
    is_open: bool
    asked: Recheck | None
    answer: RecheckAnswer | None


def recheck_window(session: Session, released_at: datetime) -> Window:
    """Return the half-open window from the release on; empty where nobody may ask."""
    length = timedelta(seconds=session.recheck_window)
    return Window(released_at, released_at + length)


def recheck_of(attempt: Attempt) -> Recheck | None:
    """Return what the candidate of an attempt asked, with its answer, one query."""
    rows = Recheck.objects.filter(attempt=attempt)
    return rows.select_related("attempt__session__project", "answer__by").first()


def answer_to(recheck: Recheck | None) -> RecheckAnswer | None:
    return getattr(recheck, "answer", None)


def recheck_standing(
    attempt: Attempt, *, released_at: datetime | None, at: datetime
) -> RecheckStanding:
    """Return what may be asked of a result; `released_at` is null without one."""
    asked = recheck_of(attempt)
    window = released_at and recheck_window(attempt.session, released_at)
    is_open = bool(window) and window.contains(at) and asked is None
    return RecheckStanding(
        closes=window.closes if window and attempt.session.recheck_window else None,
        is_open=is_open,
        asked=asked,
        answer=answer_to(asked),
    )


def rechecks_in(sessions: QuerySet[Session]) -> QuerySet[Recheck]:
    """Return every re-check that was asked for in these sessions, oldest first."""
    return (
        Recheck.objects.filter(attempt__session__in=sessions)
        .select_related("attempt__session", "attempt__drawn_number", "answer")
        .order_by("at", "pk")
    )


def rechecks_waiting(sessions: QuerySet[Session]) -> QuerySet[Recheck]:
    """Return those that nobody has answered."""
    return rechecks_in(sessions).filter(answer=None)


def result_link(attempt: Attempt) -> str:
    return reverse("candidate:result", args=[attempt.code])


def holds_of(project: Project) -> dict[int, str | Promise]:
    """Return which attempts a re-check without an answer holds back from deletion."""
    words = _("a re-check waits for its answer")
    rows = _unanswered().filter(attempt__session__project=project)
    return dict.fromkeys(rows.values_list("attempt", flat=True), words)


def is_held(attempts: Collection[int]) -> bool:
    """Return whether a re-check without an answer holds any of these back."""
    return _unanswered().filter(attempt__in=attempts).exists()


def _unanswered() -> QuerySet[Recheck]:
    return Recheck.objects.filter(answer=None)
