"""Where a line of Chinese text may end (GB/T 15834).

Pure. No closing mark begins a line and no opening one ends it; words and numbers inside
Chinese text are kept whole as well.
"""

from collections.abc import Callable, Iterator

# Marks that belong to what stands before them, and to what follows.
NOT_FIRST = frozenset("、。，．：；！？）］｝〉》」』】〕〗’”…—～·％‰℃,.:;!?)]}%")
NOT_LAST = frozenset("（［｛〈《「『【〔〖‘“([{￥$#")
BEFORE_CJK = "\u2e7f"


def has_cjk(text: str) -> bool:
    """Return whether the text has characters that are written without spaces."""
    return any(one > BEFORE_CJK for one in text)


def lines_of(text: str, *, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return one paragraph as lines of at most this width; `measure` adds up.

    What is longer than a line, such as an address, is broken anywhere.
    """
    lines, line, used = [], "", 0.0
    for unit in _pieces(text, width, measure):
        if line and used + measure(unit.rstrip(" ")) > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0.0
        line += unit
        used += measure(unit)
    return [*lines, line.rstrip(" ")]


def _pieces(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    for unit in _units(text):
        if measure(unit.rstrip(" ")) > width:
            yield from unit
        else:
            yield unit


def _units(text: str) -> Iterator[str]:
    """Yield what stays together, spaces at its end."""
    unit = ""
    for one in text:
        if unit and not _stays(unit[-1], one):
            yield unit
            unit = ""
        unit += one
    if unit:
        yield unit


def _stays(before: str, after: str) -> bool:
    if after == " " or after in NOT_FIRST or before in NOT_LAST:
        return True
    return before != " " and not (before > BEFORE_CJK or after > BEFORE_CJK)
