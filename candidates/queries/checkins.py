"""The staff's identity queue: who waits, and what a decision is made from."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from candidates.enums import CheckInState, LeaseState
from candidates.models import Candidate, CheckIn, CheckInPhoto, DeviceLease, Enrolment
from candidates.queries.platforms import computer_refusal
from exams.enums import AttemptState
from exams.models import Session
from exams.queries.draws import attempts_without_number


@dataclass(frozen=True)
class WaitingCheckIn:
    pk: int
    ticket_number: str
    name: str
    session_title: str
    room: str
    created_at: datetime
    tries: int
    photo_count: int


@dataclass(frozen=True)
class WaitingTakeover:
    pk: int
    ticket_number: str
    name: str
    session_title: str
    device: str
    not_allowed: str
    address: str
    created_at: datetime
    active_device: str
    attempt_state_label: str


@dataclass(frozen=True)
class WithoutNumber:
    code: str
    ticket_number: str
    name: str
    session_title: str


def waiting_check_ins(sessions: QuerySet[Session]) -> list[WaitingCheckIn]:
    """Return who waits for a decision in these sessions, the longest first.

    Three queries, whatever the number of rows.
    """
    rows = list(
        CheckIn.objects.filter(
            state=CheckInState.WAITING, attempt__session__in=sessions
        )
        .select_related("attempt__session", "attempt__room")
        .annotate(photo_count=Count("photos"))
        .order_by("created_at", "pk")
    )
    people = _people([row.attempt_id for row in rows])
    tries = dict(
        CheckIn.objects.filter(attempt__in=people)
        .values("attempt")
        .annotate(tries=Count("pk"))
        .values_list("attempt", "tries")
    )
    return [
        WaitingCheckIn(
            pk=row.pk,
            ticket_number=people[row.attempt_id].ticket_number,
            name=people[row.attempt_id].name,
            session_title=row.attempt.session.title,
            room=row.attempt.room.name if row.attempt.room else "",
            created_at=row.created_at,
            tries=tries[row.attempt_id],
            photo_count=row.photo_count,
        )
        for row in rows
        if row.attempt_id in people
    ]


def waiting_takeovers(sessions: QuerySet[Session]) -> list[WaitingTakeover]:
    """Return which browsers ask for a takeover, in three queries."""
    rows = list(
        DeviceLease.objects.filter(
            state=LeaseState.WAITING, attempt__session__in=sessions
        )
        .select_related("attempt__session")
        .order_by("created_at", "pk")
    )
    people = _people([row.attempt_id for row in rows])
    active = dict(
        DeviceLease.objects.filter(
            state=LeaseState.ACTIVE, attempt__in=people
        ).values_list("attempt", "device")
    )
    return [
        WaitingTakeover(
            pk=row.pk,
            ticket_number=people[row.attempt_id].ticket_number,
            name=people[row.attempt_id].name,
            session_title=row.attempt.session.title,
            device=row.device,
            not_allowed=str(computer_refusal(row) or ""),
            address=row.address,
            created_at=row.created_at,
            active_device=active.get(row.attempt_id, ""),
            attempt_state_label=str(AttemptState(row.attempt.state).label),
        )
        for row in rows
        if row.attempt_id in people
    ]


def waiting_for_numbers(sessions: QuerySet[Session]) -> list[WithoutNumber]:
    """Return who missed a draw that deals nothing by itself, in two queries (G6)."""
    rows = list(
        attempts_without_number(sessions)
        .select_related("session")
        .order_by("session__starts_at", "pk")
    )
    people = _people([row.pk for row in rows])
    return [
        WithoutNumber(
            code=row.code,
            ticket_number=people[row.pk].ticket_number,
            name=people[row.pk].name,
            session_title=row.session.title,
        )
        for row in rows
        if row.pk in people
    ]


def check_in_for(sessions: QuerySet[Session], *, pk: int) -> CheckIn | None:
    """Return one check-in of these sessions with all that its page needs."""
    return (
        CheckIn.objects.filter(pk=pk, attempt__session__in=sessions)
        .select_related("attempt__session__project", "lease")
        .first()
    )


def photo_for(sessions: QuerySet[Session], *, pk: int) -> CheckInPhoto | None:
    """Return one check-in photo of these sessions."""
    rows = CheckInPhoto.objects.select_related("check_in")
    return rows.filter(pk=pk, check_in__attempt__session__in=sessions).first()


def takeover_for(sessions: QuerySet[Session], *, pk: int) -> DeviceLease | None:
    """Return one waiting lease of these sessions, decided or not."""
    return (
        DeviceLease.objects.filter(pk=pk, attempt__session__in=sessions)
        .select_related("attempt__session__project")
        .first()
    )


def tries_of(check_in: CheckIn) -> int:
    return CheckIn.objects.filter(attempt=check_in.attempt_id).count()


def _people(attempts: list[int]) -> dict[int, Candidate]:
    rows = Enrolment.objects.filter(attempt__in=attempts).select_related("candidate")
    return {row.attempt_id: row.candidate for row in rows}
