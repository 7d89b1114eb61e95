"""Who should score what: panels, exclusions, and attempts that nobody may score.

Of the whole session at once, where `queries.examiner` asks for one attempt.
"""

from dataclasses import dataclass

from django.db.models import Q

from exams.enums import AttemptState
from exams.models import Assignment, Attempt, Exclusion, Room, Session
from exams.queries.examiner import EXAMINERS

NEVER_SCORED = (AttemptState.ABSENT, AttemptState.WITHDRAWN)


@dataclass(frozen=True)
class Panels:
    """The active examiners of a session: of all rooms, and of each room besides."""

    everywhere: frozenset[int]
    in_rooms: dict[int, frozenset[int]]
    excluded: dict[int, frozenset[int]]

    def of(self, attempt: Attempt) -> frozenset[int]:
        """Return who must score this attempt, by key, as `panel_of` would."""
        there = self.in_rooms.get(attempt.room_id, frozenset())
        barred = self.excluded.get(attempt.pk, frozenset())
        return (self.everywhere | there) - barred


@dataclass(frozen=True)
class PanelLine:
    """One room's seats; `empty` says that nobody would score its attempts."""

    room: Room
    seats: list[Assignment]
    people: int
    empty: bool


def panels_of(session: Session) -> Panels:
    """Return the panels of a session in two queries, whatever its size."""
    rows = Assignment.objects.filter(
        Q(session=session)
        | Q(room__session=session)
        | Q(project_id=session.project_id),
        role__in=EXAMINERS,
        staff__is_active=True,
    ).values_list("staff", "room")
    in_rooms: dict[int, set[int]] = {}
    everywhere = set()
    for staff, room in rows:
        (in_rooms.setdefault(room, set()) if room else everywhere).add(staff)
    excluded: dict[int, set[int]] = {}
    barred = Exclusion.objects.filter(attempt__session=session)
    for attempt, staff in barred.values_list("attempt", "staff"):
        excluded.setdefault(attempt, set()).add(staff)
    return Panels(
        everywhere=frozenset(everywhere),
        in_rooms={room: frozenset(found) for room, found in in_rooms.items()},
        excluded={attempt: frozenset(found) for attempt, found in excluded.items()},
    )


def panel_lines(session: Session) -> list[PanelLine]:
    """Return every room with its seats, the chief first."""
    panels = panels_of(session)
    seats: dict[int, list[Assignment]] = {}
    rows = (
        Assignment.objects.filter(room__session=session, role__in=EXAMINERS)
        .select_related("staff")
        .order_by("role", "staff__username")
    )
    for row in rows:
        seats.setdefault(row.room_id, []).append(row)
    people: dict[int | None, int] = {}
    for room in _to_score(session).values_list("room", flat=True):
        people[room] = people.get(room, 0) + 1
    return [
        PanelLine(
            room=room,
            seats=seats.get(room.pk, []),
            people=people.get(room.pk, 0),
            empty=not (panels.everywhere | panels.in_rooms.get(room.pk, frozenset())),
        )
        for room in session.rooms.order_by("name", "pk")
    ]


def wider_seats(session: Session) -> list[Assignment]:
    """Return the examiners of the whole session or project, who score every room."""
    return list(
        Assignment.objects.filter(
            Q(session=session) | Q(project_id=session.project_id), role__in=EXAMINERS
        )
        .select_related("staff")
        .order_by("role", "staff__username")
    )


def unscorable(session: Session) -> int:
    """Return how many attempts nobody may score: no panel, or all of it excluded."""
    panels = panels_of(session)
    # With the session, or the manager would fetch it for every row.
    rows = _to_score(session).only("session", "room")
    return sum(not panels.of(attempt) for attempt in rows.iterator(2000))


def _to_score(session: Session):
    return session.attempts.exclude(state__in=NEVER_SCORED)
