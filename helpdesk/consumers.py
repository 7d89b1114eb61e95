"""The sockets of conversations and of the desk.

Each listens to its topics after the client's cursor and re-checks every two seconds
whether it may. Closes with 4401 when the right is lost, 4400 for a message that is
not in the table, 4408 for a reader too slow, 4429 for too much.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from candidates.access import is_own_origin
from candidates.inbound import Meter, cursor_asked
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.kernel.realtime import Subscription
from exams.live import TAIL
from exams.queries.events import cursor_of
from helpdesk.access import answered_by, asked_by, staff_of
from helpdesk.domain.requests import CANDIDATE, Author, mark_read, post_message
from helpdesk.enums import Side
from helpdesk.events import queue_topic, request_topic
from helpdesk.inbound import said_in
from helpdesk.models import Request
from helpdesk.queries.requests import queue_projects

BAD_MESSAGE, RIGHT_LOST, TOO_SLOW, TOO_MANY = 4400, 4401, 4408, 4429
CHECK_SECONDS = 2.0
SEND_SECONDS = 10.0
MAX_SOCKETS = 12
MAX_TOPICS = 50


@dataclass(frozen=True)
class Right:
    """Why this socket may listen: who, to what, and as whom it speaks."""

    who: str
    topics: tuple[str, ...]
    request: Request | None = None
    author: Author | None = None


class TopicSocket(AsyncWebsocketConsumer):
    """Listens to topics as long as `right` says so; says nothing by itself."""

    sockets: ClassVar[Counter[str]] = Counter()
    held: Right | None = None

    def right(self) -> Right | None:
        """Return what the socket may do now; asked again and again."""
        raise NotImplementedError

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        own = is_own_origin(origin, headers.get(b"host", b"").decode("latin-1"))
        self.jar = self.scope.get("cookies", {})
        self.meter = Meter()
        self.subscriptions: list[Subscription] = []
        self.tasks: list[asyncio.Task] = []
        right = await self._right() if own else None
        if right is None:
            await self.close()
            return
        await self.accept()
        if self.sockets[right.who] >= MAX_SOCKETS:
            await self.close(TOO_MANY)
            return
        self.sockets[right.who] += 1
        self.held = right
        try:
            asked = cursor_asked(self.scope)
        except ValueError:
            await self.close(BAD_MESSAGE)
            return
        await self._join(asked)

    async def _join(self, asked: int | None) -> None:
        for topic in self.held.topics:
            newest = await database_sync_to_async(cursor_of)(topic)
            # A cursor is one topic's own; with several, the page looks at all anew.
            known = asked is not None and len(self.held.topics) == 1
            cursor = min(asked, newest) if known else newest
            await self._tell([], cursor)
            self.subscriptions.append(TAIL.subscribe(topic, cursor=cursor))
        self.tasks = [
            *(asyncio.create_task(self._forward(one)) for one in self.subscriptions),
            asyncio.create_task(self._watch()),
        ]

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        if self.meter.is_over(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        else:
            await self.hear(text_data)

    async def hear(self, text: str | None) -> None:
        """Take one message within the rate; this socket has none in its table."""
        await self.close(BAD_MESSAGE)

    async def disconnect(self, code: int) -> None:
        if self.held is not None:
            self.sockets.subtract({self.held.who: 1})
            if not self.sockets[self.held.who]:
                del self.sockets[self.held.who]
        for task in self.tasks:
            task.cancel()
        for one in self.subscriptions:
            await TAIL.unsubscribe(one)

    async def _forward(self, subscription: Subscription) -> None:
        async for events in subscription:
            await self._tell(events, events[-1]["seq"])
        await self.close(TOO_SLOW)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            right = await self._right()
            if right is None or right.topics != self.held.topics:
                await self.close(RIGHT_LOST)
                return

    async def _tell(self, events: list[dict], cursor: int) -> None:
        await self._say({"kind": "events", "events": events, "cursor": cursor})

    async def _say(self, frame: dict) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(json.dumps(frame, ensure_ascii=False))
        except TimeoutError:
            await self.close(TOO_SLOW)

    async def _right(self) -> Right | None:
        return await database_sync_to_async(self.right)()


class ConversationSocket(TopicSocket):
    """One side of one conversation: it listens, posts, and says what it has read."""

    @property
    def code(self) -> str:
        return self.scope["url_route"]["kwargs"]["code"]

    async def hear(self, text: str | None) -> None:
        message = said_in(text)
        if message is None:
            await self.close(BAD_MESSAGE)
            return
        # The right of this very moment, not that of the last look.
        right = await self._right()
        if right is None:
            await self.close(RIGHT_LOST)
            return
        try:
            seq = await database_sync_to_async(self._act)(right, message)
        except Refusal as refusal:
            await self._say(
                {
                    "kind": "refused",
                    "client_id": str(message.get("client_id", "")),
                    "code": refusal.code,
                }
            )
            return
        if message["kind"] == "post":
            client_id = str(message["client_id"])
            await self._say({"kind": "accepted", "client_id": client_id, "seq": seq})

    @staticmethod
    def _act(right: Right, message: dict) -> int:
        at, row, author = clock.now(), right.request, right.author
        if message["kind"] == "read":
            return mark_read(row, side=author.side, upto=message["upto"], at=at)
        posted = post_message(
            row,
            author=author,
            client_id=message["client_id"],
            text=message["text"],
            at=at,
        )
        return posted.seq


class AskerConsumer(ConversationSocket):
    """The browser that asked."""

    def right(self) -> Right | None:
        row = asked_by(self.code, self.jar)
        if row is None:
            return None
        return Right(f"request:{row.pk}", (request_topic(row.code),), row, CANDIDATE)


class StaffConsumer(ConversationSocket):
    """Who of the staff may answer this request."""

    def right(self) -> Right | None:
        staff = staff_of(self.jar)
        row = answered_by(self.code, staff)
        if row is None:
            return None
        author = Author(Side.STAFF, staff)
        return Right(f"staff:{staff.pk}", (request_topic(row.code),), row, author)


class DeskConsumer(TopicSocket):
    """The desk: hears that the queue of its projects moved, and of whose request."""

    def right(self) -> Right | None:
        staff = staff_of(self.jar)
        if staff is None:
            return None
        slugs = queue_projects(staff)[:MAX_TOPICS]
        if not slugs:
            return None
        return Right(f"staff:{staff.pk}", tuple(queue_topic(slug) for slug in slugs))
