"""Rooms as administrators see them: who sits where, what a split would do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from exams.domain.splitting import Space, shares_of
from exams.enums import AttemptState, Role
from exams.models import Assignment, Attempt, Room, RoomMove, RoomSplit, Session

EXAMINERS = (Role.EXAMINER, Role.CHIEF_EXAMINER)
# Their seat is free for others, but a split of everybody may still place them.
GONE = (AttemptState.WITHDRAWN,)


@dataclass(frozen=True)
class RoomLine:
    """One room with its people; `after` is `None` where nothing is previewed."""

    room: Room
    people: int
    after: int | None
    proctors: tuple[str, ...] = ()
    chief: tuple[str, ...] = ()
    examiners: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.people > self.room.capacity


@dataclass(frozen=True)
class Preview:
    """What a split would do: per room, and whether everybody fits."""

    lines: list[RoomLine]
    people: int
    free: int

    @property
    def fits(self) -> bool:
        return self.people <= self.free


def splittable(session: Session, *, everybody: bool) -> QuerySet[Attempt]:
    """Return the attempts that a split places; those without a room, or all."""
    rows = session.attempts.exclude(state__in=GONE)
    return rows if everybody else rows.filter(room=None)


def counts_of(session: Session) -> dict[str, int]:
    """Return `{room key: people}` of the session's rooms, withdrawn ones left out."""
    rows = (
        session.attempts.exclude(state__in=GONE)
        .filter(room__isnull=False)
        .values("room")
        .annotate(people=Count("pk"))
    )
    return {str(row["room"]): row["people"] for row in rows}


def spaces_of(session: Session, *, everybody: bool) -> list[Space]:
    """Return the rooms in their order with the places that a split may fill."""
    taken = {} if everybody else counts_of(session)
    return [
        Space(str(room.pk), max(0, room.capacity - taken.get(str(room.pk), 0)))
        for room in session.rooms.order_by("name", "pk")
    ]


def proctors_of(session: Session) -> QuerySet[Assignment]:
    """Return the proctors' roles in the session or one of its rooms."""
    return (
        Assignment.objects.filter(role=Role.PROCTOR)
        .filter(Q(session=session) | Q(room__session=session))
        .select_related("staff", "room")
        .order_by("pk")
    )


def room_lines(session: Session) -> list[RoomLine]:
    """Return every room with how many sit there and who works there."""
    counts, staff = counts_of(session), _staff_of(session)
    return [
        RoomLine(
            room=room,
            people=counts.get(str(room.pk), 0),
            after=None,
            proctors=tuple(staff.get((room.pk, Role.PROCTOR), ())),
            chief=tuple(staff.get((room.pk, Role.CHIEF_EXAMINER), ())),
            examiners=tuple(staff.get((room.pk, Role.EXAMINER), ())),
        )
        for room in session.rooms.order_by("name", "pk")
    ]


def preview_candidates(session: Session, *, everybody: bool) -> Preview:
    """Return each room's count before and after a split of the candidates."""
    counts = counts_of(session)
    spaces = spaces_of(session, everybody=everybody)
    people = splittable(session, everybody=everybody).count()
    free = sum(space.capacity for space in spaces)
    shares = shares_of(spaces, people) if people <= free else {}
    base = {} if everybody else counts
    lines = [
        RoomLine(
            room=room,
            people=counts.get(str(room.pk), 0),
            after=base.get(str(room.pk), 0) + shares[str(room.pk)] if shares else None,
        )
        for room in session.rooms.order_by("name", "pk")
    ]
    return Preview(lines, people, free)


def preview_proctors(session: Session) -> Preview:
    """Return each room's proctors before and after a split of them."""
    rows = list(proctors_of(session))
    people = len({row.staff_id for row in rows})
    rooms = list(session.rooms.order_by("name", "pk"))
    number = max(people, len(rooms)) if people else 0
    lines = [
        RoomLine(
            room=room,
            people=sum(row.room_id == room.pk for row in rows),
            after=number // len(rooms) + (place < number % len(rooms)),
        )
        for place, room in enumerate(rooms)
    ]
    return Preview(lines, people, people)


def moves_waiting(session: Session, *, at: datetime) -> QuerySet[RoomMove]:
    """Return the moves that wait for their second person, oldest first."""
    return (
        RoomMove.objects.filter(
            attempt__session=session, moved_at=None, approval__expires_at__gt=at
        )
        .select_related("attempt", "from_room", "to_room", "asked_by", "approval")
        .order_by("asked_at")
    )


def waiting_move(attempt: Attempt, *, at: datetime) -> RoomMove | None:
    """Return the attempt's move that waits for its second person, if any."""
    return moves_waiting(attempt.session, at=at).filter(attempt=attempt).first()


def moves_of(attempt: Attempt) -> QuerySet[RoomMove]:
    """Return every move of the attempt that was done, newest first."""
    return (
        attempt.room_moves.filter(moved_at__isnull=False)
        .select_related("from_room", "to_room", "asked_by")
        .order_by("-moved_at", "-pk")
    )


def splits_of(session: Session) -> QuerySet[RoomSplit]:
    """Return the session's splits, newest first, without their lists."""
    return (
        session.room_splits.defer("people", "rooms")
        .select_related("made_by")
        .order_by("-at", "-pk")
    )


def _staff_of(session: Session) -> dict[tuple[int, str], list[str]]:
    rows = (
        Assignment.objects.filter(room__session=session)
        .select_related("staff")
        .order_by("staff__username")
    )
    found: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        found.setdefault((row.room_id, row.role), []).append(str(row.staff))
    return found
