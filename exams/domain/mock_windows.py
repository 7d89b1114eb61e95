"""When a mock test may be taken, and what is never done to one (R2, R3).

Pure, but for the reads of `formal_sessions_within`; writes nothing. A day is a
calendar day in the session's zone, whatever its length there.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from exams.domain.schedule import Schedule
from exams.enums import SessionKind, SessionState
from exams.kernel.clock import Window
from exams.kernel.errors import Refusal
from exams.models import Session


class NotForMocks(Refusal):
    """A roster, entry as a whole, scoring, exhibits and results are formal only."""

    code = "not_for_mocks"
    message = _(
        "This is a mock test. It has no roster, is never scored and has no results."
    )


def require_formal(session: Session) -> None:
    """Raise `NotForMocks` for a mock session."""
    if session.kind == SessionKind.MOCK:
        raise NotForMocks


def window_of(session: Session) -> Window:
    """Return the half-open window in which a mock may be started (R2)."""
    return Window(session.starts_at, session.mock_closes_at)


def zone_of(session: Session) -> ZoneInfo:
    """Return the session's time zone."""
    return ZoneInfo(session.time_zone)


def local_day(session: Session, at: datetime) -> date:
    """Return the calendar day of `at` in the session's zone (R3)."""
    return at.astimezone(zone_of(session)).date()


def next_day_begins(session: Session, day: date) -> datetime:
    """Return the first instant, in the session's zone, of the day after `day`."""
    midnight = datetime.combine(day + timedelta(days=1), time.min)
    return midnight.replace(tzinfo=zone_of(session))


def last_end(session: Session) -> datetime:
    """Return when a mock started at the last moment of the window would end."""
    closes = session.mock_closes_at or session.starts_at
    seconds = session.mock_lead + session.preparation + session.answer
    return closes + timedelta(seconds=seconds)


def formal_sessions_within(session: Session) -> list[Session]:
    """Return the project's formal sessions that admit while mocks may still run."""
    formal = session.project.sessions.filter(kind=SessionKind.FORMAL).exclude(
        state__in=SessionState.UNSEEN
    )
    return [
        other
        for other in formal.order_by("starts_at", "pk")
        if Schedule.of(other).login_opens < last_end(session)
        and session.starts_at < Schedule.of(other).ends
    ]
