"""What the administrators' first page says of sessions and of what just happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from exams.domain.schedule import Schedule
from exams.enums import Phase, SessionKind, SessionState
from exams.models import AuditEntry, Project, Session
from exams.queries.acts import act_words
from exams.queries.counting import count_text, with_people
from exams.queries.fact_words import subject_words
from exams.queries.meaning import summary_of

NEAR = timedelta(days=7)
LIST_ROWS = 12
SCALE = 1000


@dataclass(frozen=True)
class SessionToday:
    """One line of the list; `bar` is geometry on a scale of 1000."""

    session: Session
    meaning: str
    phase: Phase
    next_at: datetime
    people: int | str
    came: int | str
    login_width: int
    exam_at: int
    exam_width: int
    now: int | None


@dataclass(frozen=True)
class Act:
    """One audit entry in words."""

    at: datetime
    words: str
    subject: str


def sessions_near(projects: QuerySet[Project], *, at: datetime) -> list[SessionToday]:
    """Return formal sessions within seven days either side, nearest first.

    Two queries: people are counted of the sessions that are shown.
    """
    near = Session.objects.filter(
        project__in=projects,
        kind=SessionKind.FORMAL,
        starts_at__range=(at - NEAR, at + NEAR),
    ).exclude(state=SessionState.DISCARDED)
    starts = dict(near.order_by("starts_at").values_list("pk", "starts_at"))
    nearest = sorted(starts, key=lambda pk: abs((starts[pk] - at).total_seconds()))
    rows = with_people(Session.objects.all()).in_bulk(nearest[:LIST_ROWS])
    return [_line(rows[pk], at) for pk in nearest[:LIST_ROWS]]


def unfrozen_sessions(projects: QuerySet[Project], *, at: datetime) -> int:
    """Return how many sessions of the next days are not published and frozen yet."""
    return Session.objects.filter(
        project__in=projects,
        kind=SessionKind.FORMAL,
        state__in=[SessionState.DRAFT, SessionState.PUBLISHED],
        frozen_at__isnull=True,
        starts_at__range=(at, at + NEAR),
    ).count()


def latest_acts(projects: QuerySet[Project], *, everything: bool) -> list[Act]:
    """Return the newest acts of the sessions of these projects."""
    entries = AuditEntry.objects.order_by("-pk")
    if not everything:
        codes = Session.objects.filter(project__in=projects).values("code")
        entries = entries.filter(chain__in=codes)
    return [
        Act(entry.at, act_words(entry.action), subject_words(entry.subject))
        for entry in entries[:LIST_ROWS]
    ]


def _line(session: Session, at: datetime) -> SessionToday:
    schedule = Schedule.of(session)
    span = (schedule.evidence_confirm_by - schedule.login_opens).total_seconds()

    def place(instant: datetime) -> int:
        return round((instant - schedule.login_opens).total_seconds() / span * SCALE)

    now = place(at)
    limits = (
        schedule.login_opens,
        schedule.entry_opens,
        schedule.starts,
        schedule.ends,
        schedule.evidence_confirm_by,
    )
    return SessionToday(
        session=session,
        meaning=summary_of(session),
        phase=schedule.phase(at),
        next_at=next((limit for limit in limits if at < limit), limits[-1]),
        people=count_text(session.people_count),
        came=count_text(session.came_count),
        login_width=place(schedule.starts),
        exam_at=place(schedule.starts),
        exam_width=place(schedule.ends) - place(schedule.starts),
        now=now if 0 <= now <= SCALE else None,
    )
