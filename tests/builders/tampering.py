"""One value of a JSON text changed at a time, as a cheat would."""

import copy
from collections.abc import Iterator

Path = tuple[str | int, ...]


def paths_of(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every single value inside a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths_of(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from paths_of(item, (*path, place))
    else:
        yield path


def changed(transcript: dict, path: Path) -> dict:
    """Return a copy in which the one value at `path` is another of its kind."""
    copied = copy.deepcopy(transcript)
    holder = copied
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    if isinstance(old, int):
        holder[path[-1]] = old + 1
    else:
        holder[path[-1]] = ("1" if old[0] == "0" else "0") + old[1:]
    return copied
