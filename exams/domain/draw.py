"""The draw: who has which sequence number.

Owns `Draw` and `DrawnNumber`; numbers are append-only and held by triggers. Commits
the seed at the freeze, deals one number per press, deals the rest at closing, adds
latecomers behind and helps those who missed it. The arithmetic is in `drawing`. Locks
attempt before draw, and never touches an attempt's state, its person or its marks
(R49, R50, G12).
"""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from exams.domain import drawing
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.domain.schedule import Schedule
from exams.enums import AttemptState
from exams.kernel import clock, faults, seals
from exams.kernel.errors import BadInput, Refusal, WindowClosed
from exams.models import Attempt, Draw, DrawnNumber, Session


class DrawNotCommitted(Refusal):
    """The session has no committed draw: not frozen yet, or a mock."""

    code = "draw_not_committed"
    message = _("The draw of this session has not been prepared yet.")


class NotMissed(Refusal):
    """The helpdesk gives numbers only to those whom a closed draw left without one."""

    code = "not_missed"
    message = _("This person did not miss the draw. Nothing was dealt.")


class NotInDraw(Refusal):
    """The attempt is not on the frozen roster, or may not draw from its state."""

    code = "not_in_draw"
    message = _("You can draw after your identity has been checked.")


def commit_draw(session: Session, *, by: Actor, at: datetime) -> Draw:
    """Freeze the roster and commit to a new seed; in the freeze's transaction.

    The roster is every attempt of the session that was not withdrawn. The audit
    entry carries the commitment, so that it cannot be exchanged later.
    """
    withdrawn = AttemptState.WITHDRAWN
    codes = session.attempts.exclude(state=withdrawn).values_list("code", flat=True)
    roster = sorted(codes)
    seed = secrets.token_bytes(drawing.SEED_BYTES)
    digest = drawing.roster_hash(session.code, roster)
    draw = Draw.objects.create(
        session=session,
        roster=roster,
        roster_hash=digest,
        seed=seed.hex(),
        commitment=drawing.commitment(seed, digest),
        committed_at=at,
    )
    record(
        "draw.committed",
        by=by,
        at=at,
        subject=f"session:{session.code}",
        facts={
            "commitment": draw.commitment,
            "roster_hash": digest,
            "size": len(roster),
        },
        chain=session.code,
    )
    return draw


def draw_number(
    attempt: Attempt, *, nonce: str, by: Actor, at: datetime
) -> DrawnNumber:
    """Deal one number to the attempt, or return the one it has (R49).

    `nonce` is 32 lower-case hexadecimal digits, made by the candidate's browser. The
    first accepted one binds: a repeat returns the same row and receipt whatever nonce
    it brings. Raises `BadInput`, `DrawNotCommitted`, `NotInDraw` or `WindowClosed`.
    """
    if not drawing.is_nonce(nonce):
        raise BadInput(reason="nonce")
    dealt = DrawnNumber.objects.filter(attempt=attempt).first()
    if dealt:
        return dealt
    # The sabotage switch reads what is left before the lock, as a naive draw would.
    unlocked = (
        _numbers_left(_draw_of(attempt.session))
        if faults.sabotaged("draw_lock")
        else None
    )
    with transaction.atomic():
        attempt, draw, dealt = _locked_for(attempt)
        if dealt:
            return dealt
        _require_turn(attempt, draw, at=at)
        left = _numbers_left(draw) if unlocked is None else unlocked
        row = _deal_next(draw, left, attempt, nonce=nonce, origin="candidate", at=at)
        row.save(force_insert=True)
        _tell_number(row, by=by, at=at)
    return row


