"""The heartbeat and the small pictures of one synthetic candidate.

As the exam page does it: every five seconds how it is, every three seconds a picture
of each stream. Failures are nobody's: the recording is what counts.
"""

import io
import json
import time
from contextlib import ExitStack

from PIL import Image, ImageDraw
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from candidates.simulation.http import Client

BEAT_SECONDS = 5.0
PICTURE_SECONDS = 3.0
OPEN_SECONDS = 5.0
PICTURES = "/api/v1/attempts/me/thumbnails"
SIZE = (320, 240)


class Pulse:
    """Call `beat` often; it sends when something is due, and never raises."""

    def __init__(self, client: Client, *, seed: int) -> None:
        self._client = client
        self._seed = seed
        self._socket: ClientConnection | None = None
        self._opened = ExitStack()
        self._beat_at = self._picture_at = 0.0
        self._turn = 0

    def beat(self, *, stage: str, phase: str, heads: dict[str, dict]) -> None:
        """Tell of the streams in `heads`: `{stream: {segment, count, head}}`."""
        now = time.monotonic()
        if now - self._beat_at >= BEAT_SECONDS:
            self._beat_at = now
            self._tell({"stage": stage, "phase": phase}, heads)
        if now - self._picture_at >= PICTURE_SECONDS:
            self._picture_at = now
            self._turn += 1
            for stream in heads:
                self._show(stream)

    def close(self) -> None:
        self._opened.close()
        self._socket = None

    def _tell(self, where: dict, heads: dict[str, dict]) -> None:
        facts = {
            **where,
            "backlog_chunks": 0,
            "backlog_bytes": 0,
            "online": True,
            "visible": True,
            "focused": True,
            "level": 9,
            "storage_free_mb": None,
            "recording": sorted(heads),
        }
        message = {"kind": "heartbeat", "cursor": 0, "heads": heads, "facts": facts}
        try:
            if self._socket is None:
                self._socket = self._open()
            self._drain(self._socket)
            self._socket.send(json.dumps(message))
        except (OSError, WebSocketException):
            self.close()

    def _open(self) -> ClientConnection:
        cookies = "; ".join(f"{k}={v}" for k, v in self._client.cookies.items())
        socket = connect(
            self._client.origin.replace("http", "ws", 1) + "/ws/attempt/",
            origin=self._client.origin,
            additional_headers={"Cookie": cookies},
            open_timeout=OPEN_SECONDS,
        )
        return self._opened.enter_context(socket)

    @staticmethod
    def _drain(socket: ClientConnection) -> None:
        """Read what came, or the server would take us for a slow reader."""
        while True:
            try:
                socket.recv(timeout=0)
            except TimeoutError:
                return

    def _show(self, stream: str) -> None:
        picture = small_picture(stream, seed=self._seed, turn=self._turn)
        headers = {"Content-Type": "image/jpeg", "Kaowu-Client": "1"}
        try:
            self._client.request(
                "PUT",
                f"{PICTURES}/{stream}",
                data=picture,
                headers=headers,
                label="thumbnail",
            )
        except OSError:
            return


def small_picture(stream: str, *, seed: int, turn: int) -> bytes:
    """Return a JPEG: a face that nods, or lines of text. Drawn, nobody is in it."""
    image = Image.new("RGB", SIZE, (188 + seed * 7 % 40, 196, 206))
    draw = ImageDraw.Draw(image)
    down = turn % 3 * 4
    if stream == "screen":
        for row in range(8):
            length = 120 + (row * 53 + seed * 17) % 160
            draw.rectangle((20, 24 + row * 24, 20 + length, 34 + row * 24), "white")
    else:
        skin = (224, 190 - seed * 5 % 30, 160)
        draw.rectangle((90, 180, 230, 240), (40 + seed * 31 % 120, 70, 110))
        draw.ellipse((115, 50 + down, 205, 180 + down), skin)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=60)
    return buffer.getvalue()
