"""A WebSocket client against an ASGI application, without a server.

Channels ships one too, but its package needs a server that the portal does not use.
"""

import json

from asgiref.testing import ApplicationCommunicator

WAIT = 6.0


class SocketClient(ApplicationCommunicator):
    """One browser's socket: open, send, take frames, see how it was closed."""

    def __init__(self, application, path: str, *, headers: list) -> None:
        path, _, query = path.partition("?")
        super().__init__(
            application,
            {
                "type": "websocket",
                "path": path,
                "query_string": query.encode(),
                "headers": headers,
                "subprotocols": [],
            },
        )

    async def connect(self) -> bool:
        """Return whether the handshake was accepted."""
        await self.send_input({"type": "websocket.connect"})
        message = await self.receive_output(WAIT)
        return message["type"] == "websocket.accept"

    async def say(self, text: str | None = None, data: bytes | None = None) -> None:
        message = {"type": "websocket.receive"}
        message |= {"text": text} if data is None else {"bytes": data}
        await self.send_input(message)

    async def frame(self) -> dict:
        """Return the next frame; fails when the socket is closed instead."""
        message = await self.receive_output(WAIT)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def closing_code(self) -> int | None:
        """Skip frames and return the code with which the socket is closed."""
        while True:
            message = await self.receive_output(WAIT)
            if message["type"] == "websocket.close":
                await self.disconnect()
                return message.get("code")

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(WAIT)


HOST = "exam.example"
ORIGIN = f"https://{HOST}"


def handshake(*, origin: str = ORIGIN, **cookies: str) -> list:
    """The headers with which a browser opens a socket; no origin at all for ""."""
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(b"host", HOST.encode()), (b"cookie", jar.encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    return headers


async def opened(one: SocketClient) -> dict:
    """Connect and take the first frame, which tells the cursor."""
    assert await one.connect()
    return await one.frame()


async def is_open(one: SocketClient) -> bool:
    """Return whether the handshake is accepted, and leave again."""
    found = await one.connect()
    if found:
        await one.disconnect()
    return found
