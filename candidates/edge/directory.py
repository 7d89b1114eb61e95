"""What the edge must know of recordings and attempts, remembered for a short time.

Reads run in two threads of their own, so that a slow database never stops the event
loop, and each lookup is shared by all chunks of the next seconds.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    connection,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from candidates.models import Recording
from candidates.queries import ledger
from candidates.queries.instants import database_now
from exams.domain import papers
from exams.domain.schedule import Schedule
from exams.enums import AttemptState
from exams.models import Attempt, Paper

RECORDING_SECONDS = 30.0
ATTEMPT_SECONDS = 5.0
REMEMBERED = 20_000
T = TypeVar("T")


@dataclass(slots=True)
class RecordingFacts:
    """One recording; `chunks` and `held` grow with what this process stores."""

    pk: int
    code: UUID
    stream: str
    attempt: int
    attempt_code: str
    upload_closes: datetime
    chunks: int
    held: int
    until: float


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """Whether an attempt is inside its exam, its windows, and its paper if any."""

    entered: bool
    schedule: Schedule
    paper: int | None
    until: float


class Directory:
    """Cached reads; one per process, used from the event loop."""

    def __init__(self) -> None:
        self._connections: list[BaseDatabaseWrapper] = []
        self._readers = ThreadPoolExecutor(
            2, thread_name_prefix="edge-reader", initializer=self._note_connection
        )
        self._recordings: dict[UUID, RecordingFacts] = {}
        self._attempts: dict[str, AttemptFacts] = {}
        self._bundles: dict[int, bytes] = {}
        self._keys: dict[int, bytes] = {}
        self._database_seen: datetime | None = None

    async def recording(self, code: UUID) -> RecordingFacts | None:
        found = self._recordings.get(code)
        if found is None or found.until < time.monotonic():
            found = await self.read(_load_recording, code)
            _remember(self._recordings, code, found)
        return found

    async def attempt(self, code: str) -> AttemptFacts | None:
        found = self._attempts.get(code)
        if found is None or found.until < time.monotonic():
            found = await self.read(_load_attempt, code)
            # Who is not inside may be so in the next second: ask again for them.
            _remember(self._attempts, code, found if found and found.entered else None)
        return found

    async def bundle(self, paper: int) -> bytes:
        if paper not in self._bundles:
            self._bundles[paper] = await self.read(_load_bundle, paper)
        return self._bundles[paper]

    async def paper_key(self, paper: int) -> bytes:
        """Return the key; the caller has asked both clocks."""
        if paper not in self._keys:
            self._keys[paper] = await self.read(_load_key, paper)
        return self._keys[paper]

    async def database_passed(self, instant: datetime) -> bool:
        """Return whether the database's clock has reached the instant."""
        if self._database_seen is None or self._database_seen < instant:
            self._database_seen = await self.read(_load_database_now, None)
        return self._database_seen >= instant

    async def ledger(self, code: UUID) -> dict:
        return await self.read(_load_ledger, code)

    async def digest(self, place: tuple[int, UUID, int]) -> str | None:
        """Return the digest of a stored chunk `(recording pk, segment, seq)`."""
        return await self.read(_load_digest, place)

    async def read(self, load: Callable[[object], T], key: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, _read, load, key)

    def stop(self) -> None:
        """End the threads and their connections, for tests and shutdown."""
        self._readers.shutdown()
        for one in self._connections:
            one.inc_thread_sharing()
            one.close()

    def _note_connection(self) -> None:
        self._connections.append(connections[DEFAULT_DB_ALIAS])


def _remember(cache: dict, key: object, value: object) -> None:
    if value is None:
        cache.pop(key, None)
        return
    if len(cache) >= REMEMBERED:
        cache.clear()
    cache[key] = value


def _read(load: Callable[[object], T], key: object) -> T:
    """Run a read in a thread; once more on a new connection if the old one died."""
    try:
        return load(key)
    except (DatabaseError, InterfaceError):
        connection.close()
    try:
        return load(key)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise


def _load_recording(code: UUID) -> RecordingFacts | None:
    recording = (
        Recording.objects.select_related("attempt__session").filter(code=code).first()
    )
    if recording is None:
        return None
    attempt = recording.attempt
    chunks, held = ledger.totals_of(recording)
    return RecordingFacts(
        pk=recording.pk,
        code=code,
        stream=recording.stream,
        attempt=attempt.pk,
        attempt_code=attempt.code,
        upload_closes=Schedule.of(attempt.session, attempt).upload_closes,
        chunks=chunks,
        held=held,
        until=time.monotonic() + RECORDING_SECONDS,
    )


def _load_attempt(code: str) -> AttemptFacts | None:
    attempt = (
        Attempt.objects.select_related("session", "room").filter(code=code).first()
    )
    if attempt is None:
        return None
    return AttemptFacts(
        entered=attempt.state == AttemptState.ENTERED,
        schedule=Schedule.of(attempt.session, attempt),
        paper=attempt.paper_id,
        until=time.monotonic() + ATTEMPT_SECONDS,
    )


def _load_bundle(paper: int) -> bytes:
    return papers.bundle_for(Paper.objects.get(pk=paper))


def _load_key(paper: int) -> bytes:
    return papers.key_for(Paper.objects.get(pk=paper))


def _load_database_now(_key: object) -> datetime:
    return database_now()


def _load_ledger(code: UUID) -> dict:
    return ledger.ledger_of(Recording.objects.get(code=code))


def _load_digest(place: tuple[int, UUID, int]) -> str | None:
    recording, segment, seq = place
    return ledger.digest_at(recording, segment=segment, seq=seq)