def close_draw(session: Session, *, at: datetime) -> int:
    """Deal the rest in roster order, marked `auto`, and reveal the seed (R50, G6).

    Without `auto_assign` nobody of the roster is dealt: whoever did not draw has no
    number until `deal_missed`. Idempotent: returns how many were dealt, 0 when it was
    closed before. From then on nobody draws by hand. Raises `WindowClosed` while the
    candidates may still draw, `DrawNotCommitted` before the freeze.
    """
    closes = Schedule.of(session).draw_closes
    if at < closes:
        raise WindowClosed(opens=closes)
    with transaction.atomic():
        draw = _locked(Draw.objects).filter(session=session).first()
        if draw is None:
            raise DrawNotCommitted
        if draw.closed_at:
            return 0
        rest = _deal_rest(draw, at=at) if session.auto_assign else 0
        _deal_latecomers(draw, at=at)
        draw.closed_at = at
        draw.save(update_fields=["closed_at"])
        publish(f"session:{session.code}", "draw.closed", {"auto": rest}, at=at)
        record(
            "draw.closed",
            by=Actor.job("draw"),
            at=at,
            subject=f"session:{session.code}",
            facts={"auto": rest, "seed": draw.seed},
            chain=session.code,
        )
    return rest


def sweep_draws(*, at: datetime) -> int:
    """Close every draw whose time has come; return how many were closed."""
    closed = 0
    for draw in Draw.objects.filter(closed_at=None).select_related("session"):
        if at >= Schedule.of(draw.session).draw_closes:
            close_draw(draw.session, at=at)
            closed += 1
    return closed


def deal_missed(attempt: Attempt, *, by: Actor, at: datetime) -> DrawnNumber:
    """Give a number to one who missed a draw that deals nothing by itself (G6).

    By the rule of the draw, at the next position, marked `helped`. Idempotent. Raises
    `DrawNotCommitted`, and `NotMissed` before the closing, in a session that deals by
    itself, off the roster, or when the person cannot enter any more.
    """
    with transaction.atomic():
        attempt, draw, dealt = _locked_for(attempt)
        if dealt:
            return dealt
        if draw is None:
            raise DrawNotCommitted
        missed = draw.closed_at and not attempt.session.auto_assign
        waits = attempt.state in AttemptState.BEFORE_ENTRY
        if not (missed and waits and attempt.code in draw.roster):
            raise NotMissed
        nonce = drawing.auto_nonce(draw.commitment, attempt.code)
        left = _numbers_left(draw)
        row = _deal_next(draw, left, attempt, nonce=nonce, origin="helped", at=at)
        row.save(force_insert=True)
        _tell_number(row, by=by, at=at)
    return row


def add_late(attempt: Attempt, *, by: Actor, at: datetime) -> DrawnNumber:
    """Give an attempt made after the freeze the next number behind the roster.

    N+1, N+2, … in order of arrival; the transcript lists them apart. Idempotent.
    Raises `DrawNotCommitted`, and `NotInDraw` for an attempt of the frozen roster.
    """
    with transaction.atomic():
        attempt, draw, dealt = _locked_for(attempt)
        if dealt:
            return dealt
        if draw is None:
            raise DrawNotCommitted
        if attempt.code in draw.roster:
            raise NotInDraw
        row = _late_row(draw, attempt, at=at)
        row.save(force_insert=True)
        _tell_number(row, by=by, at=at)
    return row


def _locked_for(attempt: Attempt) -> tuple[Attempt, Draw | None, DrawnNumber | None]:
    """Return the attempt, then its draw, both locked, and the number it has."""
    row = _locked(Attempt.objects.select_related("session")).get(pk=attempt.pk)
    draw = _locked(Draw.objects).filter(session=row.session).first()
    return row, draw, DrawnNumber.objects.filter(attempt=row).first()


def _locked(rows: QuerySet) -> QuerySet:
    if faults.sabotaged("draw_lock"):
        return rows.all()
    # Not the key: closing inserts rows that point at attempts while it holds the draw,
    # and must not wait for a press that holds its attempt and waits for the draw.
    return rows.select_for_update(of=("self",), no_key=True)


def _draw_of(session: Session) -> Draw:
    draw = Draw.objects.filter(session=session).first()
    if draw is None:
        raise DrawNotCommitted
    return draw


