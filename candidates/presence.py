"""The board of this process: who is heard of, and how they are, at this moment.

What may be stale is no event (design §7): a heartbeat replaces the one before it,
and whoever watches looks here every second. The rows, ten seconds behind, tell other
processes. Written in the event loop's thread only.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from channels.db import database_sync_to_async

from candidates.domain.presence import Heard, keep_presence

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.5  # between two looks at what is due to be stored
MAX_HEARD = 10_000  # attempts on the board; the longest silent one goes first


class Board:
    """The newest heartbeat of every attempt that this process hears."""

    def __init__(self, *, keep: Callable[[dict[str, Heard]], set[str]]) -> None:
        self._keep = database_sync_to_async(keep)
        self._newest: OrderedDict[str, Heard] = OrderedDict()
        self._unkept: set[str] = set()
        self._task: asyncio.Task | None = None

    def heard(self, code: str, facts: dict, *, at: datetime) -> None:
        """Put a heartbeat of an attempt on the board; an older one changes nothing."""
        known = self._newest.get(code)
        if known and known.at > at:
            return
        self._newest[code] = Heard(at, facts)
        self._newest.move_to_end(code)
        while len(self._newest) > MAX_HEARD:
            self._newest.popitem(last=False)
        self._unkept.add(code)
        self._keep_running()

    def newest(self, code: str) -> Heard | None:
        """Return what was heard last of an attempt in this process."""
        return self._newest.get(code)

    def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() != loop:
            self._task = loop.create_task(self._run())

    async def _run(self) -> None:
        """Store what is due, until all that was heard is stored."""
        while self._unkept:
            await self.keep()
            await asyncio.sleep(LOOK_SECONDS)

    async def keep(self) -> None:
        """Store now what was heard, is not stored yet, and is due."""
        due, self._unkept = self._unkept, set()
        if not due:
            return
        heard = {code: self._newest[code] for code in due if code in self._newest}
        try:
            self._unkept |= await self._keep(heard)
        except Exception:
            # A process edge: while the database is away, this process still knows.
            logger.warning("presence could not be kept", exc_info=True)
            self._unkept |= due


BOARD = Board(keep=keep_presence)
