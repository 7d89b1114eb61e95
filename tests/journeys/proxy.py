"""A TCP proxy in front of the server that can cut the network, and logs what it cut.

The browser's own offline switch leaves sockets open; this closes them for real.
"""

import asyncio
import contextlib
import threading
import time


class Proxy:
    """Forwards 127.0.0.1:`port` to the server; `cut()` and `mend()` from any thread."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.port = 0
        self.log: list[dict] = []
        self.bytes_up = 0
        self._cut = False
        self._streams: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._ready.wait(5)
        return self

    def __exit__(self, *args: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(5)

    def cut(self) -> None:
        """Close every connection and refuse new ones, from now on."""
        self._cut = True
        self.log.append({"event": "cut", "at": time.time()})
        self._loop.call_soon_threadsafe(self._close_all)

    def mend(self) -> None:
        self._cut = False
        self.log.append({"event": "mend", "at": time.time()})

    def refused(self) -> int:
        """Return how many connections or pieces were turned away while cut."""
        return sum(row["event"] == "refused" for row in self.log)

    def cut_bytes(self) -> int:
        return sum(row.get("bytes", 0) for row in self.log)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._serve, "127.0.0.1", 0)
        server = self._loop.run_until_complete(start)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    def _stop(self) -> None:
        self._close_all()
        self._loop.stop()

    def _close_all(self) -> None:
        for stream in list(self._streams):
            stream.transport.abort()

    async def _serve(self, reader, writer) -> None:
        if self._cut:
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                data = await asyncio.wait_for(reader.read(65536), 0.5)
                self._note_refusal(len(data))
            writer.transport.abort()
            return
        try:
            up, down = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        self._streams |= {writer, down}
        await asyncio.gather(
            self._pump(reader, down, up=True), self._pump(up, writer, up=False)
        )
        self._streams -= {writer, down}

    async def _pump(self, source, sink, *, up: bool) -> None:
        with contextlib.suppress(OSError, ConnectionError):
            while data := await source.read(65536):
                if self._cut:
                    self._note_refusal(len(data))
                    break
                if up:
                    self.bytes_up += len(data)
                sink.write(data)
                await sink.drain()
        with contextlib.suppress(OSError, RuntimeError):
            sink.close()

    def _note_refusal(self, size: int) -> None:
        self.log.append({"event": "refused", "at": time.time(), "bytes": size})
