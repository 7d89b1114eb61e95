"""The grid's socket: tiles of the rooms that the asking proctor watches over.

It tells; `heartbeat` is all that may be said.
"""

import json
from collections import Counter
from typing import ClassVar, NamedTuple

from django.conf import settings

from candidates.inbound import MAX_TEXT
from exams.kernel import clock
from exams.sockets import BAD_MESSAGE, TOO_SLOW, GuardedSocket
from proctoring.feed import FEED, Frame, Listener
from proctoring.queries.places import Place, places_of
from proctoring.watchers import proctor_signed_in


class Watch(NamedTuple):
    """A proctor, and the places to watch over now."""

    who: str
    places: list[Place]


class GridConsumer(GuardedSocket):
    """One grid page of one proctor."""

    seats: ClassVar[Counter[str]] = Counter()
    most = 4

    def right(self) -> Watch | None:
        staff = proctor_signed_in(self.jar.get(settings.SESSION_COOKIE_NAME, ""))
        if staff is None:
            return None
        return Watch(f"staff:{staff.pk}", places_of(staff, at=clock.now()))

    async def begin(self) -> None:
        self.listener = Listener()
        await FEED.join(self.listener, self.held.places)
        self.start(self._forward())

    async def renewed(self) -> None:
        # A room given or taken meanwhile comes or goes without a new page.
        await FEED.join(self.listener, self.held.places)

    async def hear(self, text: str | None) -> None:
        if not is_heartbeat(text):
            await self.close(BAD_MESSAGE)

    async def leave(self) -> None:
        await FEED.leave(self.listener)

    async def _forward(self) -> None:
        while frame := await self.listener.take():
            await self.say(_told(frame))
        await self.close(TOO_SLOW)


def is_heartbeat(text: str | None) -> bool:
    """Return whether this is the one message that a grid page may send."""
    if text is None or len(text) > MAX_TEXT:
        return False
    try:
        message = json.loads(text)
    except ValueError:
        return False
    return message == dict(kind="heartbeat")  # noqa: C408 - no frame of ours


def _told(frame: Frame) -> dict:
    if frame.alarm:
        return {"kind": "alarm", "room": frame.room, "tiles": frame.tiles}
    return {
        "kind": "tiles",
        "room": frame.room,
        "whole": frame.whole,
        "tiles": frame.tiles,
    }
