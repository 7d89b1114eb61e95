"""The edge: chunks, ledgers and the sealed paper, as plain ASGI before Django.

The request stack of Django costs several times what receiving, hashing and storing
a chunk costs; here is only the protocol of `docs/protocol/recording.md`. Rules and
writes are the same `domain/` code that everything else calls.
"""

import asyncio
import base64
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.leases import EDGE_AUDIENCE
from candidates.domain.offers import ChunkOffer, SegmentHeader
from candidates.domain.uploads import (
    MAX_BYTES,
    MAX_CHUNKS,
    ChunkRecorder,
    Stored,
    TooMany,
    WrongRecording,
)
from candidates.edge import wire
from candidates.edge.directory import Directory, RecordingFacts
from candidates.edge.errors import (
    CompressedBody,
    DigestMismatch,
    LengthMismatch,
    LengthRequired,
    MethodNotAllowed,
    NotEntered,
    StoreFailed,
    TooLarge,
    TooSlow,
)
from candidates.edge.group_commit import GroupCommit
from candidates.edge.replies import (
    OCTETS,
    Send,
    reply,
    reply_json,
    reply_refusal,
)
from candidates.enums import Stream
from exams.kernel import clock, tokens
from exams.kernel.clock import Window
from exams.kernel.errors import NotAllowed, NotFound, Refusal, WindowClosed
from exams.kernel.faults import reach, sabotaged

logger = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[dict]]
BODY_SECONDS = 60
IN_FLIGHT_BYTES = 256 * 2**20
REMEMBERED = 20_000
V = TypeVar("V")
TOKEN_MILLISECONDS = 60_000

is_edge = wire.is_edge


class ClosedHere(WindowClosed):
    """As everywhere, but 403: the edge has no row to conflict with."""

    status = 403


class Disconnected(Exception):
    """The client went away before its body was complete; nobody to answer."""


class Bearer(NamedTuple):
    """Whose token it is; checked again after a minute. A phone's names its stream."""

    attempt: str
    epoch: int
    checked_ms: int
    stream: str = ""


class Edge:
    """One per process; `stop` ends its threads."""

    def __init__(self) -> None:
        self._directory = Directory()
        store = LocalChunkStore(settings.RECORDINGS_ROOT)
        self._commit = GroupCommit(ChunkRecorder(store))
        self._bearers: dict[bytes, Bearer] = {}
        self._segments: dict[bytes, SegmentHeader] = {}
        self._in_flight = 0

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        try:
            await self._route(scope, receive, send)
        except Refusal as refusal:
            await reply_refusal(send, refusal)
        except Disconnected:
            return
        except (DatabaseError, InterfaceError, OSError):
            logger.exception("edge: no answer from the database or the disk")
            await reply_refusal(send, StoreFailed())

    def stop(self) -> None:
        self._commit.stop()
        self._directory.stop()

    async def _route(self, scope: dict, receive: Receive, send: Send) -> None:
        path, method, at = scope["path"], scope["method"], clock.now()
        place = wire.read_chunk_path(path)
        if place is not None:
            if method == "PUT":
                await self._put_chunk(scope, receive, send, place, at)
            elif method == "HEAD":
                await self._head_chunk(scope, send, place, at)
            else:
                raise MethodNotAllowed
            return
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed
        if found := wire.LEDGER_PATH.fullmatch(path):
            await self._get_ledger(scope, send, UUID(found[1]), at)
        elif found := wire.PAPER_PATH.fullmatch(path):
            await self._get_paper(scope, send, found[1], found[2], at)
        else:
            raise NotFound

    async def _put_chunk(
        self,
        scope: dict,
        receive: Receive,
        send: Send,
        place: wire.ChunkPath,
        at: datetime,
    ) -> None:
        headers = wire.read_headers(scope["headers"])
        bearer = self._bearer(headers, at)
        length = _length(headers)
        chunk = wire.read_chunk_headers(headers)
        header = self._segment(chunk.segment)
        facts = await self._recording(place.recording, bearer)
        if facts.stream == Stream.COMPANION and bearer.stream != facts.stream:
            # Only the phone films; the computer may ask what arrived.
            raise WrongRecording
        _require_room(facts, seq=place.seq, length=length, at=at)
        if self._in_flight + length > IN_FLIGHT_BYTES:
            raise StoreFailed
        self._in_flight += length
        try:
            pieces, digest = await _body(receive, length)
            if digest != chunk.digest and not sabotaged("skip_digest"):
                raise DigestMismatch
            body = b'{"seq": %d, "digest": "%s"}' % (place.seq, chunk.digest.encode())
            if sabotaged("ack_early"):
                await reply(send, 201, body)
                send = _nowhere
            outcome = await self._commit.submit(
                ChunkOffer(
                    recording=facts.pk,
                    attempt=facts.attempt,
                    code=facts.code,
                    stream=facts.stream,
                    segment=place.segment,
                    header=header,
                    seq=place.seq,
                    pieces=pieces,
                    size=length,
                    digest=chunk.digest,
                    head=chunk.head,
                    start_ms=chunk.start_ms,
                    duration_ms=chunk.duration_ms,
                    lease_epoch=bearer.epoch,
                    at=at,
                )
            )
        finally:
            self._in_flight -= length
        reach("chunk.before_reply")
        if not isinstance(outcome, Stored):
            raise outcome
        if outcome.new:
            facts.chunks += 1
            facts.held += length
        await reply(send, 201 if outcome.new else 200, body)

    async def _head_chunk(
        self, scope: dict, send: Send, place: wire.ChunkPath, at: datetime
    ) -> None:
        bearer = self._bearer(wire.read_headers(scope["headers"]), at)
        facts = await self._recording(place.recording, bearer)
        digest = await self._directory.digest((facts.pk, place.segment, place.seq))
        if digest is None:
            raise NotFound
        await reply(send, 200, more=((b"kaowu-digest", digest.encode()),))

    async def _get_ledger(
        self, scope: dict, send: Send, code: UUID, at: datetime
    ) -> None:
        bearer = self._bearer(wire.read_headers(scope["headers"]), at)
        await self._recording(code, bearer)
        await reply_json(send, 200, await self._directory.ledger(code))

    async def _get_paper(
        self, scope: dict, send: Send, code: str, what: str, at: datetime
    ) -> None:
        bearer = self._bearer(wire.read_headers(scope["headers"]), at)
        if bearer.attempt != code or bearer.stream:
            raise NotAllowed
        attempt = await self._directory.attempt(code)
        if attempt is None or attempt.paper is None:
            raise NotFound
        if not attempt.entered:
            raise NotEntered
        if what == "paper":
            _require(attempt.schedule.paper_bundle, at)
            bundle = await self._directory.bundle(attempt.paper)
            await reply(send, 200, bundle, kind=OCTETS)
            return
        window = attempt.schedule.paper_key
        _require(window, at)
        # The one secret whose release must not hang on a single clock (AC-21).
        moved = os.environ.get("KAOWU_CLOCK_OFFSET_FILE")
        if not moved and not await self._directory.database_passed(window.opens):
            raise ClosedHere(opens_ms=clock.milliseconds(window.opens))
        key = await self._directory.paper_key(attempt.paper)
        await reply_json(send, 200, {"key": base64.b64encode(key).decode()})

    async def _recording(self, code: UUID, bearer: Bearer) -> RecordingFacts:
        facts = await self._directory.recording(code)
        if facts is None:
            raise NotFound
        if facts.attempt_code != bearer.attempt:
            raise WrongRecording
        if bearer.stream not in ("", facts.stream):
            raise WrongRecording
        return facts

    def _bearer(self, headers: dict[bytes, bytes], at: datetime) -> Bearer:
        """Check the token without a database; raises `BadToken`."""
        value = headers.get(b"authorization", b"")
        now = clock.milliseconds(at)
        known = self._bearers.get(value)
        if known and 0 <= now - known.checked_ms < TOKEN_MILLISECONDS:
            return known
        scheme, _, token = value.partition(b" ")
        if scheme.lower() != b"bearer":
            raise tokens.BadToken
        claims = tokens.check(
            token.decode("ascii", "replace"), audience=EDGE_AUDIENCE, at=at
        )
        bearer = Bearer(claims["a"], claims["e"], now, claims.get("s", ""))
        return _remember(self._bearers, value, bearer)

    def _segment(self, value: bytes) -> SegmentHeader:
        known = self._segments.get(value)
        if known is None:
            header = wire.read_segment_header(value)
            known = _remember(self._segments, value, header)
        return known


