"""Whole columns of a roster at once: what nearly every cell of nearly every file is.

Pure. A column whose cells are all sound in the plainest way is taken as it stands; any
other is read cell by cell, and the two must agree (`tests/candidates/domain`).
"""

import re
import unicodedata
from collections.abc import Sequence

from candidates.domain.people import all_valid_id_numbers

ROWS_AT_ONCE = 500  # one odd cell sends so many of its column the slow way
PRECISE = 10**15  # a spreadsheet keeps 15 digits of a number
LIMITS = {
    "ticket_number": 40,
    "name": 80,
    "id_number": 18,
    "phone": 20,
    "email": 120,
    "post": 120,
    "room": 60,
}
# Neither blanks around it nor the beginning of a formula.
TEXT = r"[^\s=+\-@＝＋－＠](?:.*\S)?"
PLAIN = {
    "ticket_number": r"[0-9]+|[A-Z][0-9A-Z_/.-]*",
    "name": TEXT,
    "phone": r"(?:[0-9]{7,15})?",
    "email": (
        r"(?:[A-Za-z0-9._][A-Za-z0-9._+-]{0,63}@"
        r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})?"
    ),
    "post": f"(?:{TEXT})?",
    "room": f"(?:{TEXT})?",
}
SHAPES = {name: re.compile(pattern).fullmatch for name, pattern in PLAIN.items()}


def plain_column(name: str, raws: Sequence) -> Sequence[str] | None:
    """Return the texts of the column `name`, None when a cell must be looked at."""
    kinds = set(map(type, raws))
    if kinds in ({float}, {int}):
        if not all(abs(raw) < PRECISE and raw == int(raw) for raw in raws):
            return None
        raws = [str(int(raw)) for raw in raws]
    elif kinds != {str}:
        return None
    return raws if _is_plain(name, raws) else None


def _is_plain(name: str, texts: Sequence[str]) -> bool:
    if name == "id_number":
        return all_valid_id_numbers(texts)
    return (
        max(map(len, texts)) <= LIMITS[name]
        and all(map(SHAPES[name], texts))
        and "".join(texts).isprintable()
        and unicodedata.is_normalized("NFKC", "\n".join(texts))
    )
