"""What the pages of a roster show: rows of an import, masked, in words."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from candidates.domain.people import mask_id_number
from candidates.domain.roster import staged_rows
from candidates.domain.roster_rows import FIELDS, Problem, RosterRow
from candidates.enums import ImportState
from candidates.models import RosterImport
from exams.models import Session

PAGE_ROWS = 100
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
    "email_shape": _("is no e-mail address, like name@example.org"),
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
    """One line as the preview shows it; ID and phone numbers are masked."""

    line: int
    status: str
    cells: list[str]
    problems: list[ShownProblem]
    changes: list[ShownChange]


@dataclass(frozen=True)
class RosterPage:
    """One page of rows of one status (or of all), and how many there are.

    `new_rooms` are named by any row, and made by the import.
    """

    rows: list[ShownRow]
    number: int
    pages: int
    total: int
    new_rooms: list[str]


def roster_page(
    roster_import: RosterImport, *, status: str = "", number: int = 1
) -> RosterPage:
    """Return page `number` (from 1, clamped) of the staged rows of `status`."""
    staged = list(staged_rows(roster_import))
    rows = [row for row in staged if status in ("", row.status)]
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    number = min(max(1, number), pages)
    chosen = rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return RosterPage(
        rows=[_shown(row) for row in chosen],
        number=number,
        pages=pages,
        total=len(rows),
        new_rooms=_new_rooms(roster_import.session, staged),
    )


def imports_waiting() -> QuerySet[RosterImport]:
    """Return the imports that somebody has to commit or discard, oldest first."""
    return RosterImport.objects.filter(state=ImportState.PREVIEW).order_by("created_at")


def mask_phone(phone: str) -> str:
    """Return the phone number with all but the last four digits hidden."""
    return "*" * max(0, len(phone) - 4) + phone[-4:]


def mask_email(email: str) -> str:
    """Return the address with its first letter and its domain readable."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}{'*' * max(0, len(local) - 1)}{at}{domain}"


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


def _new_rooms(session: Session, rows: list[RosterRow]) -> list[str]:
    moving = [row for row in rows if row.status in ("new", "changed")]
    known = session.rooms.values_list("name", flat=True)
    return sorted({row.cells.get("room", "") for row in moving} - {*known, ""})


def _shown(row: RosterRow) -> ShownRow:
    return ShownRow(
        line=row.line,
        status=row.status,
        cells=[masked(name, row.cells.get(name, "")) for name in FIELDS],
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
