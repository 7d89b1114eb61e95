"""The grid's socket: tiles of the rooms that the asking proctor watches over.

It tells; `heartbeat` is all that may be said. Closes with 4401 when the right is lost,
4400 for another message, 4408 for a reader too slow, 4429 for one too many.
"""

import asyncio
import json
from collections import Counter
from typing import ClassVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from candidates.access import is_own_origin
from candidates.inbound import MAX_TEXT, Meter
from exams.kernel import clock
from exams.models import Staff
from proctoring.feed import FEED, Frame, Listener
from proctoring.queries.places import Place, places_of
from proctoring.watchers import proctor_signed_in

BAD_MESSAGE, RIGHT_LOST, TOO_MANY, TOO_SLOW = 4400, 4401, 4429, 4408
RIGHT_CHECK_SECONDS = 2.0
SEND_SECONDS = 10.0
MAX_SOCKETS = 4


class GridConsumer(AsyncWebsocketConsumer):
    """One grid page of one proctor."""

    sockets: ClassVar[Counter[int]] = Counter()
    staff_pk: int | None = None
    listener: Listener | None = None
    tasks: tuple[asyncio.Task, ...] = ()

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        cookies = self.scope.get("cookies", {})
        self.session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        self.meter = Meter()
        staff, places = await self._right()
        own = is_own_origin(origin, headers.get(b"host", b"").decode("latin-1"))
        if staff is None or not own:
            await self.close()
            return
        await self.accept()
        if self.sockets[staff.pk] >= MAX_SOCKETS:
            await self.close(TOO_MANY)
            return
        self.staff_pk = staff.pk
        self.sockets[staff.pk] += 1
        self.listener = Listener()
        await FEED.join(self.listener, places)
        self.tasks = (
            asyncio.create_task(self._forward()),
            asyncio.create_task(self._watch_right()),
        )

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        if self.meter.is_over(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        elif not is_heartbeat(text_data):
            await self.close(BAD_MESSAGE)

    async def disconnect(self, code: int) -> None:
        if self.staff_pk is not None:
            self.sockets.subtract({self.staff_pk: 1})
            if not self.sockets[self.staff_pk]:
                del self.sockets[self.staff_pk]
        for task in self.tasks:
            task.cancel()
        if self.listener:
            await FEED.leave(self.listener)

    async def _forward(self) -> None:
        while frame := await self.listener.take():
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self.send(json.dumps(_told(frame), ensure_ascii=False))
            except TimeoutError:
                break
        await self.close(TOO_SLOW)

    async def _watch_right(self) -> None:
        while True:
            await asyncio.sleep(RIGHT_CHECK_SECONDS)
            staff, places = await self._right()
            if staff is None:
                await self.close(RIGHT_LOST)
                return
            # A room given or taken meanwhile comes or goes without a new page.
            await FEED.join(self.listener, places)

    async def _right(self) -> tuple[Staff | None, list[Place]]:
        return await database_sync_to_async(_right_now)(self.session_key)


def is_heartbeat(text: str | None) -> bool:
    """Return whether this is the one message that a grid page may send."""
    if text is None or len(text) > MAX_TEXT:
        return False
    try:
        message = json.loads(text)
    except ValueError:
        return False
    return message == dict(kind="heartbeat")  # noqa: C408 - no frame of ours


def _right_now(session_key: str) -> tuple[Staff | None, list[Place]]:
    staff = proctor_signed_in(session_key)
    return staff, places_of(staff, at=clock.now()) if staff else []


def _told(frame: Frame) -> dict:
    if frame.alarm:
        return {"kind": "alarm", "room": frame.room, "tiles": frame.tiles}
    return {
        "kind": "tiles",
        "room": frame.room,
        "whole": frame.whole,
        "tiles": frame.tiles,
    }
