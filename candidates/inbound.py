"""What a candidate's socket may be told: one message, its size and its shape."""

import json
import re
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from candidates.domain.segments import Head
from candidates.domain.uploads import MAX_CHUNKS
from candidates.enums import Stream
from exams.enums import Phase, Stage

MAX_TEXT = 4096
DIGEST = re.compile("[0-9a-f]{64}")


class Heartbeat(NamedTuple):
    """What a page tells every five seconds; an older page tells no facts."""

    heads: list[Head]
    facts: dict


def heartbeat_in(text: str | None) -> Heartbeat | None:
    """Return what a heartbeat tells, None for any other message.

    A heartbeat is the one thing that a candidate's page may say: `{kind, cursor,
    heads: {stream: {segment, count, head} | null}, facts?}`; `facts` has exactly the
    keys of `FACTS`.
    """
    if text is None or len(text) > MAX_TEXT:
        return None
    try:
        message = json.loads(text)
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("kind") != "heartbeat":
        return None
    if type(message.get("cursor", 0)) is not int:
        return None
    heads = read_heads(message.get("heads", {}))
    if heads is None:
        return None
    try:
        return Heartbeat(heads, _facts(message.get("facts")))
    except (TypeError, ValueError):
        return None


def read_heads(heads: object) -> list[Head] | None:
    """Return the heads `{stream: {segment, count, head} | null}`, None if misshapen."""
    if not isinstance(heads, dict):
        return None
    try:
        return [_head(stream, told) for stream, told in heads.items() if told]
    except (KeyError, TypeError, ValueError):
        return None


def _head(stream: str, told: dict) -> Head:
    segment, count, head = UUID(str(told["segment"])), told["count"], told["head"]
    known = stream in Stream.values and type(count) is int
    if not known or not 1 <= count <= MAX_CHUNKS or not DIGEST.fullmatch(head):
        raise ValueError(told)
    return Head(segment, count, head)


def _whole(high: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and 0 <= value <= high


def _perhaps(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


def _is_flag(value: object) -> bool:
    return type(value) is bool


# What a page tells of itself. `level` is its own meter's, in 20 cells of 3 dB; what
# it cannot know is null.
FACTS: dict[str, Callable[[object], bool]] = {
    "stage": _perhaps(lambda value: value in Stage.values),
    "phase": _perhaps(lambda value: value in Phase.values),
    "backlog_chunks": _whole(10**6),
    "backlog_bytes": _whole(10**12),
    "online": _is_flag,
    "visible": _is_flag,
    "focused": _is_flag,
    "level": _perhaps(_whole(20)),
    "storage_free_mb": _perhaps(_whole(10**9)),
    "recording": lambda value: (
        isinstance(value, list)
        and len(value) <= len(Stream.values)
        and set(value) <= set(Stream.values)
    ),
}


def _facts(told: object) -> dict:
    if told is None:
        return {}
    if not isinstance(told, dict) or told.keys() != FACTS.keys():
        raise ValueError(told)
    if not all(fits(told[name]) for name, fits in FACTS.items()):
        raise ValueError(told)
    return told
