"""What the pages of a roster show: rows of an import, masked, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from candidates.domain.people import mask_id_number
from candidates.domain.roster_parts import unpack
from candidates.domain.roster_rows import FIELDS, Problem, RosterRow
from candidates.enums import ImportState
from candidates.models import RosterImport

PAGE_ROWS = 100
SHOWN_LENGTH = 60
FIELD_NAMES = {
    "ticket_number": _("ticket number"),
    "name": _("name"),
    "id_number": _("ID number"),
    "phone": _("phone"),
    "email": _("e-mail"),
    "post": _("post"),
    "room": _("room"),
    "session": _("session"),
}
PROBLEMS = {
    "missing": _("is empty"),
    "formula": _("is a formula or begins like one; enter plain text"),
    "precision_lost": _(
        "was stored as a number and lost digits; format the column as text"
    ),
    "not_text": _("is a date, a truth value or a fraction; format the column as text"),
    "control": _("has control characters; type it again"),
    "ticket_shape": _("may only have letters, digits and - _ / ."),
    "phone_shape": _("needs 7 to 15 digits"),
    "email_shape": _("is not an e-mail address"),
    "id_shape": _("has %(length)s characters; 17 digits and a digit or X are needed"),
    "id_check": _("does not fit its date of birth or check digit"),
    "too_long": _("has %(length)s characters; at most %(limit)s"),
    "twin": _("is also in line %(line)s"),
    "id_taken": _("already belongs to ticket number %(ticket)s"),
}


@dataclass(frozen=True)
class ShownProblem:
    """One sentence and where it belongs: `place` is like `C12`."""

    place: str
    field: str
    text: str


@dataclass(frozen=True)
class ShownChange:
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownRow:
    """One line as the preview shows it; numbers and addresses are masked."""

    line: int
    status: str
    cells: list[str]
    problems: list[ShownProblem]
    changes: list[ShownChange]


@dataclass(frozen=True)
class RosterPage:
    """One page of rows of one status (or of all), and how many there are.

    `new_rooms` are named by a sound row, and made by the import.
    """

    rows: list[ShownRow]
    number: int
    pages: int
    total: int
    new_rooms: list[str]


def roster_page(
    roster_import: RosterImport, *, status: str = "", number: int = 1
) -> RosterPage:
    """Return page `number` (from 1, clamped) of the staged rows of `status`.

    Opens only the parts that the page lies in.
    """
    parts = list(roster_import.parts.order_by("number").values_list("number", "counts"))
    total = sum(_size(counts, status) for _number, counts in parts)
    pages = max(1, -(-total // PAGE_ROWS))
    number = min(max(1, number), pages)
    start, needed, seen = (number - 1) * PAGE_ROWS, [], 0
    for part, counts in parts:
        size = _size(counts, status)
        if not needed and start >= size:
            start -= size
        elif size and seen < start + PAGE_ROWS:
            needed.append(part)
            seen += size
    rows = _rows_of(roster_import, needed, status)
    return RosterPage(
        rows=[_shown(row) for row in islice(rows, start, start + PAGE_ROWS)],
        number=number,
        pages=pages,
        total=total,
        new_rooms=_new_rooms(roster_import),
    )


def bad_rows(roster_import: RosterImport) -> Iterator[RosterRow]:
    """Yield the rows that have problems, in order; opens no part without any."""
    parts = roster_import.parts.order_by("number").values_list("number", "counts")
    return _rows_of(
        roster_import, [part for part, counts in parts if counts["bad"]], "bad"
    )


def imports_waiting() -> QuerySet[RosterImport]:
    """Return the imports that somebody has to commit or discard, oldest first."""
    return RosterImport.objects.filter(state=ImportState.PREVIEW).order_by("created_at")


def mask_phone(phone: str) -> str:
    """Return the phone number with all but the last four digits hidden."""
    return "*" * max(0, len(phone) - 4) + phone[-4:]


def mask_email(email: str) -> str:
    """Return the address with its name hidden but for the first letter."""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}***{at}{host}" if at else email


def masked(field: str, text: str) -> str:
    """Return the text as a screen may show it."""
    if field == "id_number":
        return mask_id_number(text)
    if field == "email":
        return mask_email(text)
    return mask_phone(text) if field == "phone" else text


def problem_text(problem: Problem) -> str:
    """Return the problem in the reader's language, without the cell's name."""
    return str(PROBLEMS[problem.code]) % problem.facts


def _size(counts: dict[str, int], status: str) -> int:
    return counts.get(status, 0) if status else sum(counts.values())


def _rows_of(
    roster_import: RosterImport, parts: list[int], status: str
) -> Iterator[RosterRow]:
    for number in parts:
        for row in unpack(roster_import.parts.get(number=number).staged):
            if status in ("", row.status):
                yield row


def _new_rooms(roster_import: RosterImport) -> list[str]:
    known = roster_import.session.rooms.values_list("name", flat=True)
    return sorted({*roster_import.rooms} - {*known})


def _shown(row: RosterRow) -> ShownRow:
    return ShownRow(
        line=row.line,
        status=row.status,
        cells=[masked(name, row.cells.get(name, ""))[:SHOWN_LENGTH] for name in FIELDS],
        problems=[
            ShownProblem(
                place=f"{problem.column}{row.line}",
                field=str(FIELD_NAMES[problem.field]),
                text=problem_text(problem),
            )
            for problem in row.problems
        ],
        changes=[
            ShownChange(
                field=str(FIELD_NAMES[name]),
                old=masked(name, old) or "—",
                new=masked(name, new) or "—",
            )
            for name, (old, new) in row.changes.items()
        ],
    )
