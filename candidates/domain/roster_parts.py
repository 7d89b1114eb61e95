"""Staged rows in parts: packed to text and back.

Pure. A roster is kept in parts of `PART_ROWS`, so that a page of the preview and every
step of the commit open a few of them and never the whole.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from candidates.domain.roster_rows import Problem, RosterRow

PART_ROWS = 2000
STATUSES = ("new", "changed", "same", "bad", "gone")
Counts = dict[str, int]


class Part(NamedTuple):
    """Packed rows: how many of each status, and the lines they lie between."""

    counts: Counts
    first: int
    last: int
    text: str


def pack(rows: list[RosterRow]) -> Part:
    """Return the rows, which have the same fields, as one part."""
    fields, letters = list(rows[0].cells), rows[0].letters
    packed = [
        [
            row.line,
            row.status,
            list(row.cells.values()),
            [[p.field, p.column, p.code, p.facts] for p in row.problems],
            row.changes,
        ]
        for row in rows
    ]
    text = json.dumps(
        {"fields": fields, "letters": letters, "rows": packed},
        separators=(",", ":"),
    )
    lines = [row.line for row in rows]
    return Part(counts_of(rows), min(lines), max(lines), text)


def unpack(text: str) -> list[RosterRow]:
    """Undo `pack`."""
    raw = json.loads(text)
    fields, letters = raw["fields"], raw["letters"]
    return [
        RosterRow(
            line,
            dict(zip(fields, cells, strict=True)),
            [Problem(*problem) for problem in problems],
            status,
            changes,
            letters,
        )
        for line, status, cells, problems, changes in raw["rows"]
    ]


def counts_of(rows: Iterable[RosterRow]) -> Counts:
    """Return how many rows have each status, zeros included."""
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in STATUSES}


def total_of(parts: Iterable[Counts]) -> Counts:
    """Return the sum of the counts of parts."""
    totals = dict.fromkeys(STATUSES, 0)
    for counts in parts:
        for status in STATUSES:
            totals[status] += counts[status]
    return totals


def batches(rows: Iterable[RosterRow]) -> Iterator[list[RosterRow]]:
    """Yield the rows in lists of a part's size."""
    source = iter(rows)
    while batch := list(islice(source, PART_ROWS)):
        yield batch
