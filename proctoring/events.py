"""The events of the proctors' floor: who hears of what, and what each one carries.

An alarm does not wait for the grid's tick. Its event says whose tile to read again;
what the tile shows is read from the rows.
"""

from typing import TypedDict

from exams.models import Attempt


class IncidentOpened(TypedDict):
    """`incident.opened` on `attempt:<code>:staff`."""

    incident: str


CaseMoved = TypedDict("CaseMoved", {"case": str, "from": str, "to": str})
CaseMoved.__doc__ = "`case.moved` on `attempt:<code>:staff`."


class RoomAlarmed(TypedDict):
    """`room.alarmed` on `room:<…>`: look at this attempt now, and why."""

    attempt: str
    reason: str


TYPES: dict[str, tuple[type, ...]] = {
    "incident.opened": (IncidentOpened,),
    "case.moved": (CaseMoved,),
    "room.alarmed": (RoomAlarmed,),
}


def staff_topic(code: str) -> str:
    """The staff of an attempt listens here; its candidate does not."""
    return f"attempt:{code}:staff"


def room_topic(attempt: Attempt) -> str:
    """The proctors of the attempt's room listen here; topics reach no page."""
    return place_topic(session=attempt.session_id, room=attempt.room_id)


def place_topic(*, session: int, room: int | None) -> str:
    """The same for a room's key, or for those of a session who have no room."""
    return f"room:{room}" if room else f"room:none:{session}"
