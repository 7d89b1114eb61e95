"""Who sits in which room: random splits, and single moves with a reason.

Owns `RoomSplit` and `RoomMove`, writes `Attempt.room`, and the rooms of proctors
through `staff`. Until the freeze one administrator decides; afterwards a split is
refused, and a move needs a second person (design §4). Never touches an attempt's
state or the draw.
"""

import hashlib
import secrets
from collections import Counter
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain import approvals
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.domain.mock_windows import require_formal
from exams.domain.projects import require_unfrozen
from exams.domain.splitting import VERSION, Space, deal_people, deal_watchers
from exams.domain.staff import assign, unassign
from exams.enums import ApprovalAction, AttemptState, Role, SplitKind
from exams.kernel import canonical
from exams.kernel.errors import Conflict, NotFound, Refusal
from exams.models import Attempt, Room, RoomMove, RoomSplit, Session, Staff
from exams.queries.rooms import (
    counts_of,
    proctors_of,
    spaces_of,
    splittable,
)

SEED_BYTES = 16
BATCH = 5000
MOVABLE = (*AttemptState.BEFORE_ENTRY, AttemptState.ENTERED)


class NoRooms(Refusal):
    """There is nothing to split over."""

    code = "no_rooms"
    message = _("This session has no rooms yet. Add them on its page first.")


class NobodyToSplit(Refusal):
    """There is nobody whom the split would place."""

    code = "nobody_to_split"
    message = _("There is nobody to split over the rooms.")


class RoomsTooSmall(Refusal):
    """The rooms together have fewer free places than people."""

    code = "rooms_too_small"
    message = _(
        "%(people)s people do not fit: the rooms have %(free)s places for them. Add a "
        "room or raise a capacity."
    )


class RoomFull(Refusal):
    """The room has no place left."""

    code = "room_full"
    message = _("“%(room)s” is full: %(people)s of %(capacity)s places are taken.")


class SameRoom(Refusal):
    """The attempt sits there already."""

    code = "same_room"
    message = _("This person sits in “%(room)s” already.")


class RoomSettled(Refusal):
    """The exam of this person is over or will not be taken: the room stays."""

    code = "room_settled"
    message = _("The room of this attempt can no longer be changed.")


class MoveWaiting(Refusal):
    """Another move of the same attempt waits for its second person."""

    code = "move_waiting"
    message = _("A move of this attempt already waits for a second person.")


def split_candidates(
    session: Session,
    *,
    reason: str,
    by: Staff,
    at: datetime,
    everybody: bool = True,
    seed: str | None = None,
) -> RoomSplit:
    """Deal the session's attempts to its rooms; recorded with its seed.

    `everybody` deals all anew, otherwise only those without a room, to the places that
    are free. Raises `Frozen`, `NotForMocks`, `ReasonMissing`, `NoRooms`,
    `NobodyToSplit` or `RoomsTooSmall`, and changes nothing then.
    """
    require_formal(session)
    with transaction.atomic():
        session = require_unfrozen(session)
        before = counts_of(session)
        spaces = spaces_of(session, everybody=everybody)
        rows = splittable(session, everybody=everybody)
        codes = dict(rows.order_by("code").values_list("code", "pk"))
        _require_splittable(spaces, codes)
        free = sum(space.capacity for space in spaces)
        if len(codes) > free:
            raise RoomsTooSmall(people=len(codes), free=free)
        seed = seed or secrets.token_hex(SEED_BYTES)
        dealt = deal_people(list(codes), spaces, seed=seed)
        _place({codes[code]: int(key) for code, key in dealt.items()})
        return _record_split(
            session,
            SplitKind.CANDIDATES,
            people=list(codes),
            spaces=spaces,
            before=before,
            seed=seed,
            reason=reason,
            by=by,
            at=at,
            after=counts_of(session),
        )


