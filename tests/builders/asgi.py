"""A small ASGI client: one request in, status, headers and body out."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from candidates.models import Recording
from exams.kernel import clock, tokens
from tests.builders.candidates import Slice, Take

Application = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """`status` is 0 when the application answered nothing."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Call:
    """A request; `pieces` are its body as it arrives, `cut` ends it early."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]] = ()
    pieces: Sequence[bytes] = ()
    cut: bool = False


async def answer(application: Application, call: Call) -> Answer:
    """Run one request through the application."""
    waiting = [
        {"type": "http.request", "body": piece, "more_body": True}
        for piece in call.pieces
    ]
    if call.cut:
        waiting.append({"type": "http.disconnect"})
    else:
        waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict] = []

    async def receive() -> dict:
        return waiting.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": call.method,
        "path": call.path,
        "headers": [(name.encode(), text.encode()) for name, text in call.headers],
    }
    await application(scope, receive, send)
    if not sent:
        return Answer(0, {}, b"")
    headers = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers, body)


def ask(application: Application, call: Call) -> Answer:
    return asyncio.run(answer(application, call))


def ask_all(application: Application, calls: Sequence[Call]) -> list[Answer]:
    """Run the requests at the same time; answers in the order of the calls."""

    async def together() -> list[Answer]:
        return await asyncio.gather(*(answer(application, call) for call in calls))

    return asyncio.run(together())


def edge_token(attempt_code: str, *, epoch: int = 1) -> str:
    return tokens.issue(
        "edge",
        {"a": attempt_code, "e": epoch},
        at=clock.now(),
        lifetime=timedelta(hours=12),
    )


def chunk_path(recording: UUID | str, segment: UUID | str, seq: int | str) -> str:
    return f"/api/v1/recordings/{recording}/segments/{segment}/chunks/{seq}"


def put_chunk(
    recording: Recording,
    take: Take,
    one: Slice,
    *,
    epoch: int = 1,
    token: str | None = None,
    body: bytes | None = None,
    headers: dict[str, str | None] | None = None,
    path: str | None = None,
    cut: bool = False,
) -> Call:
    """Return the PUT of one slice; `headers` replaces or (None) removes some."""
    if token is None:
        token = edge_token(recording.attempt.code, epoch=epoch)
    wanted = {"authorization": f"Bearer {token}", **one.headers, **(headers or {})}
    body = one.body if body is None else body
    return Call(
        "PUT",
        path or chunk_path(recording.code, take.uuid, one.seq),
        [(name, text) for name, text in wanted.items() if text is not None],
        [body[start : start + 65536] for start in range(0, len(body), 65536)],
        cut,
    )


def bearing(token: str) -> list[tuple[str, str]]:
    """Return the header that carries a token."""
    return [("authorization", f"Bearer {token}")]
