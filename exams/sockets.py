"""What every socket of the portal shares: whose page, who may, how many, how fast.

A socket says which right it stands on (`right`, `stands`), what it does with it
(`begin`, `renewed`, `leave`) and what it may be told (`hear`). The rest is the same
for all: our own origin, seats per person, messages in ten seconds, a look at the
right every two seconds, readers too slow. Closes with 4400 for a message that is not
in the table, 4401 when the right is lost, 4408 for a reader too slow, 4429 for too
much, and 1011 when its own work failed; a page dials again after its cursor.
"""

import asyncio
import contextlib
import json
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import ClassVar, Protocol
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError

from exams.access import is_own_origin
from exams.kernel.realtime import Subscription
from exams.live import TAIL
from exams.queries.events import cursor_of

logger = logging.getLogger(__name__)

FAILED = 1011
BAD_MESSAGE, RIGHT_LOST, TOO_SLOW, TOO_MANY = 4400, 4401, 4408, 4429
CHECK_SECONDS = 2.0
SEND_SECONDS = 10.0
MAX_MESSAGES, PER_SECONDS = 30, 10.0
CURSOR_DIGITS = 15


class Right(Protocol):
    """What a socket stands on; `who` is the person or browser that takes the seat."""

    @property
    def who(self) -> str: ...


class Meter:
    """Counts messages of one socket; `is_over(now)` from the 31st in ten seconds."""

    def __init__(self) -> None:
        self._arrived: deque[float] = deque(maxlen=MAX_MESSAGES)

    def is_over(self, now: float) -> bool:
        """Count one message at `now` (seconds, monotonic)."""
        full = len(self._arrived) == MAX_MESSAGES
        over = full and now - self._arrived[0] < PER_SECONDS
        self._arrived.append(now)
        return over


class GuardedSocket(AsyncWebsocketConsumer):
    """A socket of a page of our own, for as long as its right holds.

    Each family of sockets names its own `seats` (who → how many are open in this
    process) and how many of them one may take at `most`.
    """

    seats: ClassVar[Counter[str]]
    most: ClassVar[int]
    seat: str | None = None
    held: Right | None = None
    is_closed = False

    def right(self) -> Right | None:
        """Return what the socket may stand on at this moment; reads the database."""
        raise NotImplementedError

    def stands(self, right: Right) -> bool:
        """Return whether the right as it is now still carries this socket."""
        return True

    async def begin(self) -> None:
        """Do what the right allows; `held` is set and stays the newest."""
        raise NotImplementedError

    async def renewed(self) -> None:
        """Do what goes with each look, every two seconds, that found the right."""

    async def leave(self) -> None:
        """Give back what `begin` took; called once, however the socket ends."""

    async def hear(self, text: str | None) -> None:
        """Take one message within the rate; by itself a socket has none to take."""
        await self.close(BAD_MESSAGE)

    async def lose(self) -> None:
        """End a socket whose right is gone."""
        await self.close(RIGHT_LOST)

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        self.jar = scope.get("cookies", {})
        self.meter = Meter()
        self.tasks: list[asyncio.Task] = []
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in `disconnect`, which nobody calls after a failure.
            await self._end()

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        own = is_own_origin(origin, headers.get(b"host", b"").decode("latin-1"))
        right = await self._right_now() if own else None
        if right is None:
            await self.close()
            return
        await self.accept()
        if not self.stands(right):
            await self.lose()
        elif self.seats[right.who] >= self.most:
            await self.close(TOO_MANY)
        else:
            self.seats[right.who] += 1
            self.seat, self.held = right.who, right
            await self.begin()
            self.start(self._watch())

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        if self.meter.is_over(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        elif not self.is_closed:
            await self.hear(text_data)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once: what comes first says why."""
        if not self.is_closed:
            self.is_closed = True
            with contextlib.suppress(OSError):
                await super().close(code, reason)

    async def disconnect(self, code: int) -> None:
        self.is_closed = True

    def start(self, work: Coroutine) -> None:
        """Do this beside everything else, until the socket ends."""
        self.tasks.append(asyncio.create_task(self._carry_out(work)))

    async def say(self, frame: dict) -> None:
        """Send one frame; whoever does not take it within ten seconds is closed."""
        if self.is_closed:
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(json.dumps(frame, ensure_ascii=False))
        except TimeoutError:
            await self.close(TOO_SLOW)
        except OSError:
            self.is_closed = True  # the browser has gone; the server says so next

    async def still_holds(self) -> bool:
        """Look at the right again; false when it is lost and the socket closed."""
        right = await self._right_now()
        if right is None or not self.stands(right):
            await self.lose()
            return False
        self.held = right
        return True

    async def _right_now(self) -> Right | None:
        return await database_sync_to_async(self.right)()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                if not await self.still_holds():
                    return
                await self.renewed()
            except (DatabaseError, InterfaceError):
                # A process edge: while the database is away nobody can take the
                # right either; the tail is silent and the next look finds out.
                logger.warning("a socket's right could not be read", exc_info=True)

    async def _carry_out(self, work: Awaitable) -> None:
        try:
            await work
        except Exception:
            # A process edge: a socket whose watch or feed has died would stay open
            # unwatched or silent; the page dials again and asks after its cursor.
            logger.warning("a socket's work failed", exc_info=True)
            await self.close(FAILED)

    async def _end(self) -> None:
        for task in self.tasks:
            task.cancel()
        if self.seat is None:
            return
        self.seats.subtract({self.seat: 1})
        if not self.seats[self.seat]:
            del self.seats[self.seat]
        await self.leave()


class TopicSocket(GuardedSocket):
    """Tells the events of topics, after the client's cursor."""

    subscriptions: tuple[Subscription, ...] = ()

    async def follow(self, *topics: str) -> None:
        """Tell what comes after the cursor asked for, or from now on without one."""
        try:
            asked = cursor_asked(self.scope)
        except ValueError:
            await self.close(BAD_MESSAGE)
            return
        for topic in topics:
            newest = await database_sync_to_async(cursor_of)(topic)
            # A cursor is one topic's own; with several, the page looks at all anew.
            known = asked is not None and len(topics) == 1
            cursor = min(asked, newest) if known else newest
            await self.tell([], cursor)
            subscription = TAIL.subscribe(topic, cursor=cursor)
            self.subscriptions += (subscription,)
            self.start(self._forward(subscription))

    async def pass_on(self, events: list[dict]) -> None:
        """Tell a batch of events of one topic."""
        await self.tell(events, events[-1]["seq"])

    async def tell(self, events: list[dict], cursor: int) -> None:
        await self.say({"kind": "events", "events": events, "cursor": cursor})

    async def leave(self) -> None:
        for subscription in self.subscriptions:
            await TAIL.unsubscribe(subscription)

    async def _forward(self, subscription: Subscription) -> None:
        async for events in subscription:
            await self.pass_on(events)
        await self.close(TOO_SLOW)


def cursor_asked(scope: dict) -> int | None:
    """Return the cursor in `?after=`, None without one; raises `ValueError`."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    after = query.get("after", [""])[0]
    if not after:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= CURSOR_DIGITS):
        raise ValueError(after)
    return int(after)