def split_proctors(
    session: Session, *, reason: str, by: Staff, at: datetime, seed: str | None = None
) -> RoomSplit:
    """Deal the proctors of the session and of its rooms to the rooms, evenly.

    Nobody is left without a room and no room without a proctor. Roles of the whole
    project are not touched. Raises `Frozen`, `ReasonMissing`, `NoRooms` or
    `NobodyToSplit`.
    """
    with transaction.atomic():
        session = require_unfrozen(session)
        held = list(proctors_of(session))
        people = {str(row.staff_id): row.staff for row in held}
        spaces = spaces_of(session, everybody=True)
        _require_splittable(spaces, people)
        seed = seed or secrets.token_hex(SEED_BYTES)
        rooms = {str(room.pk): room for room in session.rooms.all()}
        codes = sorted(people)
        keys = [space.key for space in spaces]
        pairs = set(deal_watchers(codes, keys, seed=seed))
        actor = Actor.of_staff(by)
        kept = set()
        for row in held:
            pair = (str(row.staff_id), str(row.room_id))
            if pair in pairs:
                kept.add(pair)
            else:
                unassign(row, by=actor, at=at)
        for person, key in sorted(pairs - kept):
            assign(people[person], role=Role.PROCTOR, room=rooms[key], by=actor, at=at)
        return _record_split(
            session,
            SplitKind.PROCTORS,
            people=codes,
            spaces=spaces,
            before=_proctors_per_room(held),
            seed=seed,
            reason=reason,
            by=by,
            at=at,
            after=_proctors_per_room(proctors_of(session)),
        )


def dealt_again(split: RoomSplit) -> dict[str, list[str]]:
    """Return `{person: [room key]}` of a recorded split, computed from its record."""
    spaces = [Space(key, capacity) for key, capacity in split.rooms]
    if split.kind == SplitKind.CANDIDATES:
        dealt = deal_people(split.people, spaces, seed=split.seed)
        return {code: [key] for code, key in dealt.items()}
    found: dict[str, list[str]] = {}
    keys = [space.key for space in spaces]
    for person, key in deal_watchers(split.people, keys, seed=split.seed):
        found.setdefault(person, []).append(key)
    return found


def move_attempt(
    attempt: Attempt, *, to: Room, reason: str, by: Staff, at: datetime
) -> RoomMove:
    """Move one attempt to another room of its session, before the freeze.

    Raises `Frozen` (then `ask_to_move` is the way), `ReasonMissing`, `NotFound` for a
    room of another session, `SameRoom`, `RoomFull` or `RoomSettled`.
    """
    with transaction.atomic():
        session = require_unfrozen(attempt.session)
        locked = _require_movable(attempt, to, reason=reason, session=session)
        move = _new_move(locked, to, reason=reason, by=by, at=at, moved_at=at)
        _carry_out(move, by=by, at=at)
    return move


def ask_to_move(
    attempt: Attempt, *, to: Room, reason: str, by: Staff, at: datetime
) -> RoomMove:
    """Ask for a move after the freeze; a second administrator decides (design §4).

    Raises what `move_attempt` does besides `Frozen`, and `MoveWaiting`.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=attempt.session_id)
        locked = _require_movable(attempt, to, reason=reason, session=session)
        waiting = locked.room_moves.filter(
            moved_at=None, approval__expires_at__gt=at
        ).exists()
        if waiting:
            raise MoveWaiting
        approval = approvals.request_approval(
            ApprovalAction.MOVE,
            session=session,
            subject=f"attempt:{attempt.code}",
            payload=_payload(locked, to),
            reason=reason,
            by=by,
            at=at,
        )
        move = _new_move(locked, to, reason=reason, by=by, at=at, approval=approval)
        _tell("room.move_asked", move, by=by, at=at)
    return move


def approve_move(move: RoomMove, *, by: Staff, at: datetime) -> RoomMove:
    """Be the second person of a move after the freeze, and carry it out.

    Raises `SamePerson`, `ApprovalExpired`, `NotAllowed`, `Conflict` when it is done
    already, `PayloadChanged` when the attempt sits elsewhere by now, and what
    `move_attempt` raises.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=move.attempt.session_id)
        stored = RoomMove.objects.select_related("approval").get(pk=move.pk)
        if stored.moved_at or stored.approval is None:
            raise Conflict
        attempt = Attempt.objects.select_for_update().get(pk=stored.attempt_id)
        payload = _payload(attempt, stored.to_room)
        approvals.approve(stored.approval, payload=payload, by=by, at=at)
        _require_movable(attempt, stored.to_room, reason=stored.reason, session=session)
        RoomMove.objects.filter(pk=stored.pk, moved_at=None).update(moved_at=at)
        stored.refresh_from_db()
        _carry_out(stored, by=by, at=at)
    return stored


