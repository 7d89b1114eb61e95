"""Identity codes: whether one may be given, which were, and to whom they belong."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from candidates.enums import LeaseLevel, LeaseState
from candidates.models import DeviceLease, Enrolment, IdentityCode
from candidates.queries.rights import CodeUnavailable, NotEnrolled, window_of
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, IdentityMethod, Stage
from exams.kernel.errors import Refusal, WindowClosed
from exams.models import Attempt, Session

MAX_FOUND = 20


class IdentityProved(Refusal):
    code = "identity_proved"
    message = _("This person's identity is proved already.")


def uses_codes(session: Session) -> bool:
    """Return whether staff may vouch by a code in this session (G2)."""
    has_stage = Stage.CHECK_IN in session.stages
    return has_stage and IdentityMethod.CODE in session.identity_methods


def issue_refusal(attempt: Attempt, *, at: datetime) -> Refusal | None:
    """Return why no code can be given for the attempt at `at`, or None."""
    if not uses_codes(attempt.session):
        return CodeUnavailable()
    if attempt.state not in AttemptState.BEFORE_ENTRY:
        return NotEnrolled()
    proved = DeviceLease.objects.filter(
        attempt=attempt, state=LeaseState.ACTIVE, level=LeaseLevel.VERIFIED
    )
    if proved.exists():
        return IdentityProved()
    window = window_of("identity_code", Schedule.of(attempt.session, attempt))
    if window.contains(at):
        return None
    return WindowClosed(opens=window.opens, closes=window.closes)


def codes_of(attempt: Attempt) -> QuerySet[IdentityCode]:
    """Return what was issued for an attempt, the latest first, with who did."""
    rows = IdentityCode.objects.filter(attempt=attempt)
    return rows.select_related("issued_by").order_by("-pk")


def people_named(sessions: QuerySet[Session], *, ticket_number: str) -> list[Enrolment]:
    """Return who has this ticket number and has not entered, in these sessions."""
    still_before = Q(attempt__state__in=AttemptState.BEFORE_ENTRY)
    found = Enrolment.objects.filter(
        still_before,
        candidate__ticket_number=ticket_number,
        attempt__session__in=sessions,
    )
    return list(found.select_related("candidate", "attempt__session")[:MAX_FOUND])


def attempt_for(sessions: QuerySet[Session], *, code: str) -> Attempt | None:
    """Return one attempt of these sessions with its session and project."""
    found = Attempt.objects.filter(code=code, session__in=sessions)
    return found.select_related("session__project").first()
