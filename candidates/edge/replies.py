"""Answers of the edge: every one private, typed, and of no use to a browser page."""

import json
from collections.abc import Awaitable, Callable

from exams.kernel.errors import Refusal

Send = Callable[[dict], Awaitable[None]]
GUARDS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), microphone=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
JSON = b"application/json"
PROBLEM = b"application/problem+json"
OCTETS = b"application/octet-stream"
RETRY_AFTER = (b"retry-after", b"2")
CLOSE = (b"connection", b"close")
# The body is not read to its end after these: the connection must not be reused.
UNREAD = frozenset({"too_large", "too_slow", "length_required", "content_encoding"})


async def reply(
    send: Send,
    status: int,
    body: bytes = b"",
    *,
    kind: bytes = JSON,
    more: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Send one whole answer with the guarding headers."""
    headers = [
        *GUARDS,
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def reply_json(send: Send, status: int, payload: dict) -> None:
    await reply(send, status, json.dumps(payload, ensure_ascii=False).encode())


async def reply_refusal(send: Send, refusal: Refusal) -> None:
    """Send the refusal as problem details with its stable `code`."""
    more: tuple[tuple[bytes, bytes], ...] = ()
    if refusal.status == 503:  # noqa: PLR2004 - HTTP
        more = (RETRY_AFTER,)
    if refusal.code in UNREAD:
        more = (*more, CLOSE)
    problem = {
        "type": f"/problems/{refusal.code}",
        "title": str(refusal),
        "status": refusal.status,
        "code": refusal.code,
        "facts": refusal.facts,
    }
    body = json.dumps(problem, ensure_ascii=False).encode()
    await reply(send, refusal.status, body, kind=PROBLEM, more=more)