def _require_splittable(spaces: list[Space], people: dict) -> None:
    if not spaces:
        raise NoRooms
    if not people:
        raise NobodyToSplit


def _place(placed: dict[int, int]) -> None:
    by_room: dict[int, list[int]] = {}
    for attempt, room in placed.items():
        by_room.setdefault(room, []).append(attempt)
    for room, attempts in by_room.items():
        for first in range(0, len(attempts), BATCH):
            batch = attempts[first : first + BATCH]
            Attempt.objects.filter(pk__in=batch).update(room=room)


def _record_split(
    session: Session,
    kind: str,
    *,
    people: list[str],
    spaces: list[Space],
    before: dict[str, int],
    after: dict[str, int],
    seed: str,
    reason: str,
    by: Staff,
    at: datetime,
) -> RoomSplit:
    if not reason.strip():
        raise ReasonMissing
    split = RoomSplit.objects.create(
        session=session,
        kind=kind,
        seed=seed,
        version=VERSION,
        people=people,
        rooms=[[space.key, space.capacity] for space in spaces],
        before=before,
        after=after,
        reason=reason.strip(),
        made_by=by,
        at=at,
    )
    record(
        "room.split",
        by=Actor.of_staff(by),
        at=at,
        subject=f"session:{session.code}",
        facts={
            "kind": str(kind),
            "seed": seed,
            "people": len(people),
            "list": hashlib.sha256(canonical.encode(people)).hexdigest(),
            "after": after,
            "reason": reason.strip(),
        },
        chain=session.code,
    )
    return split


def _proctors_per_room(rows) -> dict[str, int]:
    return dict(Counter(str(row.room_id) for row in rows if row.room_id))


def _require_movable(
    attempt: Attempt, to: Room, *, reason: str, session: Session
) -> Attempt:
    """Return the attempt's row, locked; raises whatever speaks against the move."""
    require_formal(session)
    if not reason.strip():
        raise ReasonMissing
    if to.session_id != session.pk:
        raise NotFound
    locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.state not in MOVABLE:
        raise RoomSettled
    if locked.room_id == to.pk:
        raise SameRoom(room=to.name)
    require_place(to)
    return locked


def require_place(room: Room) -> None:
    """Raise `RoomFull` unless one more fits in.

    The caller has locked the session, so that nobody else takes the last place.
    """
    people = counts_of(room.session).get(str(room.pk), 0)
    if people >= room.capacity:
        raise RoomFull(room=room.name, people=people, capacity=room.capacity)


def _payload(attempt: Attempt, to: Room) -> dict:
    return {"attempt": attempt.code, "from": attempt.room_id, "to": to.pk}


def _new_move(
    attempt: Attempt, to: Room, *, reason: str, by: Staff, at: datetime, **columns
) -> RoomMove:
    return RoomMove.objects.create(
        attempt=attempt,
        from_room=attempt.room,
        to_room=to,
        reason=reason.strip(),
        asked_by=by,
        asked_at=at,
        **columns,
    )


def _carry_out(move: RoomMove, *, by: Staff, at: datetime) -> None:
    Attempt.objects.filter(pk=move.attempt_id).update(room=move.to_room)
    _tell("room.moved", move, by=by, at=at)


def _tell(action: str, move: RoomMove, *, by: Staff, at: datetime) -> None:
    session = move.attempt.session
    record(
        action,
        by=Actor.of_staff(by),
        at=at,
        subject=f"attempt:{move.attempt.code}",
        facts={
            "from": move.from_room_id,
            "to": move.to_room_id,
            "reason": move.reason,
        },
        chain=session.code,
    )
