"""Attempts and the one way in which their state moves.

Owns `Attempt` and its machine. Every move is compare-and-set, audited and told as
an event in one transaction. Knows no person and no browser; the floor above decides
who may call (design §4, R13, R17).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.bulk import insert_rows, update_rows
from exams.domain.events import publish
from exams.domain.mock_windows import require_formal
from exams.domain.schedule import Schedule
from exams.enums import AttemptState
from exams.kernel.errors import Conflict, Refusal, WindowClosed
from exams.kernel.states import Machine
from exams.models import Attempt, Room, Session
from exams.models.attempt import attempt_code

MACHINE = Machine(
    {
        "enrolled": frozenset({"checked_in", "absent", "withdrawn"}),
        "checked_in": frozenset({"entered", "absent", "withdrawn"}),
        "entered": frozenset({"submitted"}),
        "submitted": frozenset({"sealed"}),
        "sealed": frozenset({"marked"}),
        "marked": frozenset({"released"}),
        "absent": frozenset({"enrolled", "checked_in"}),
    }
)


class ReasonMissing(Refusal):
    """An act that needs a reason came without one."""

    code = "reason_missing"
    status = 422
    message = _("Please give a reason.")


def advance(
    attempt: Attempt,
    *,
    to: str,
    by: Actor,
    at: datetime,
    facts: dict | None = None,
    **columns: object,
) -> Attempt:
    """Move the attempt to state `to`, with its audit entry and its event.

    Raises `IllegalMove` or `Conflict` and changes nothing then.
    """
    with transaction.atomic():
        old = MACHINE.move(attempt, to=to, **columns)
        record(
            f"attempt.{to}",
            by=by,
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"from": old, **(facts or {})},
            chain=attempt.session.code,
        )
        publish(
            f"attempt:{attempt.code}",
            "attempt.moved",
            {"from": old, "to": to},
            at=at,
        )
    return attempt


def create_attempt(
    session: Session,
    *,
    at: datetime,
    room: Room | None = None,
    starts_at: datetime | None = None,
) -> Attempt:
    """Make the anonymous row of one enrolment; `starts_at` is its own start, if any."""
    return Attempt.objects.create(session=session, room=room, starts_at=starts_at)


def create_attempts(session: Session, *, rooms: list[Room | None]) -> list[int]:
    """Make one anonymous row per entry of `rooms`; return their keys in that order."""
    return insert_rows(
        Attempt,
        ("session_id", "room_id", "code"),
        [(session.pk, room and room.pk, attempt_code()) for room in rooms],
    )


def place_attempts(placed: dict[int, Room | None]) -> None:
    """Give each attempt, named by its key, its room.

    The caller has made sure that nothing is frozen.
    """
    update_rows(
        Attempt,
        ("room_id",),
        {key: (room and room.pk,) for key, room in placed.items()},
    )


def check_in(attempt: Attempt, *, by: Actor, at: datetime) -> Attempt:
    """Identity is proved (R41); `by` is who said so."""
    return advance(attempt, to=AttemptState.CHECKED_IN, by=by, at=at)


def enter(attempt: Attempt, *, by: Actor, at: datetime) -> Attempt:
    """First entry, inside its window (R53); recording starts with it (R56)."""
    schedule = Schedule.of(attempt.session, attempt)
    if not schedule.may_enter(at):
        raise WindowClosed(opens=schedule.entry_opens, closes=schedule.entry_closes)
    return advance(attempt, to=AttemptState.ENTERED, by=by, at=at, entered_at=at)


def submit(attempt: Attempt, *, by: Actor, at: datetime, how: str) -> Attempt:
    """End the attempt: `how` is `candidate` (R68), `deadline` (R17) or `official`.

    A press that arrives after the deadline is stored as ended by the deadline, at
    the deadline: nobody gains a second from a slow network (R20).
    """
    ends = Schedule.of(attempt.session, attempt).ends
    if at >= ends:
        at, how = ends, "deadline"
    return advance(
        attempt,
        to=AttemptState.SUBMITTED,
        by=by,
        at=at,
        facts={"how": how},
        submitted_at=at,
        submitted_by=how,
    )


def is_over(attempt: Attempt, *, at: datetime) -> bool:
    """Reads treat an entered attempt as submitted from its deadline on."""
    if attempt.state in AttemptState.ENDED:
        return True
    ends = Schedule.of(attempt.session, attempt).ends
    return attempt.state == AttemptState.ENTERED and at >= ends


def sweep_deadlines(*, at: datetime) -> int:
    """Store `submitted, by=deadline` where the deadline passed; return how many.

    Nothing depends on it being on time; it may run twice and beside a candidate
    who presses the button: the loser of the race changes nothing.
    """
    entered = Attempt.objects.filter(
        state=AttemptState.ENTERED, session__starts_at__lt=at
    ).select_related("session")
    stored = 0
    for attempt in entered:
        if is_over(attempt, at=at):
            try:
                submit(attempt, by=Actor.job("sweep"), at=at, how="deadline")
            except Conflict:
                continue
            stored += 1
    return stored


def close_entry(session: Session, *, by: Actor, at: datetime, reason: str) -> int:
    """Mark everybody who did not enter as absent (R13); return how many.

    Refused while somebody may still enter, and for a mock, which everybody starts at
    their own time. One act restores a person: `restore`.
    """
    require_formal(session)
    schedule = Schedule.of(session)
    if not schedule.entry.is_over(at):
        raise WindowClosed(closes=schedule.entry_closes)
    waiting = session.attempts.filter(
        state__in=AttemptState.BEFORE_ENTRY
    ).select_related("session")
    closed = 0
    with transaction.atomic():
        for attempt in waiting:
            if not Schedule.of(session, attempt).entry.is_over(at):
                continue
            advance(
                attempt,
                to=AttemptState.ABSENT,
                by=by,
                at=at,
                facts={"reason": reason},
            )
            closed += 1
    return closed


def restore(attempt: Attempt, *, by: Actor, at: datetime, reason: str) -> Attempt:
    """Take an absence back, with a reason; identity must be proved again."""
    if not reason.strip():
        raise ReasonMissing
    return advance(
        attempt,
        to=AttemptState.ENROLLED,
        by=by,
        at=at,
        facts={"reason": reason.strip()},
    )