def _require_turn(attempt: Attempt, draw: Draw | None, *, at: datetime) -> None:
    if draw is None:
        raise DrawNotCommitted
    window = Schedule.of(attempt.session, attempt).draw
    if draw.closed_at or not window.contains(at):
        raise WindowClosed(opens=window.opens, closes=draw.closed_at or window.closes)
    if attempt.state != AttemptState.CHECKED_IN or attempt.code not in draw.roster:
        raise NotInDraw


def _numbers_left(draw: Draw) -> list[int]:
    taken = set(draw.numbers.values_list("number", flat=True))
    return drawing.numbers_left(len(draw.roster), taken)


def _deal_next(
    draw: Draw,
    left: list[int],
    attempt: Attempt,
    *,
    nonce: str,
    origin: str,
    at: datetime,
) -> DrawnNumber:
    """Return the unsaved row of the next position; takes its number out of `left`."""
    position = len(draw.roster) - len(left) + 1
    number = drawing.deal(
        bytes.fromhex(draw.seed),
        left,
        position=position,
        attempt=attempt.code,
        nonce=nonce,
    )
    row = DrawnNumber(
        draw=draw,
        attempt=attempt,
        number=number,
        position=position,
        nonce=nonce,
        origin=origin,
        drawn_at=at,
    )
    row.receipt = _receipt_of(row)
    return row


def _deal_rest(draw: Draw, *, at: datetime) -> int:
    left, roster = _numbers_left(draw), set(draw.roster)
    # Withdrawn since the freeze or not: the roster is dealt as it was committed.
    waiting = draw.session.attempts.filter(drawn_number=None)
    rows = [
        _deal_next(
            draw,
            left,
            attempt,
            nonce=drawing.auto_nonce(draw.commitment, attempt.code),
            origin="auto",
            at=at,
        )
        for attempt in sorted(waiting, key=lambda attempt: attempt.code)
        if attempt.code in roster
    ]
    DrawnNumber.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _deal_latecomers(draw: Draw, *, at: datetime) -> None:
    """Number those whom nobody has added since the freeze."""
    forgotten = draw.session.attempts.filter(drawn_number=None)
    expected = forgotten.exclude(state=AttemptState.WITHDRAWN)
    roster = set(draw.roster)
    late = [attempt for attempt in expected if attempt.code not in roster]
    for attempt in sorted(late, key=lambda attempt: attempt.code):
        _late_row(draw, attempt, at=at).save(force_insert=True)


def _late_row(draw: Draw, attempt: Attempt, *, at: datetime) -> DrawnNumber:
    size = len(draw.roster)
    number = size + draw.numbers.filter(number__gt=size).count() + 1
    row = DrawnNumber(
        draw=draw,
        attempt=attempt,
        number=number,
        position=number,
        nonce=drawing.auto_nonce(draw.commitment, attempt.code),
        origin="late",
        drawn_at=at,
    )
    row.receipt = _receipt_of(row)
    return row


def _receipt_of(row: DrawnNumber) -> dict[str, str]:
    return seals.seal(
        {
            "kind": drawing.PROTOCOL,
            "session": row.draw.session.code,
            "commitment": row.draw.commitment,
            "attempt": row.attempt.code,
            "position": row.position,
            "number": row.number,
            "nonce": row.nonce,
            "origin": row.origin,
            "drawn_ms": clock.milliseconds(row.drawn_at),
        }
    )


def _tell_number(row: DrawnNumber, *, by: Actor, at: datetime) -> None:
    code = row.attempt.code
    publish(f"attempt:{code}", "draw.number_drawn", {"number": row.number}, at=at)
    record(
        "draw.number_drawn",
        by=by,
        at=at,
        subject=f"attempt:{code}",
        facts={
            "number": row.number,
            "position": row.position,
            "nonce": row.nonce,
            "origin": row.origin,
        },
        chain=row.draw.session.code,
    )
