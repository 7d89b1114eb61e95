"""Which rooms a proctor watches over, and whom in them.

A place is a room of a session, or those of a session who sit in no room. Its key is
made of the session's code and the room's name: no integer leaves the database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from exams.access import assignments_of, sessions_for
from exams.domain.schedule import Schedule
from exams.enums import Role, SessionKind, SessionState
from exams.models import Attempt, Room, Session, Staff
from proctoring.events import place_topic

ROLES = (Role.PROCTOR, Role.ADMINISTRATOR)
BEFORE, AFTER = timedelta(hours=1), timedelta(hours=2)  # of login and end


@dataclass(frozen=True)
class Place:
    """One frame per second is one of these."""

    session: int
    room: int | None
    code: str
    name: str
    title: str
    project: str
    time_zone: str
    starts: datetime
    ends: datetime

    @property
    def key(self) -> str:
        return f"{self.code}/{self.name}"

    @property
    def topic(self) -> str:
        return place_topic(session=self.session, room=self.room)


def places_of(staff: Staff, *, at: datetime) -> list[Place]:
    """Return the places on now that this person proctors, by start and name.

    On now: from an hour before sign-in opens to two hours after the end. A role in a
    room is for that room; one in a session or project for all of its rooms.
    """
    whole = {session.pk: session for session in _sessions_on(_whole(staff), at=at)}
    rooms = (
        Room.objects.filter(
            Q(session__in=whole)
            | Q(pk__in=assignments_of(staff, Role.PROCTOR).values("room"))
        )
        .select_related("session__project")
        .order_by("session__starts_at", "name")
    )
    found = [
        _place(room.session, room)
        for room in rooms
        if room.session_id in whole or _is_on(room.session, at=at)
    ]
    lonely = Attempt.objects.filter(session__in=whole, room=None)
    without = set(lonely.values_list("session", flat=True).distinct())
    found += [_place(whole[pk], None) for pk in sorted(without)]
    return sorted(found, key=lambda place: (place.starts, place.title, place.name))


def attempt_for(staff: Staff, code: str) -> Attempt | None:
    """Return the attempt if this person proctors its room, at whatever hour."""
    attempt = (
        Attempt.objects.filter(code=code)
        .exclude(session__kind=SessionKind.MOCK)
        .select_related("session__project", "room")
        .first()
    )
    if attempt is None:
        return None
    room = assignments_of(staff, Role.PROCTOR).filter(
        room__isnull=False, room=attempt.room_id
    )
    if _whole(staff).filter(pk=attempt.session_id).exists() or room.exists():
        return attempt
    return None


def attempts_in(places: list[Place]) -> QuerySet[Attempt]:
    """Return everybody who sits in these places."""
    rooms = [place.room for place in places if place.room]
    roomless = [place.session for place in places if not place.room]
    return Attempt.objects.filter(
        Q(room__in=rooms) | Q(room=None, session__in=roomless)
    )


def _whole(staff: Staff) -> QuerySet[Session]:
    """Sessions in which the person may see every room."""
    held = assignments_of(staff, Role.PROCTOR)
    of_role = Q(pk__in=held.values("session")) | Q(project__in=held.values("project"))
    administered = sessions_for(staff, Role.ADMINISTRATOR).values("pk")
    return Session.objects.filter(of_role | Q(pk__in=administered))


def _sessions_on(sessions: QuerySet[Session], *, at: datetime) -> list[Session]:
    rows = sessions.select_related("project").exclude(state__in=SessionState.UNSEEN)
    near = rows.filter(
        starts_at__gt=at - timedelta(days=2), starts_at__lt=at + timedelta(days=2)
    )
    return [session for session in near if _is_on(session, at=at)]


def _is_on(session: Session, *, at: datetime) -> bool:
    schedule = Schedule.of(session)
    return (
        session.kind != SessionKind.MOCK
        and session.state not in SessionState.UNSEEN
        and schedule.login_opens - BEFORE <= at < schedule.ends + AFTER
    )


def _place(session: Session, room: Room | None) -> Place:
    schedule = Schedule.of(session)
    return Place(
        session=session.pk,
        room=room and room.pk,
        code=session.code,
        name=room.name if room else "",
        title=session.title,
        project=session.project.title,
        time_zone=session.time_zone,
        starts=schedule.starts,
        ends=schedule.ends,
    )