edge = Edge()


def _length(headers: dict[bytes, bytes]) -> int:
    """Return the announced length; refuses what must not even be read."""
    if b"content-encoding" in headers:
        raise CompressedBody
    text = headers.get(b"content-length")
    if text is None or b"transfer-encoding" in headers:
        raise LengthRequired
    if wire.LENGTH.fullmatch(text) is None:
        if text.isdigit():
            raise TooLarge
        raise wire.BadHeader(header="Content-Length")
    length = int(text)
    if length > settings.CHUNK_MAX_BYTES:
        raise TooLarge
    if not length:
        raise LengthMismatch
    return length


def _require_room(
    facts: RecordingFacts, *, seq: int, length: int, at: datetime
) -> None:
    """Refuse what comes after the upload cap or beyond the recording's limits."""
    if at >= facts.upload_closes:
        raise ClosedHere(closes_ms=clock.milliseconds(facts.upload_closes))
    if seq >= MAX_CHUNKS or facts.chunks >= MAX_CHUNKS:
        raise TooMany(limit="chunks")
    if facts.held + length > MAX_BYTES:
        raise TooMany(limit="bytes")


async def _body(receive: Receive, length: int) -> tuple[list[bytes], str]:
    """Return the pieces of the body and their digest, read with a cap and a limit.

    Raises `LengthMismatch`, `TooSlow`, or `Disconnected` when the client is gone.
    """
    digest = hashlib.sha256()
    pieces: list[bytes] = []
    received = 0
    more = True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                piece = message.get("body", b"")
                more = message.get("more_body", False)
                received += len(piece)
                if received > length:
                    raise LengthMismatch
                if piece:
                    digest.update(piece)
                    pieces.append(piece)
    except TimeoutError:
        raise TooSlow from None
    if received != length:
        raise LengthMismatch
    return pieces, digest.hexdigest()


def _require(window: Window, at: datetime) -> None:
    if not window.contains(at):
        raise ClosedHere(opens_ms=clock.milliseconds(window.opens))


def _remember(cache: dict[bytes, V], key: bytes, value: V) -> V:
    if len(cache) >= REMEMBERED:
        cache.clear()
    cache[key] = value
    return value


async def _nowhere(message: dict) -> None:
    """Swallow an answer, where a sabotaged process has given one already."""
