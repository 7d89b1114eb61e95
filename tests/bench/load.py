"""A generator of chunk requests that costs less than what it measures.

One `asyncio.Protocol` per connection, requests laid out before the clock starts, the
answer read no further than its status line and length.
"""

import asyncio
import time
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass
class Stream:
    """One recorder: its requests, ready to be written to a connection."""

    requests: list[tuple[bytes, bytes]]
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Timing:
    seconds: float
    p50_ms: float
    p99_ms: float
    wrong: int


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""
        self._need = 0
        self._answer: asyncio.Future | None = None
        self._is_open = True
        self._status = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._need:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            self._status = int(head[9:12])
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._need = end + 4 + int(length)
        if len(self._buffer) >= self._need:
            self._buffer, self._need = b"", 0
            self._answer.set_result(self._status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_open = False
        if self._answer and not self._answer.done():
            self._answer.set_result(0)

    async def put(self, head: bytes, body: bytes) -> int:
        if not self._is_open:
            return 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head)
        self._transport.write(body)
        return await self._answer

    def close(self) -> None:
        self._transport.close()


async def _connect(port: int) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


async def saturate(port: int, streams: list[Stream]) -> Timing:
    """Each stream sends its next chunk as soon as the last one was answered."""
    connections = [await _connect(port) for _ in streams]
    wrong = 0

    async def play(connection: Connection, stream: Stream) -> None:
        nonlocal wrong
        for head, body in stream.requests:
            began = time.perf_counter()
            wrong += await connection.put(head, body) != 201
            stream.latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*map(play, connections, streams))
    return _timing(time.perf_counter() - began, streams, wrong, connections)


async def pace(port: int, streams: list[Stream], *, rate: float) -> Timing:
    """Send at a fixed rate whatever the answers do; latency counts from the due time."""
    connections = [await _connect(port) for _ in streams]
    step = len(streams) / rate
    begin = time.perf_counter() + 0.2
    wrong = 0

    async def play(number: int) -> None:
        nonlocal wrong
        stream = streams[number]
        for turn, (head, body) in enumerate(stream.requests):
            due = begin + turn * step + number / rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
            wrong += await connections[number].put(head, body) != 201
            stream.latencies.append(time.perf_counter() - due)

    await asyncio.gather(*map(play, range(len(streams))))
    return _timing(time.perf_counter() - begin, streams, wrong, connections)


def _timing(
    seconds: float, streams: list[Stream], wrong: int, connections: list[Connection]
) -> Timing:
    for connection in connections:
        connection.close()
    cuts = quantiles([one for stream in streams for one in stream.latencies], n=100)
    return Timing(seconds, cuts[49] * 1000, cuts[98] * 1000, wrong)
