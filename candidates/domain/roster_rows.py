"""Roster rows: what each cell means, and every problem of every cell.

Pure: a table comes in, rows with their problems go out; nothing is read or written
elsewhere. A problem is a code and its facts, so that the preview can say it in the
reader's language. All problems of all rows are found, never only the first.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from candidates.domain.people import normalise, normalise_ticket, valid_id_number
from candidates.domain.roster_columns import (
    LIMITS,
    PRECISE,
    ROWS_AT_ONCE,
    plain_column,
)
from candidates.domain.roster_errors import RosterUnreadable
from candidates.domain.roster_file import Cell, Row, column_letter

REQUIRED = ("ticket_number", "name", "id_number")
FIELDS = (*REQUIRED, "phone", "email", "post", "room")
LINE = "line"  # the original line of a row that comes back corrected
HEADERS = {
    "ticket_number": (
        "准考证号 准考证号码 准考证 考号 考生号 ticketnumber ticketno ticket "
        "admissionnumber admissionticket"
    ),
    "name": "姓名 考生姓名 名字 name fullname candidatename candidate",
    "id_number": (
        "身份证号 身份证号码 身份证 公民身份号码 证件号码 证件号 idnumber idno id "
        "idcard idcardnumber identitynumber"
    ),
    "phone": (
        "手机号 手机号码 手机 联系电话 电话 移动电话 phone phonenumber mobile "
        "mobilenumber mobilephone telephone"
    ),
    "email": (
        "邮箱 电子邮箱 电子邮件 邮箱地址 邮件地址 email emailaddress mail mailaddress"
    ),
    "post": (
        "报考岗位 岗位 岗位名称 报考职位 职位 职位名称 post position job jobtitle"
    ),
    "line": "原行号 originalline",
    "room": "考场 考场名称 考场号 room roomname examroom group groupno",
}
SYNONYMS = {word: name for name, words in HEADERS.items() for word in words.split()}
HEADER_LINES = 10
NUMBERS = frozenset({"ticket_number", "id_number", "phone"})
INFINITE = (float("inf"), float("-inf"))
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d{1,3}$")
ID_SHAPE = re.compile(r"^[0-9]{17}[0-9X]$")
TICKET_SHAPE = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_/.-]*$")
PHONE_SHAPE = re.compile(r"^[0-9]{7,15}$")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
EMAIL_SHAPE = re.compile(r"[A-Za-z0-9._+-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
SHOWN_LENGTH = 1000  # more than any field takes, so that it stays too long
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


class MissingColumns(RosterUnreadable):
    """The header does not name every column that a roster needs."""

    code = "roster_missing_columns"
    message = _(
        "These columns are missing: %(columns)s. The header found is line "
        "%(line)s: %(header)s"
    )


class RepeatedColumns(RosterUnreadable):
    """Two columns of the header mean the same thing."""

    code = "roster_repeated_columns"
    message = _("Two columns mean the same thing: %(columns)s")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason against one cell: `field`, its column letter, a code, its facts."""

    field: str
    column: str
    code: str
    facts: dict = field(default_factory=dict)


