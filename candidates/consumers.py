"""The candidate's socket: events of the own attempt, after the own cursor.

Asks the database only through `access` and the tail. Closes with 4401 when the lease
is lost, 4400 for a message that is not in the table, 4408 for a reader too slow.
"""

import asyncio
import json
from collections import Counter
from itertools import count
from typing import ClassVar
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from candidates.access import COOKIE, is_own_origin, lease_of_cookie
from candidates.domain.segments import Head, witness_heads
from candidates.enums import LeaseState
from candidates.events import attempt_topic
from candidates.inbound import Meter, cursor_asked, heartbeat_in
from candidates.models import DeviceLease
from candidates.presence import BOARD
from exams.kernel import clock
from exams.kernel.realtime import Subscription
from exams.live import TAIL
from exams.queries.events import cursor_of

BAD_MESSAGE, LEASE_LOST, TOO_MANY, TOO_SLOW = 4400, 4401, 4429, 4408
LEASE_CHECK_SECONDS = 2.0
WITNESS_EVERY = 5  # of these checks
SEND_SECONDS = 10.0
MAX_SOCKETS = 4
MAX_HEADS = 8  # of one flush: two streams, each started again a few times


class AttemptConsumer(AsyncWebsocketConsumer):
    """One browser of one attempt. It listens; `heartbeat` is all that it may say."""

    sockets: ClassVar[Counter[int]] = Counter()
    lease_pk: int | None = None
    subscription: Subscription | None = None
    tasks: tuple[asyncio.Task, ...] = ()
    heads: dict[UUID, Head]

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        self.cookie = self.scope.get("cookies", {}).get(COOKIE, "")
        self.meter = Meter()
        self.heads = {}
        lease = await self._lease()
        own = is_own_origin(origin, headers.get(b"host", b"").decode("latin-1"))
        if lease is None or not own:
            await self.close()
            return
        await self.accept()
        if lease.state == LeaseState.SUPERSEDED:
            await self._lose_lease()
        elif self.sockets[lease.pk] >= MAX_SOCKETS:
            await self.close(TOO_MANY)
        else:
            self.lease_pk = lease.pk
            self.sockets[lease.pk] += 1
            self.attempt = lease.attempt
            self._take(lease)
            await self._join(attempt_topic(lease.attempt.code))

    async def _join(self, topic: str) -> None:
        newest = await database_sync_to_async(cursor_of)(topic)
        try:
            asked = cursor_asked(self.scope)
        except ValueError:
            await self.close(BAD_MESSAGE)
            return
        cursor = newest if asked is None else min(asked, newest)
        await self._tell([], cursor)
        self.subscription = TAIL.subscribe(topic, cursor=cursor)
        self.tasks = (
            asyncio.create_task(self._forward()),
            asyncio.create_task(self._watch_lease()),
        )

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        if self.meter.is_over(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        elif (beat := heartbeat_in(text_data)) is None:
            await self.close(BAD_MESSAGE)
        elif self.active:
            self.heads |= {told.segment: told for told in beat.heads}
            facts = beat.facts and {**beat.facts, "epoch": self.epoch}
            BOARD.heard(self.attempt.code, facts, at=clock.now())

    async def disconnect(self, code: int) -> None:
        if self.lease_pk is not None:
            self.sockets.subtract({self.lease_pk: 1})
            if not self.sockets[self.lease_pk]:
                del self.sockets[self.lease_pk]
        for task in self.tasks:
            task.cancel()
        if self.subscription:
            await TAIL.unsubscribe(self.subscription)
        await self._witness()

    async def _forward(self) -> None:
        async for events in self.subscription:
            leases = [one for one in events if one["type"].startswith("lease.")]
            if leases and not await self._still_holds():
                return
            # A browser that waits for a takeover hears of nothing but leases.
            await self._tell(events if self.active else leases, events[-1]["seq"])
        await self.close(TOO_SLOW)

    async def _watch_lease(self) -> None:
        for turn in count(1):
            await asyncio.sleep(LEASE_CHECK_SECONDS)
            if not await self._still_holds():
                return
            if turn % WITNESS_EVERY == 0:
                await self._witness()

    async def _witness(self) -> None:
        """Store the newest heads; the last ones before a cut are told on its end."""
        told, self.heads = [*self.heads.values()][-MAX_HEADS:], {}
        if told:
            await database_sync_to_async(witness_heads)(self.attempt, heads=told)

    async def _still_holds(self) -> bool:
        lease = await self._lease()
        if lease is None or lease.state == LeaseState.SUPERSEDED:
            await self._lose_lease()
            return False
        self._take(lease)
        return True

    def _take(self, lease: DeviceLease) -> None:
        self.active = lease.state == LeaseState.ACTIVE
        self.epoch = lease.epoch

    async def _lose_lease(self) -> None:
        await self.send(json.dumps({"kind": "lease_lost"}))
        await self.close(LEASE_LOST)

    async def _tell(self, events: list[dict], cursor: int) -> None:
        frame = {"kind": "events", "events": events, "cursor": cursor}
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(json.dumps(frame, ensure_ascii=False))
        except TimeoutError:
            await self.close(TOO_SLOW)

    async def _lease(self) -> DeviceLease | None:
        return await database_sync_to_async(lease_of_cookie)(self.cookie)
