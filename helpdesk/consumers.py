"""The sockets of conversations and of the desk.

Each listens to its topics after the client's cursor, as long as it may.
"""

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from channels.db import database_sync_to_async

from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.sockets import BAD_MESSAGE, TopicSocket
from helpdesk.access import answered_by, asked_by, staff_of
from helpdesk.domain.requests import CANDIDATE, Author, mark_read, post_message
from helpdesk.enums import Side
from helpdesk.events import queue_topic, request_topic
from helpdesk.inbound import said_in
from helpdesk.models import Request
from helpdesk.queries.requests import queue_projects

MAX_TOPICS = 50


@dataclass(frozen=True)
class Right:
    """Why this socket may listen: who, to what, and as whom it speaks."""

    who: str
    topics: tuple[str, ...]
    request: Request | None = None
    author: Author | None = None


class HelpSocket(TopicSocket):
    """Listens to the topics that its right names; says nothing by itself."""

    seats: ClassVar[Counter[str]] = Counter()
    most = 12

    def stands(self, right: Right) -> bool:
        return self.held is None or right.topics == self.held.topics

    async def begin(self) -> None:
        await self.follow(*self.held.topics)


class ConversationSocket(HelpSocket):
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
        if not await self.still_holds():
            return
        try:
            seq = await database_sync_to_async(self._act)(self.held, message)
        except Refusal as refusal:
            await self.say(
                {
                    "kind": "refused",
                    "client_id": str(message.get("client_id", "")),
                    "code": refusal.code,
                }
            )
            return
        if message["kind"] == "post":
            client_id = str(message["client_id"])
            await self.say({"kind": "accepted", "client_id": client_id, "seq": seq})

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


class DeskConsumer(HelpSocket):
    """The desk: hears that the queue of its projects moved, and of whose request."""

    def right(self) -> Right | None:
        staff = staff_of(self.jar)
        if staff is None:
            return None
        slugs = queue_projects(staff)[:MAX_TOPICS]
        if not slugs:
            return None
        return Right(f"staff:{staff.pk}", tuple(queue_topic(slug) for slug in slugs))
