"""What the sockets of a browser were told, beside what the server wrote.

And two ways to trouble them: a Redis that forgets everything and drops who listens,
and a socket that never reads.
"""

import base64
import json
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import redis
from playwright.sync_api import BrowserContext, Frame, Page, WebSocket

from tests.journeys.checks import Ledger

# The topic of a socket by where its address begins; what follows is the name.
TOPICS = {
    "/ws/attempt/": "attempt:",
    "/ws/help/": "request:",
    "/ws/helpdesk/requests/": "request:",
}
WRITTEN = (
    "SELECT e.seq, e.type FROM exams_event e JOIN exams_topic t ON t.id = e.topic_id "
    "WHERE t.name = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq"
)


@dataclass
class Log:
    """One socket: its address, where it began, and what it was told."""

    path: str
    begin: int | None = None
    cursor: int = 0
    told: list[tuple[int, str]] = field(default_factory=list)
    is_open: bool = True

    def end(self, *_: object) -> None:
        self.is_open = False

    def take(self, text: str | bytes) -> None:
        frame = json.loads(text)
        if frame["kind"] != "events":
            return
        if self.begin is None:
            self.begin = frame["cursor"]
        self.told += [(event["seq"], event["type"]) for event in frame["events"]]
        self.cursor = frame["cursor"]


class Logs:
    """Every socket of the watched browsers that follows one topic."""

    def __init__(self) -> None:
        self.all: list[Log] = []

    def watch(self, context: BrowserContext) -> None:
        """Listen along on every page of the context, from its opening on."""

        for page in context.pages:
            self._listen(page)
        context.on("page", self._listen)

    def _listen(self, page: Page) -> None:
        mine: list[Log] = []

        def take(opened: WebSocket) -> None:
            path = urlsplit(opened.url).path
            if any(path.startswith(begin) for begin in TOPICS):
                log = Log(path)
                mine.append(log)
                self.all.append(log)
                opened.on("framereceived", log.take)
                opened.on("close", log.end)

        def leave(frame: Frame) -> None:
            # The sockets of a page that is left end without a word.
            if frame == page.main_frame:
                for log in mine:
                    log.end()

        page.on("websocket", take)
        page.on("framenavigated", leave)

    def check(self, ledger: Ledger, *, least: int) -> None:
        """Each log is the server's own, from where it began to where it stands.

        An open socket stands at the newest event; `least` events were told in all.
        """
        heard = [log for log in self.all if log.begin is not None]
        for log in heard:
            topic = topic_of(log.path, attempt=ledger.attempt)
            written = ledger.rows(WRITTEN, topic, log.begin, log.cursor)
            assert log.told == written, f"{topic}: {log.told} is not {written}"
            newest = ledger.rows(WRITTEN, topic, log.cursor, 2**40)
            assert not (log.is_open and newest), f"{topic} has not heard {newest}"
        told = sum(len(log.told) for log in heard)
        assert told >= least, f"{told} events on {[log.path for log in heard]}"


def topic_of(path: str, *, attempt: str) -> str:
    (begin,) = (begin for begin in TOPICS if path.startswith(begin))
    return TOPICS[begin] + (path.removeprefix(begin).strip("/") or attempt)


class Forgetting(threading.Thread):
    """Empties a Redis and drops its listeners, again and again, until it is left."""

    EVERY_SECONDS = 2.0

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.times = 0
        self._left = threading.Event()

    def run(self) -> None:
        with redis.Redis.from_url(self.address) as client:
            while not self._left.wait(self.EVERY_SECONDS):
                client.flushall()
                client.client_kill_filter(_type="pubsub")
                self.times += 1

    def leave(self) -> None:
        self._left.set()
        self.join(10)


def deaf_socket(base: str, path: str, *, cookies: dict[str, str]) -> socket.socket:
    """Open a WebSocket that never reads a byte; its buffer is as small as it gets."""
    address = urlsplit(base)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    line.connect((address.hostname, address.port))
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    line.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {base}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nCookie: {jar}\r\n\r\n".encode()
    )
    time.sleep(0.2)
    return line
