"""From the rows of a file to the parts of a preview.

Reads what the comparison reads and writes nothing. The file goes by once, part by part;
parts are opened again only where a later line or the database has something to say.
"""

from collections.abc import Iterable
from typing import NamedTuple

from candidates.domain.roster_compare import compare_rows, gone_rows, has_people
from candidates.domain.roster_parts import Part, batches, pack, unpack
from candidates.domain.roster_rows import RosterRow, Twins
from exams.models import Session


class Staging(NamedTuple):
    """The parts of a preview, and the rooms that its sound rows name."""

    parts: list[Part]
    rooms: list[str]


def stage_rows(session: Session, rows: Iterable[RosterRow]) -> Staging:
    """Compare the rows with each other and with the roster; return them packed."""
    twins, rooms, parts = Twins(), set(), []
    for batch in batches(rows):
        for row in batch:
            _forget(row)
            twins.look(row)
            if row.status != "bad":
                rooms.add(row.cells.get("room", ""))
        parts += [pack(alike) for alike in _alike(batch)]
    known = has_people(session)
    for number, part in enumerate(parts):
        if known or any(part.first <= line <= part.last for line in twins.late):
            opened = unpack(part.text)
            for row in opened:
                twins.mark_first(row)
            if known:
                compare_rows(session, opened)
            parts[number] = pack(opened)
    gone = gone_rows(session, tickets=twins.first["ticket_number"])
    parts += [pack(batch) for batch in batches(gone)]
    return Staging(parts, sorted(rooms - {""}))


def _forget(row: RosterRow) -> None:
    # A row that was staged before is compared as if it came with the file.
    if row.status in {"changed", "same"}:
        row.status, row.changes = "new", {}


def _alike(rows: list[RosterRow]) -> list[list[RosterRow]]:
    """Split where the columns change: corrections come with their own."""
    runs: list[list[RosterRow]] = []
    for row in rows:
        if runs and runs[-1][0].letters == row.letters:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs
