"""The administrators' first page: what waits for a person, and what is on today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from candidates.queries import waiting
from candidates.queries.readiness import Board, kept_board
from config.pages import jobs, retention
from exams.enums import SessionKind, SessionState
from exams.models import Project, Session, Staff
from exams.queries import today
from exams.queries.counting import count_text
from exams.queries.scope import administered
from helpdesk.queries import waiting as requests
from proctoring.queries import waiting as cases

SLOW_SECONDS = 60
MOST_BOARDS = 1


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

    @property
    def shown_count(self) -> int | str:
        return count_text(self.count)


def dashboard(staff: Staff, *, at: datetime) -> dict:
    """Return the context of the page: `queues`, `sessions`, `ready`, `acts`.

    An administrator of one project reads of it alone; without a project nothing is
    waiting for the person, and no queue is shown.
    """
    projects = administered(staff)
    keys = None if staff.is_superuser else [*projects.values_list("pk", flat=True)]
    own = projects if keys is None else Project.objects.filter(pk__in=keys)
    shown = keys is None or bool(keys)
    return {
        "queues": list(_queues(own, staff, at)) if shown else [],
        "sessions": today.sessions_near(own, at=at) if shown else [],
        "ready": _readiness(own, at) if shown else [],
        "acts": today.latest_acts(own, everything=staff.is_superuser),
        "now": at,
    }


def _queues(projects: QuerySet[Project], staff: Staff, at: datetime) -> Iterable[Queue]:
    """Yield the cards in the order of the flow."""
    lines = (
        (
            _("Rosters to decide"),
            waiting.waiting_imports(projects),
            _list("candidates_rosterimport", "state__exact=preview"),
            "list",
        ),
        (
            _("Identity checks"),
            waiting.waiting_check_ins(projects),
            reverse("checkins:queue"),
            "face",
        ),
        (
            _("Takeovers"),
            waiting.waiting_takeovers(projects),
            reverse("checkins:queue"),
            "swap",
        ),
        (
            _("Open requests"),
            requests.open_requests(projects),
            reverse("helpdesk:desk"),
            "headset",
        ),
        (
            _("Uploads overdue"),
            waiting.overdue_uploads(projects, at=at),
            _list("candidates_recording", "upload=overdue"),
            "upload",
        ),
        (
            _("Recordings to review"),
            waiting.recordings_to_review(projects),
            _list("candidates_recording", "state__exact=needs_review"),
            "eye",
        ),
        (
            _("Cases to sign"),
            cases.cases_to_sign(projects, at=at),
            _list("proctoring_case", "waits=signature"),
            "scale",
        ),
    )
    yield Queue(
        _("Sessions not frozen"),
        today.unfrozen_sessions(projects, at=at),
        None,
        _list("exams_session", urlencode(_unfrozen(at))),
        "warn",
        "lock",
    )
    for name, found, url, icon in lines:
        yield Queue(name, found.count, found.since, url, _tone(found, at), icon)
    yield from _aside(projects, staff, at)


def _aside(projects: QuerySet[Project], staff: Staff, at: datetime) -> Iterable[Queue]:
    """Yield the cards of what is no step of an exam."""
    found = retention.to_approve(projects, staff, at=at)
    url = reverse("admin:retention")
    words = _("Deletions to approve")
    yield Queue(words, found.count, found.since, url, "warn", "lock")
    if staff.is_superuser:
        failed = jobs.failed_jobs(at=at)
        url = reverse("admin:jobs")
        yield Queue(_("Failed jobs"), failed.count, failed.since, url, "bad", "bad")


def _readiness(
    projects: QuerySet[Project], at: datetime
) -> list[tuple[Session, Board]]:
    """Return how ready the next session is; seven queries more."""
    coming = Session.objects.filter(
        project__in=projects,
        kind=SessionKind.FORMAL,
        starts_at__range=(at, at + today.NEAR),
    )
    return [
        (one, kept_board(one, at=at, summary=True))
        for one in coming.order_by("starts_at")[:MOST_BOARDS]
    ]


def _unfrozen(at: datetime) -> dict[str, str]:
    """Return the list's filters that show what `today.unfrozen_sessions` counts."""
    return {
        "frozen_at__isnull": "True",
        "kind__exact": SessionKind.FORMAL,
        "state__in": f"{SessionState.DRAFT},{SessionState.PUBLISHED}",
        "starts_at__gte": at.isoformat(timespec="seconds"),
        "starts_at__lte": (at + today.NEAR).isoformat(timespec="seconds"),
    }


def _tone(found: waiting.Waiting, at: datetime) -> str:
    """Whatever waits for more than a minute is red."""
    slow = found.since and (at - found.since).total_seconds() > SLOW_SECONDS
    return "bad" if slow else "warn"


def _list(name: str, query: str) -> str:
    return reverse(f"admin:{name}_changelist") + (f"?{query}" if query else "")
