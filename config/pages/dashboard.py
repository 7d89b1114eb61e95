"""The administrators' first page: what waits for a person, and what is on today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from candidates.queries import waiting
from exams.models import Staff
from exams.queries import today
from exams.queries.scope import administered

SLOW_SECONDS = 60


@dataclass(frozen=True)
class Queue:
    """One card: a name, a count, the age of the oldest, and the list behind it."""

    name: str | Promise
    count: int
    since: datetime | None
    url: str
    tone: str
    icon: str

    @property
    def shown_tone(self) -> str:
        return self.tone if self.count else "idle"


def dashboard(staff: Staff, *, at: datetime) -> dict:
    """Return the context of the page: `queues`, `sessions` and `acts`."""
    projects = administered(staff)
    return {
        "queues": list(_queues(projects, at)),
        "sessions": today.sessions_near(projects, at=at),
        "acts": today.latest_acts(projects, everything=staff.is_superuser),
        "now": at,
    }


def _queues(projects: object, at: datetime) -> Iterable[Queue]:
    check_ins = waiting.waiting_check_ins(projects)
    yield Queue(
        _("Identity checks"),
        check_ins.count,
        check_ins.since,
        reverse("checkins:queue"),
        _age_tone(check_ins.since, at),
        "face",
    )
    takeovers = waiting.waiting_takeovers(projects)
    yield Queue(
        _("Takeovers"),
        takeovers.count,
        takeovers.since,
        reverse("checkins:queue"),
        _age_tone(takeovers.since, at),
        "swap",
    )
    uploads = waiting.outstanding_uploads(projects)
    yield Queue(
        _("Uploads outstanding"),
        uploads.count,
        uploads.since,
        _list("candidates_recording", "state__exact=open"),
        "warn",
        "upload",
    )
    review = waiting.recordings_to_review(projects)
    yield Queue(
        _("Recordings to review"),
        review.count,
        review.since,
        _list("candidates_recording", "state__exact=needs_review"),
        "bad",
        "eye",
    )
    imports = waiting.waiting_imports(projects)
    yield Queue(
        _("Rosters to decide"),
        imports.count,
        imports.since,
        _list("candidates_rosterimport", "state__exact=preview"),
        "info",
        "list",
    )
    yield Queue(
        _("Sessions not frozen"),
        today.unfrozen_sessions(projects, at=at),
        None,
        _list("exams_session", ""),
        "warn",
        "lock",
    )


def _age_tone(since: datetime | None, at: datetime) -> str:
    slow = since and (at - since).total_seconds() > SLOW_SECONDS
    return "bad" if slow else "warn"


def _list(name: str, query: str) -> str:
    return reverse(f"admin:{name}_changelist") + (f"?{query}" if query else "")
