"""Many chunks, one sync, one transaction: the writer thread of a web process.

Requests hand in their chunk and wait; the thread takes whatever came while the last
batch was written, up to 64, and answers all of them after fdatasync and commit. So
the busier the process, the fewer syncs per chunk, and an idle process waits for
nobody (half the CPU and a shorter tail than one sync each).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from django.db import DatabaseError, InterfaceError, connection

from candidates.domain.offers import ChunkOffer
from candidates.domain.uploads import ChunkRecorder, Outcome
from candidates.edge.errors import StoreFailed

logger = logging.getLogger(__name__)
BATCH = 64
BUSY = 4  # a batch of so many means that more are on their way
PAUSE = 0.005  # seconds
PAUSES = 2
Waiting = tuple[ChunkOffer, asyncio.Future]


class GroupCommit:
    """Starts its thread with the first chunk; `stop` is for tests and shutdown."""

    def __init__(self, recorder: ChunkRecorder) -> None:
        self._recorder = recorder
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_busy = False

    async def submit(self, offer: ChunkOffer) -> Outcome:
        """Return what became of the chunk, once it is durable and registered.

        `StoreFailed` when the batch could not be written: nothing is acknowledged.
        """
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="chunk-writer", daemon=True
            )
            self._thread.start()
        future = asyncio.get_running_loop().create_future()
        self._queue.put((offer, future))
        return await future

    def stop(self) -> None:
        """Finish what was handed in and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            while (batch := self._next_batch()) is not None:
                outcomes = self._outcomes([offer for offer, _ in batch])
                _answer(batch, outcomes)
        finally:
            connection.close()

    def _next_batch(self) -> list[Waiting] | None:
        first = self._queue.get()
        if first is None:
            return None
        if self._is_busy:
            self._gather()
        batch = [first]
        while len(batch) < BATCH:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            batch.append(following)
        self._is_busy = len(batch) >= BUSY
        return batch

    def _gather(self) -> None:
        """Wait while chunks keep coming, 10 ms at most.

        Otherwise those who were answered a moment ago and those who wait now take
        turns in half-full batches for ever, at twice the syncs and commits.
        """
        size = self._queue.qsize()
        for _ in range(PAUSES):
            if size >= BATCH:
                return
            time.sleep(PAUSE)
            grown = self._queue.qsize()
            if grown == size:
                return
            size = grown

    def _outcomes(self, offers: list[ChunkOffer]) -> Sequence[Outcome]:
        try:
            return self._recorder.record(offers)
        except (DatabaseError, InterfaceError):
            logger.exception("chunk batch not registered, trying once more")
        except Exception:
            # The edge of the process: whatever it was, nobody may be told 2xx.
            logger.exception("chunk batch not stored")
            return [StoreFailed()] * len(offers)
        connection.close()
        try:
            return self._recorder.record(offers)
        except Exception:
            logger.exception("chunk batch not stored")
            connection.close()
            return [StoreFailed()] * len(offers)


def _answer(batch: list[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wake the requests, with one call into each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list] = {}
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        loops.setdefault(future.get_loop(), []).append((future, outcome))
    for loop, answers in loops.items():
        try:
            loop.call_soon_threadsafe(_set, answers)
        except RuntimeError:
            logger.warning("the event loop is gone; its clients will ask again")


def _set(answers: list[tuple[asyncio.Future, Outcome]]) -> None:
    for future, outcome in answers:
        if not future.done():
            future.set_result(outcome)
