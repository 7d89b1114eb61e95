"""What a socket of a conversation may be told: two messages, and nothing else."""

import json
from uuid import UUID

MAX_FRAME = 8192


def said_in(text: str | None) -> dict | None:
    """Return a message of the table, None for any other.

    `{kind: "post", client_id, text}` and `{kind: "read", upto}`; what a text may be
    is asked of `domain/`, so that its refusal is told and the socket stays open.
    """
    if text is None or len(text) > MAX_FRAME:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    if message.get("kind") == "post":
        return _post(message)
    if message.get("kind") == "read" and type(message.get("upto")) is int:
        return message
    return None


def _post(message: dict) -> dict | None:
    try:
        client_id = UUID(message.get("client_id"))
    except (AttributeError, TypeError, ValueError):
        return None
    if not isinstance(message.get("text"), str):
        return None
    return message | {"client_id": client_id}
