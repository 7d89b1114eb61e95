"""The grid of this process: one frame per room per second, whoever watches.

Every second the tiles of all watched places are made from what the board heard and
from rows read at most two seconds ago; what changed since the last frame is offered
to the listeners. A place's topic rings for an alarm, which does not wait.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from channels.db import database_sync_to_async

from candidates.presence import BOARD
from exams.kernel import clock
from exams.live import TAIL
from exams.queries.events import cursor_of
from proctoring.queries.places import Place, attempts_in
from proctoring.queries.tiles import ALARMING, Facts, facts_of, tile_of

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
READ_EVERY = 2  # ticks between two readings of the rows
MAX_FRAMES = 16  # a listener further behind than this is closed


class Frame(NamedTuple):
    """Tiles of one place; `whole` when they are all, `alarm` when they did not wait."""

    room: str
    tiles: list[dict]
    whole: bool = False
    alarm: bool = False


class Listener:
    """One socket's frames; `take()` returns the next, None when it is too slow."""

    def __init__(self) -> None:
        self.rooms: set[str] = set()
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()

    def offer(self, frame: Frame) -> None:
        slow = self._frames.qsize() >= MAX_FRAMES
        self._frames.put_nowait(None if slow else frame)

    async def take(self) -> Frame | None:
        return await self._frames.get()


class Watched:
    """A place that somebody watches: its facts, and the tiles as they were shown."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.facts: dict[str, Facts] = {}
        self.shown: dict[str, dict] = {}
        self.listeners: set[Listener] = set()
        self.bell: asyncio.Task | None = None

    def tiles(self, codes: Iterable[str]) -> list[dict]:
        at = clock.now()
        return [
            tile_of(self.facts[code], BOARD.newest(code), at=at)
            for code in codes
            if code in self.facts
        ]

    def changed(self, codes: Iterable[str]) -> list[dict]:
        """Return the tiles that are not as they were shown."""
        return [
            one for one in self.tiles(codes) if one != self.shown.get(one["attempt"])
        ]

    def show(self, tiles: list[dict], *, alarm: bool = False) -> None:
        if not tiles:
            return
        self.shown |= {tile["attempt"]: tile for tile in tiles}
        frame = Frame(self.place.key, tiles, alarm=alarm)
        for listener in self.listeners:
            listener.offer(frame)


class Feed:
    """All watched places of this process; works while anybody listens."""

    def __init__(self, *, read: Callable[[list[Place]], dict[str, Facts]]) -> None:
        self._read = database_sync_to_async(read)
        self._watched: dict[str, Watched] = {}
        self._task: asyncio.Task | None = None

    async def join(self, listener: Listener, places: list[Place]) -> None:
        """Listen to exactly these places; each new one begins with all its tiles."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() != loop:
            self._watched = {}
            self._task = loop.create_task(self._run())
        wanted = {place.key: place for place in places}
        await self._drop(listener, listener.rooms - wanted.keys())
        fresh = [wanted[key] for key in wanted if key not in listener.rooms]
        if fresh:
            await self._begin(fresh)
        for place in fresh:
            watched = self._watched[place.key]
            listener.rooms.add(place.key)
            watched.listeners.add(listener)
            tiles = watched.tiles(watched.facts)
            listener.offer(Frame(place.key, tiles, whole=True))

    async def leave(self, listener: Listener) -> None:
        """Stop listening; the last one to leave stops the feed."""
        await self._drop(listener, set(listener.rooms))
        if not self._watched and self._task:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _begin(self, places: list[Place]) -> None:
        unknown = [place for place in places if place.key not in self._watched]
        for place in unknown:
            self._watched[place.key] = Watched(place)
        await self._refresh(unknown)
        for place in unknown:
            watched = self._watched[place.key]
            watched.shown = {
                tile["attempt"]: tile for tile in watched.tiles(watched.facts)
            }
            watched.bell = asyncio.create_task(self._hear(watched))

    async def _drop(self, listener: Listener, keys: set[str]) -> None:
        for key in keys:
            listener.rooms.discard(key)
            watched = self._watched.get(key)
            if watched is None:
                continue
            watched.listeners.discard(listener)
            if not watched.listeners:
                del self._watched[key]
                if watched.bell:
                    watched.bell.cancel()
                    await asyncio.gather(watched.bell, return_exceptions=True)

    async def _refresh(self, places: list[Place]) -> None:
        if not places:
            return
        found = await self._read(places)
        for place in places:
            watched = self._watched.get(place.key)
            if watched:
                watched.facts = {
                    code: facts
                    for code, facts in found.items()
                    if facts.place == (place.session, place.room)
                }

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        turn, due = 0, loop.time()
        while True:
            turn, due = turn + 1, max(due + TICK_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())
            if turn % READ_EVERY == 0:
                await self._read_again()
            for watched in list(self._watched.values()):
                self._tick(watched)

    async def _read_again(self) -> None:
        try:
            await self._refresh([one.place for one in self._watched.values()])
        except Exception:
            # A process edge: while the database is away, the board still tells.
            logger.warning("the grid could not read", exc_info=True)

    @staticmethod
    def _tick(watched: Watched) -> None:
        changed = watched.changed(watched.facts)
        alarms = [tile for tile in changed if _is_alarm(watched, tile)]
        watched.show(alarms, alarm=True)
        watched.show([tile for tile in changed if tile not in alarms])

    async def _hear(self, watched: Watched) -> None:
        """Read again at once whom the place's topic names."""
        topic = watched.place.topic
        cursor = await database_sync_to_async(cursor_of)(topic)
        subscription = TAIL.subscribe(topic, cursor=cursor)
        try:
            async for events in subscription:
                codes = {event["payload"]["attempt"] for event in events}
                await self._refresh([watched.place])
                watched.show(watched.changed(codes), alarm=True)
        finally:
            await TAIL.unsubscribe(subscription)


def _is_alarm(watched: Watched, tile: dict) -> bool:
    known = watched.shown.get(tile["attempt"])
    return tile["state"] in ALARMING and (
        known is None or known["state"] != tile["state"]
    )


def read_places(places: list[Place]) -> dict[str, Facts]:
    """Return the facts of everybody in these places, by attempt code."""
    return facts_of(list(attempts_in(places).values_list("pk", flat=True)))


FEED = Feed(read=read_places)
