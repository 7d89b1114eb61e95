"""The candidate's socket: events of the own attempt, after the own cursor.

Asks the database only through `access` and the tail. A browser that lost the lease
is told so (`lease_lost`) before the socket closes with 4401.
"""

from collections import Counter
from typing import ClassVar, NamedTuple
from uuid import UUID

from channels.db import database_sync_to_async

from candidates.access import COOKIE, lease_of_cookie
from candidates.domain.segments import Head, witness_heads
from candidates.enums import LeaseState
from candidates.events import attempt_topic
from candidates.inbound import heartbeat_in
from candidates.models import DeviceLease
from candidates.presence import BOARD
from exams.kernel import clock
from exams.sockets import BAD_MESSAGE, TopicSocket

WITNESS_EVERY = 5  # looks at the right
MAX_HEADS = 8  # of one flush: two streams, each started again a few times


class Holder(NamedTuple):
    """The browser that a lease was given to."""

    who: str
    lease: DeviceLease


class AttemptConsumer(TopicSocket):
    """One browser of one attempt. It listens; `heartbeat` is all that it may say."""

    seats: ClassVar[Counter[str]] = Counter()
    most = 4
    looks = 0
    heads: dict[UUID, Head]

    def right(self) -> Holder | None:
        lease = lease_of_cookie(self.jar.get(COOKIE, ""))
        return None if lease is None else Holder(f"lease:{lease.pk}", lease)

    def stands(self, right: Holder) -> bool:
        return right.lease.state != LeaseState.SUPERSEDED

    @property
    def is_active(self) -> bool:
        return self.held.lease.state == LeaseState.ACTIVE

    async def begin(self) -> None:
        self.heads = {}
        await self.follow(attempt_topic(self.held.lease.attempt.code))

    async def renewed(self) -> None:
        self.looks += 1
        if self.looks % WITNESS_EVERY == 0:
            await self._witness()

    async def hear(self, text: str | None) -> None:
        beat = heartbeat_in(text)
        if beat is None:
            await self.close(BAD_MESSAGE)
        elif self.is_active:
            lease = self.held.lease
            self.heads |= {told.segment: told for told in beat.heads}
            facts = beat.facts and {**beat.facts, "epoch": lease.epoch}
            BOARD.heard(lease.attempt.code, facts, at=clock.now())

    async def pass_on(self, events: list[dict]) -> None:
        leases = [one for one in events if one["type"].startswith("lease.")]
        if leases and not await self.still_holds():
            return
        # A browser that waits for a takeover hears of nothing but leases.
        await self.tell(events if self.is_active else leases, events[-1]["seq"])

    async def lose(self) -> None:
        await self.say({"kind": "lease_lost"})
        await super().lose()

    async def leave(self) -> None:
        await super().leave()
        await self._witness()

    async def _witness(self) -> None:
        """Store the newest heads; the last ones before a cut are told on its end."""
        told, self.heads = [*self.heads.values()][-MAX_HEADS:], {}
        if told:
            attempt = self.held.lease.attempt
            await database_sync_to_async(witness_heads)(attempt, heads=told)
