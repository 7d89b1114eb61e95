"""Who may look at incidents and cases: officials here, proctors of the room."""

from django.db.models import Q, QuerySet

from exams.access import assignments_of, require_role, sessions_for
from exams.enums import Role, SessionKind
from exams.models import Attempt, Session, Staff


def official_sessions(staff: Staff) -> QuerySet[Session]:
    """Return the sessions in which this person is an official; a mock has no cases."""
    return sessions_for(staff, Role.OFFICIAL).filter(kind=SessionKind.FORMAL)


def require_official(staff: Staff, attempt: Attempt) -> None:
    """Raise `NotAllowed` unless the person is an official in the attempt's session."""
    require_role(staff, Role.OFFICIAL, session=attempt.session)


def watches(staff: Staff, attempt: Attempt) -> bool:
    """Return whether the person is a proctor of the attempt's room or above it."""
    session = attempt.session
    here = Q(session=session) | Q(project=session.project_id)
    if attempt.room_id:
        here |= Q(room=attempt.room_id)
    return assignments_of(staff, Role.PROCTOR).filter(here).exists()


def require_watcher(staff: Staff, attempt: Attempt) -> None:
    """Raise `NotAllowed` unless the person proctors the attempt or is an official."""
    if not watches(staff, attempt):
        require_official(staff, attempt)
