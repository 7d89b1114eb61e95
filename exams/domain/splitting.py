"""Dealing people to rooms: even, random, and the same again for the same seed.

Pure: codes and capacities come in, an allocation goes out. The order of the people is
the order of SHA-256 over `version NUL seed NUL code`, so that everybody who knows the
seed and the list can deal again (`docs/decisions/0008`). How many sit where depends on
the capacities and the order of the rooms alone, so a preview can show it before there
is a seed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice, repeat

VERSION = 1


@dataclass(frozen=True)
class Space:
    """A room as the dealing knows it: an opaque key and how many fit in."""

    key: str
    capacity: int


def shuffled(codes: Sequence[str], *, seed: str) -> list[str]:
    """Return the codes in the seed's order, whatever order they came in."""
    return sorted(codes, key=lambda code: (_place(seed, code), code))


def shares_of(spaces: Sequence[Space], number: int) -> dict[str, int]:
    """Return `{room: how many}`, as even as the capacities allow.

    Rooms that are not full differ by at most one, the first ones having more. Raises
    `ValueError` when the capacities together are less than `number`.
    """
    if number > sum(space.capacity for space in spaces):
        message = f"{number} people do not fit"
        raise ValueError(message)
    shares = {space.key: 0 for space in spaces}
    waiting, left = sorted(spaces, key=lambda space: space.capacity), number
    while waiting and waiting[0].capacity <= left // len(waiting):
        full = waiting.pop(0)
        shares[full.key] = full.capacity
        left -= full.capacity
    open_keys = {space.key for space in waiting}
    in_order = [space.key for space in spaces if space.key in open_keys]
    for place, key in enumerate(in_order):
        shares[key] = left // len(in_order) + (place < left % len(in_order))
    return shares


def deal_people(
    codes: Sequence[str], spaces: Sequence[Space], *, seed: str
) -> dict[str, str]:
    """Return `{code: room}`; raises `ValueError` when they do not fit."""
    shares = shares_of(spaces, len(codes))
    seats = chain.from_iterable(repeat(key, count) for key, count in shares.items())
    return dict(zip(shuffled(codes, seed=seed), seats, strict=True))


def deal_watchers(
    codes: Sequence[str], rooms: Sequence[str], *, seed: str
) -> list[tuple[str, str]]:
    """Return `(person, room)` pairs: nobody without a room, no room without somebody.

    With fewer people than rooms somebody watches over several; never over one twice.
    """
    if not codes or not rooms:
        return []
    people = shuffled(codes, seed=seed)
    number = max(len(people), len(rooms))
    return list(islice(zip(cycle(people), cycle(rooms), strict=False), number))


def _place(seed: str, code: str) -> bytes:
    return hashlib.sha256(f"{VERSION}\0{seed}\0{code}".encode()).digest()
