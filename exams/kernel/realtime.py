"""The doorbell and the tail: how a committed event reaches an open socket.

Events are rows (`exams.Event`); the channel layer carries no letter, it only rings.
Every web process tails the table while sockets are open, every 300 ms and at once on
a ring, so that a dead, flushed or full layer delays an event and never loses it.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from functools import partial

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import transaction

from exams.kernel import faults

logger = logging.getLogger(__name__)

GROUP = "kaowu.doorbell"
RING_SECONDS = 0.5
STOP_SECONDS = 0.5
TICK = 0.3  # seconds between two looks
OVERLAP_SECONDS = 3.0  # how far a look goes back for ids that became visible late
MAX_BATCHES = 64  # a listener further behind than this is closed


def ring(topic: str) -> None:
    """Tell every web process, after commit, that `topic` has news.

    A rolled-back transaction rings nobody. Never raises: a layer that is down costs
    the listener at most one look of the tail (E2).
    """
    transaction.on_commit(partial(_ring_now, topic), robust=True)


def _ring_now(topic: str) -> None:
    try:
        async_to_sync(_send)(topic)
    except Exception:
        # A process edge: whatever the layer's driver raises, the row is committed
        # and the tail finds it; the request that wrote it must not fail.
        logger.warning("the doorbell is out of order", exc_info=True)


async def _send(topic: str) -> None:
    layer = get_channel_layer()
    message = {"type": "doorbell.ring", "topic": topic}
    async with asyncio.timeout(RING_SECONDS):
        await layer.group_send(GROUP, message)


class Subscription:
    """One listener of one topic; iterate it for batches of events after its cursor.

    Iteration ends when the listener is too slow: it closes and resumes by cursor.
    """

    def __init__(self, topic: str, cursor: int) -> None:
        self.topic = topic
        self.cursor = cursor
        self._batches: asyncio.Queue[list[dict] | None] = asyncio.Queue()

    def offer(self, events: list[dict]) -> None:
        """Queue what is after the cursor; never blocks the tail."""
        fresh = [event for event in events if event["seq"] > self.cursor]
        if not fresh:
            return
        self.cursor = fresh[-1]["seq"]
        slow = self._batches.qsize() >= MAX_BATCHES
        self._batches.put_nowait(None if slow else fresh)

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> list[dict]:
        batch = await self._batches.get()
        if batch is None:
            raise StopAsyncIteration
        return batch


class Tail:
    """Looks at the event table for everybody in this process, while anybody listens.

    `newest()` returns the highest event id; `news(after_id)` returns `[(id, topic)]`;
    `read(topic, cursor)` returns the events of a topic after a seq, in order. All are
    synchronous and run in the database thread. Ids may become visible out of order,
    so each look goes back over the last seconds; a topic's own seq has no gaps.
    """

    def __init__(
        self,
        *,
        newest: Callable[[], int],
        news: Callable[[int], list[tuple[int, str]]],
        read: Callable[[str, int], list[dict]],
    ) -> None:
        self._newest = database_sync_to_async(newest)
        self._news = database_sync_to_async(news)
        self._read = database_sync_to_async(read)
        self._listeners: dict[str, set[Subscription]] = {}
        self._task: asyncio.Task | None = None

    def subscribe(self, topic: str, *, cursor: int) -> Subscription:
        """Listen to a topic after `cursor`; what was missed comes first."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() != loop:
            self._listeners = {}
            self._due: set[str] = set()
            self._wake = asyncio.Event()
            self._task = loop.create_task(self._run())
        subscription = Subscription(topic, cursor)
        self._listeners.setdefault(topic, set()).add(subscription)
        self._ring(topic)
        return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening; the last one to leave stops the tail."""
        listeners = self._listeners.get(subscription.topic, set())
        listeners.discard(subscription)
        if not listeners:
            self._listeners.pop(subscription.topic, None)
        if not self._listeners and self._task:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def _ring(self, topic: str) -> None:
        if topic in self._listeners:
            self._due.add(topic)
            self._wake.set()

    async def _run(self) -> None:
        doorbell = asyncio.create_task(self._hear())
        marks: deque[int] = deque(maxlen=round(OVERLAP_SECONDS / TICK))
        seen: set[int] = set()
        try:
            while True:
                try:
                    seen = await self._look(marks, seen)
                except Exception:
                    # A process edge: while the database is away, nobody hears
                    # anything; the next look that succeeds delivers all of it.
                    logger.warning("the tail could not look", exc_info=True)
                await self._pause()
        finally:
            # On Python 3.11 the layer's driver may swallow a cancellation (it uses
            # `wait_for`); whoever leaves last must not wait for a bell for ever.
            while not doorbell.done():
                doorbell.cancel()
                await asyncio.wait([doorbell], timeout=STOP_SECONDS)

    async def _look(self, marks: deque[int], seen: set[int]) -> set[int]:
        due, self._due = self._due, set()
        try:
            if not marks:
                marks.append(await self._newest())
            # The sabotage switch trusts the ring alone, as a layer-only design would.
            if not faults.sabotaged("trust_layer"):
                found = await self._news(marks[0])
                due |= {topic for number, topic in found if number not in seen}
                seen = {number for number, _topic in found}
                marks.append(max(seen, default=marks[-1]))
            for topic in sorted(due & self._listeners.keys()):
                await self._deliver(topic)
        except BaseException:
            self._due |= due
            raise
        return seen

    async def _deliver(self, topic: str) -> None:
        # Who comes during the read may be behind it: their turn is the next look.
        listeners = set(self._listeners[topic])
        lowest = min(one.cursor for one in listeners)
        events = await self._read(topic, lowest)
        for listener in listeners:
            listener.offer(events)
        if events:
            # A full page may have more behind it; the next look finds out.
            self._due.add(topic)

    async def _pause(self) -> None:
        # Not `wait_for`: on Python 3.11 it may swallow the cancellation of a stop.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK):
                await self._wake.wait()
        self._wake.clear()

    async def _hear(self) -> None:
        while True:
            try:
                layer = get_channel_layer()
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    message = await layer.receive(channel)
                    self._ring(message["topic"])
            except Exception:
                # A process edge: a layer that is down costs a tick, not an event.
                logger.warning("the doorbell is out of order", exc_info=True)
                await asyncio.sleep(1)
