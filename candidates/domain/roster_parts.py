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
    lines = [row.line for row in rows]
    # By columns, and only the exceptions by row: most rows are new and sound.
    packed = {
        "letters": rows[0].letters,
        "lines": lines,
        "cells": {name: [row.cells[name] for row in rows] for name in rows[0].cells},
        "told": {
            number: _told(row)
            for number, row in enumerate(rows)
            if row.problems or row.changes or row.status != "new"
        },
    }
    text = json.dumps(packed, separators=(",", ":"))
    return Part(counts_of(rows), min(lines), max(lines), text)


def unpack(text: str) -> list[RosterRow]:
    """Undo `pack`."""
    raw = json.loads(text)
    names, letters, told = list(raw["cells"]), raw["letters"], raw["told"]
    cells = zip(*raw["cells"].values(), strict=True)
    rows = [
        RosterRow(line, dict(zip(names, texts, strict=True)), [], "new", {}, letters)
        for line, texts in zip(raw["lines"], cells, strict=True)
    ]
    for number, (status, problems, changes) in told.items():
        row = rows[int(number)]
        row.status, row.changes = status, changes
        row.problems = [Problem(*problem) for problem in problems]
    return rows


def _told(row: RosterRow) -> list:
    problems = [[p.field, p.column, p.code, p.facts] for p in row.problems]
    return [row.status, problems, row.changes]


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