@dataclass(slots=True)
class RosterRow:
    """One line: its normalised cells (as typed where they are bad), its problems.

    `status` is new, changed, same, bad or gone; `changes` is `{field: [old, new]}`;
    `letters` are the columns of the fields, as a spreadsheet names them.
    """

    line: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    status: str = "new"
    changes: dict[str, list[str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)


class Twins:
    """Finds the cells that two lines have in common, as the lines go by.

    `first` is `{field: {text: line}}`; the second and later lines are marked at once,
    the first of each group is named in `late` when all are seen.
    """

    def __init__(self) -> None:
        self.first: dict[str, dict[str, int]] = {"ticket_number": {}, "id_number": {}}
        self.late: dict[int, list[tuple[str, int]]] = {}

    def look(self, row: RosterRow) -> None:
        """Mark the row when a line before it has the same number."""
        faulty = {problem.field for problem in row.problems} if row.problems else ()
        for name, lines in self.first.items():
            text = row.cells[name]
            if not text or name in faulty:
                continue
            line = lines.setdefault(text, row.line)
            if line == row.line:
                continue
            add_problem(row, field=name, code="twin", line=line)
            others = self.late.setdefault(line, [])
            if name not in {field for field, _line in others}:
                others.append((name, row.line))

    def mark_first(self, row: RosterRow) -> None:
        """Mark the row when it was the first of a group, with the second's line."""
        for name, line in self.late.get(row.line, ()):
            add_problem(row, field=name, code="twin", line=line)


def parse_rows(
    table: Iterable[Row], *, corrections: bool = False
) -> Iterator[RosterRow]:
    """Yield every line below the header with the problems of its own cells.

    With `corrections` the column of original lines says which line a row is.

    Raises `MissingColumns` or `RepeatedColumns`, which name the columns. Columns
    that mean nothing to a roster are left alone.
    """
    lines = iter(table)
    head = list(islice(lines, HEADER_LINES))
    at = _header_place(head)
    columns = _columns(head[at])
    numbers = columns.pop(LINE, None)
    letters = {name: column_letter(index) for name, index in columns.items()}
    rows = chain(head[at + 1 :], lines)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        for row, parsed in zip(
            batch, _parse_batch(batch, columns, letters), strict=True
        ):
            if corrections:
                parsed.line = _original_line(row, numbers)
            yield parsed


def is_sound(name: str, text: str) -> bool:
    """Return whether the text alone would be taken for this field."""
    return _read_cell(name, text)[1] is None


def add_problem(row: RosterRow, *, field: str, code: str, **facts: object) -> None:
    """Mark a row as bad for a reason that only the present state could show."""
    row.problems.append(Problem(field, row.letters[field], code, facts))
    row.status = "bad"


def _header_place(table: list[Row]) -> int:
    # A title may stand above the header: it is the first line that names two columns.
    for index, row in enumerate(table[:HEADER_LINES]):
        if len({SYNONYMS.get(_header_word(cell)) for cell in row.cells} - {None}) > 1:
            return index
    return 0


def _columns(header: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(header.cells):
        name = SYNONYMS.get(_header_word(cell))
        if name in found:
            raise RepeatedColumns(columns=f"{header.cells[found[name]]}, {cell}")
        if name:
            found[name] = index
    found = {name: found[name] for name in (*FIELDS, LINE) if name in found}
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise MissingColumns(
            columns=", ".join(
                # Either of the two may stand in the file.
                f"{HEADERS[name].split()[0]} ({name.replace('_', ' ')})"
                for name in missing
            ),
            line=header.line,
            header=", ".join(str(cell)[:20] for cell in header.cells if cell != ""),
        )
    return found


def _header_word(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", str(cell)).translate(INVISIBLE).lower()
    text = re.sub(r"\(.*?\)", "", text)
    return re.sub(r"[\s_\-.*:#]+", "", text)


def _parse_batch(
    rows: list[Row], columns: dict[str, int], letters: dict[str, str]
) -> list[RosterRow]:
    width = max(columns.values()) + 1
    if any(row.formulas or len(row.cells) < width for row in rows):
        return [_parse(row, columns, letters) for row in rows]
    raw = list(zip(*(row.cells for row in rows), strict=False))
    texts: list[Sequence[str]] = []
    problems: dict[int, list[Problem]] = {}
    for name, index in columns.items():
        column = plain_column(name, raw[index])
        if column is None:
            read = [_read_cell(name, cell) for cell in raw[index]]
            column = [text for text, _fault in read]
            for number, (_text, fault) in enumerate(read):
                if fault:
                    problem = Problem(name, letters[name], *fault)
                    problems.setdefault(number, []).append(problem)
        texts.append(column)
    made = []
    for number, cells in enumerate(zip(*texts, strict=True)):
        found = problems.get(number, [])
        named = dict(zip(columns, cells, strict=True))
        status = "bad" if found else "new"
        made.append(RosterRow(rows[number].line, named, found, status, {}, letters))
    return made


def _parse(row: Row, columns: dict[str, int], letters: dict[str, str]) -> RosterRow:
    cells, problems = {}, []
    raws, width = row.cells, len(row.cells)
    for name, index in columns.items():
        raw = raws[index] if index < width else ""
        if index in row.formulas:
            cells[name], fault = _shown(raw), ("formula", {})
        else:
            cells[name], fault = _read_cell(name, raw)
        if fault:
            problems.append(Problem(name, letters[name], *fault))
    status = "bad" if problems else "new"
    return RosterRow(row.line, cells, problems, status, {}, letters)


def _original_line(row: Row, index: int | None) -> int:
    """Return the line that a corrected row names, 0 when it names none."""
    if index is None or index >= len(row.cells):
        return 0
    text = str(row.cells[index]).strip()
    return int(float(text)) if re.fullmatch(r"[0-9]{1,7}(\.0)?", text) else 0


def _read_cell(name: str, raw: Cell) -> tuple[str, tuple[str, dict] | None]:
    """Return `(text, None)`, or the text as typed and `(code, facts)`."""
    if not isinstance(raw, str):
        raw, fault = _number(raw)
        if fault:
            return raw, fault
    if raw.isdecimal() and raw.isascii():
        return _checked(name, raw)
    if raw.lstrip(" \u3000").startswith(FORMULA_STARTS):
        return _shown(raw), ("formula", {})
    text = _clean(raw)
    if not text:
        return "", ("missing", {}) if name in REQUIRED else None
    if name in NUMBERS and SCIENTIFIC.match(text):
        return text, ("precision_lost", {})
    if CONTROL.search(text):
        return _shown(text), ("control", {})
    return _checked(name, text)


def _number(raw: Cell) -> tuple[str, tuple[str, dict] | None]:
    if isinstance(raw, bool | tuple):
        return str(raw[0] if isinstance(raw, tuple) else raw), ("not_text", {})
    if raw != raw or raw in INFINITE or raw != int(raw):  # noqa: PLR0124 - not a number
        return str(raw), ("not_text", {})
    if abs(raw) >= PRECISE:
        return f"{raw:.15g}", ("precision_lost", {})
    return str(int(raw)), None


def _checked(name: str, text: str) -> tuple[str, tuple[str, dict] | None]:
    fault = None
    if name == "id_number":
        text = normalise(text)
        fault = _id_fault(text)
    elif name == "ticket_number":
        text = normalise_ticket(text)
        fault = None if TICKET_SHAPE.match(text) else ("ticket_shape", {})
    elif name == "phone":
        digits = text if text.isdecimal() else re.sub(r"[\s()-]", "", text)
        fault = None if PHONE_SHAPE.match(digits) else ("phone_shape", {})
        text = text if fault else digits
    elif name == "email":
        fault = None if _is_email(text) else ("email_shape", {})
    limit = LIMITS[name]
    if not fault and len(text) > limit:
        fault = ("too_long", {"limit": limit, "length": len(text)})
    return text[:SHOWN_LENGTH] if fault else text, fault


def _is_email(text: str) -> bool:
    if EMAIL_SHAPE.fullmatch(text):
        return True  # as nearly all are
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _id_fault(text: str) -> tuple[str, dict] | None:
    if not ID_SHAPE.match(text):
        return "id_shape", {"length": len(text)}
    return None if valid_id_number(text) else ("id_check", {})


def _clean(text: str) -> str:
    if text.isprintable() and unicodedata.is_normalized("NFKC", text):
        return text.strip()
    return unicodedata.normalize("NFKC", text).translate(INVISIBLE).strip()


def _shown(raw: Cell) -> str:
    # As typed, in one line and printable, so that a sheet can hand it back.
    text = "".join(c if c.isprintable() else "·" for c in str(raw)[:SHOWN_LENGTH])
    return text.strip()
