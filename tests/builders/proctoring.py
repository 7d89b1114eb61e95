"""A room with candidates and its proctor."""

from django.test import Client

from exams.models import Attempt, Room, Session, Staff
from tests.builders.exams import (
    make_assignment,
    make_attempt,
    make_room,
    make_session,
    make_staff,
)
from tests.builders.sockets import handshake


def make_sitting(
    *, seats: int = 3, state: str = "entered", **columns: object
) -> tuple[Room, list[Attempt]]:
    """A published session's room in which everybody sits."""
    room = make_room(make_session(state="published", **columns))
    return room, [
        make_attempt(room.session, room=room, state=state) for _ in range(seats)
    ]


def make_proctor(*, role: str = "proctor", **scope: Room | Session) -> Staff:
    return make_assignment(make_staff(), role=role, **scope).staff


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def headers_of(client: Client | None, **origin: str) -> list:
    """The handshake of a socket with the browser's cookies."""
    cookies = client.cookies if client else {}
    return handshake(**{name: one.value for name, one in cookies.items()}, **origin)
