"""Roster rows: what each cell means, and every problem of every cell.

Pure: a table comes in, rows with their problems go out; nothing is read or written
elsewhere. A problem is a code and its facts, so that the preview can say it in the
reader's language. All problems of all rows are found, never only the first.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from candidates.domain.people import normalise, normalise_ticket, valid_id_number
from candidates.domain.roster_file import Cell, RosterUnreadable, Row, column_letter

REQUIRED = ("ticket_number", "name", "id_number")
FIELDS = (*REQUIRED, "phone", "email", "post", "room")
LIMITS = {
    "ticket_number": 40,
    "name": 80,
    "id_number": 18,
    "phone": 20,
    "email": 120,
    "post": 120,
    "room": 60,
}
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
    "email": "电子邮箱 邮箱 电子邮件 邮箱地址 email emailaddress mail mailaddress",
    "post": (
        "报考岗位 岗位 岗位名称 报考职位 职位 职位名称 post position job jobtitle"
    ),
    "room": "考场 考场名称 考场号 room roomname examroom group groupno",
}
SYNONYMS = {word: name for name, words in HEADERS.items() for word in words.split()}
HEADER_LINES = 10
PRECISE = 10**15  # a spreadsheet keeps 15 digits of a number
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d{1,3}$")
ID_SHAPE = re.compile(r"^\d{17}[\dX]$")
TICKET_SHAPE = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_/.-]*$")
# One address of plain letters: what a mail server surely takes, and no header breaks.
EMAIL_SHAPE = re.compile(
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
)
PHONE_SHAPE = re.compile(r"^\d{7,15}$")
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


@dataclass(frozen=True)
class Problem:
    """One reason against one cell: `field`, its column letter, a code, its facts."""

    field: str
    column: str
    code: str
    facts: dict = field(default_factory=dict)


@dataclass
class RosterRow:
    """One line: its normalised cells (as typed where they are bad), its problems.

    `status` is new, changed, same or bad; `changes` is `{field: [old, new]}`;
    `letters` are the columns of the fields, as a spreadsheet names them.
    """

    line: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    status: str = "new"
    changes: dict[str, list[str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict) -> "RosterRow":
        problems = [Problem(**problem) for problem in raw["problems"]]
        return cls(**{**raw, "problems": problems})


def parse_rows(table: list[Row]) -> list[RosterRow]:
    """Return every line below the header with all its problems.

    Raises `MissingColumns` or `RepeatedColumns`, which name the columns. Columns
    that mean nothing to a roster are left alone.
    """
    at = _header_place(table)
    columns = _columns(table[at])
    letters = {name: column_letter(index) for name, index in columns.items()}
    rows = [_parse(row, columns, letters) for row in table[at + 1 :]]
    _find_twins(rows, "ticket_number")
    _find_twins(rows, "id_number")
    for row in rows:
        if row.problems:
            row.status = "bad"
    return rows


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
    found = {name: found[name] for name in FIELDS if name in found}
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


def _parse(row: Row, columns: dict[str, int], letters: dict[str, str]) -> RosterRow:
    cells, problems = {}, []
    for name, index in columns.items():
        raw = row.cells[index] if index < len(row.cells) else ""
        if index in row.formulas:
            cells[name], fault = _shown(raw), ("formula", {})
        else:
            cells[name], fault = _read_cell(name, raw)
        if fault:
            code, facts = fault
            problems.append(Problem(name, letters[name], code, facts))
    return RosterRow(row.line, cells, problems, letters=letters)


def _read_cell(name: str, raw: Cell) -> tuple[str, tuple[str, dict] | None]:
    """Return `(text, None)`, or the text as typed and `(code, facts)`."""
    if isinstance(raw, bool | date | datetime | time | timedelta):
        return str(raw), ("not_text", {})
    if isinstance(raw, int | float):
        if raw != int(raw):
            return str(raw), ("not_text", {})
        if abs(raw) >= PRECISE:
            return f"{raw:.15g}", ("precision_lost", {})
        raw = str(int(raw))
    if raw.lstrip(" \u3000").startswith(FORMULA_STARTS):
        return _shown(raw), ("formula", {})
    text = _clean(raw)
    if not text:
        return "", ("missing", {}) if name in REQUIRED else None
    if name in {"ticket_number", "id_number", "phone"} and SCIENTIFIC.match(text):
        return text, ("precision_lost", {})
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        return _shown(text), ("control", {})
    return _checked(name, text)


def _checked(name: str, text: str) -> tuple[str, tuple[str, dict] | None]:
    if name == "ticket_number":
        text = normalise_ticket(text)
        fault = None if TICKET_SHAPE.match(text) else ("ticket_shape", {})
    elif name == "id_number":
        text = normalise(text)
        fault = _id_fault(text)
    elif name == "phone":
        digits = re.sub(r"[\s()-]", "", text)
        fault = None if PHONE_SHAPE.match(digits) else ("phone_shape", {})
        text = text if fault else digits
    elif name == "email":
        fault = None if EMAIL_SHAPE.match(text) else ("email_shape", {})
    else:
        fault = None
    limit = LIMITS[name]
    if not fault and len(text) > limit:
        return text[:limit], ("too_long", {"limit": limit, "length": len(text)})
    return text, fault


def _id_fault(text: str) -> tuple[str, dict] | None:
    if not ID_SHAPE.match(text):
        return "id_shape", {"length": len(text)}
    return None if valid_id_number(text) else ("id_check", {})


def _clean(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(INVISIBLE)
    return " ".join(folded.split(" ")).strip()


def _shown(raw: Cell) -> str:
    # What the preview may repeat: one line, printable, short.
    text = "".join(c if c.isprintable() else "·" for c in str(raw))
    return text.strip()[:60]


def _find_twins(rows: list[RosterRow], name: str) -> None:
    places = defaultdict(list)
    for row in rows:
        sound = all(problem.field != name for problem in row.problems)
        if sound and row.cells[name]:
            places[row.cells[name]].append(row)
    for twins in places.values():
        if len(twins) == 1:
            continue
        for row in twins:
            other = twins[0] if row is not twins[0] else twins[1]
            facts = {"line": other.line}
            row.problems.append(Problem(name, row.letters[name], "twin", facts))
