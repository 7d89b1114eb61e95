"""Roster files: bytes to a table of plain cells, or one clear refusal.

Pure: reads bytes, writes nothing, knows no person and no database. Caps are checked
before anything is parsed, so that a small hostile file cannot cost minutes (E9,
AC-48). Formulas are never evaluated: their places are handed on, to be refused.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from exams.kernel.errors import Refusal

MAX_ROWS = 100_000
MAX_COLUMNS = 64
MAX_CELLS = 1_200_000
MAX_ENTRIES = 200
MAX_RATIO = 50
MAX_UNPACKED = 256 * 2**20
ENCODINGS = ("utf-8-sig", "gb18030")
PRINTABLE = bytes({9, 10, 13, *range(32, 256)})
# Text enough to be taken for a table, and none.
OTHER_KINDS = (b"%pdf-", b"{\\rtf", b"<html", b"<!doctype html", b"<?xml")
DELIMITERS = (",", "\t", ";", "|", "，")

Cell = str | int | float | bool | date | datetime | time | timedelta


class RosterUnreadable(Refusal):
    """The file as a whole cannot be taken; nothing of it was kept."""

    code = "roster_unreadable"
    status = 422
    message = _("This file cannot be read as a roster.")


class WrongType(RosterUnreadable):
    code = "roster_wrong_type"
    message = _("Only .xlsx and .csv files are rosters; this file is something else.")


class TooLarge(RosterUnreadable):
    code = "roster_too_large"
    status = 413
    message = _("The file is too large: at most %(limit)s %(unit)s.")


class Suspicious(RosterUnreadable):
    code = "roster_suspicious"
    message = _("The file unpacks to far more than its size. It was not opened.")


class Empty(RosterUnreadable):
    code = "roster_empty"
    message = _("The first sheet is empty: it needs a header and at least one row.")


class Locked(RosterUnreadable):
    code = "roster_locked"
    message = _("The file has a password. Save it without one and upload it again.")


class UnknownEncoding(RosterUnreadable):
    code = "roster_unknown_encoding"
    message = _("The text encoding is unknown. Save the file as CSV UTF-8 or .xlsx.")


@dataclass(frozen=True)
class Row:
    """One line as it stands in the file; `formulas` are column indexes from 0."""

    line: int
    cells: list[Cell]
    formulas: frozenset[int] = field(default_factory=frozenset)


def read_rows(data: bytes) -> list[Row]:
    """Return the non-empty lines of the first sheet, in order, with line numbers.

    The kind of file is found from its bytes, never from its name. Raises a
    `RosterUnreadable` that says what is wrong with the file as a whole.
    """
    if len(data) > settings.ROSTER_MAX_BYTES:
        raise TooLarge(limit=settings.ROSTER_MAX_BYTES // 2**20, unit="MB")
    if not data.strip():
        raise Empty
    if data.startswith(b"PK\x03\x04"):
        rows = _workbook_rows(data)
    elif data.lstrip()[:20].lower().startswith(OTHER_KINDS):
        raise WrongType
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_text(data):
        rows = _text_rows(_decoded(data))
    else:
        # The old binary format, whose encrypted sibling is what a password makes.
        raise Locked if b"E\0n\0c\0r\0y\0p\0t\0e\0d" in data else WrongType
    kept = [row for row in _capped(rows) if any(cell != "" for cell in row.cells)]
    if len(kept) < 2:  # noqa: PLR2004 - a header and one row
        raise Empty
    return kept


def column_letter(index: int) -> str:
    """Return the letters that a spreadsheet shows over column `index` (from 0)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _capped(rows: Iterator[Row]) -> Iterator[Row]:
    cells = 0
    for count, row in enumerate(rows):
        width = len(row.cells)
        cells += width
        if count > MAX_ROWS:
            raise TooLarge(limit=MAX_ROWS, unit=_("rows"))
        if width > MAX_COLUMNS and any(cell != "" for cell in row.cells[MAX_COLUMNS:]):
            raise TooLarge(limit=MAX_COLUMNS, unit=_("columns"))
        if cells > MAX_CELLS:
            raise TooLarge(limit=MAX_CELLS, unit=_("cells"))
        yield row


# --- text -------------------------------------------------------------------------


def _looks_like_text(data: bytes) -> bool:
    head = data[:65_536]
    if b"\0" in head:
        return _looks_like_utf16(head)
    return not head.translate(None, delete=PRINTABLE)


def _looks_like_utf16(head: bytes) -> bool:
    # Without a mark: separators and digits have a zero byte, always on one side.
    sides = sorted((head[0::2].count(0), head[1::2].count(0)))
    return sides[0] * 20 < sides[1] > len(head) / 40


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ("utf-16",)
    elif b"\0" in data[:65_536]:
        even = data[0::2].count(0)
        names = ("utf-16-be" if even > data[1::2].count(0) else "utf-16-le",)
    else:
        names = ENCODINGS
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnknownEncoding


def _text_rows(text: str) -> Iterator[Row]:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    previous = 0
    try:
        for cells in reader:
            # The line on which the record begins, as an editor would number it.
            yield Row(line=previous + 1, cells=list(cells))
            previous = reader.line_num
    except csv.Error as error:
        raise RosterUnreadable from error


# --- workbooks --------------------------------------------------------------------


def _workbook_rows(data: bytes) -> Iterator[Row]:
    formulas = _formula_places(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheet = book.get_sheet_by_index(0)
            # From A1 on, so that an index is a line and a column of the file.
            rows = sheet.to_python(skip_empty_area=False) if sheet.start else []
    except PasswordError as error:
        raise Locked from error
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise WrongType from error
    for line, cells in enumerate(rows, start=1):
        yield Row(line=line, cells=cells, formulas=formulas.get(line, frozenset()))


def _formula_places(data: bytes) -> dict[int, frozenset[int]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive, len(data))
            sheet = archive.read(_first_sheet(archive))
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError) as error:
        raise WrongType from error
    except (zipfile.LargeZipFile, EOFError, OSError) as error:
        raise RosterUnreadable from error
    if b"<!DOCTYPE" in sheet or b"<!ENTITY" in sheet:
        raise Suspicious
    _check_extent(sheet)
    return _formulas_in(sheet)


def _check_archive(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise Suspicious
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, 2**16):
        raise Suspicious
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise WrongType
    if archive.testzip():
        # An entry that unpacks to other bytes than it states: sizes cannot be trusted.
        raise Suspicious


def _first_sheet(archive: zipfile.ZipFile) -> str:
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    first = re.search(r"<(?:\w+:)?sheet\b[^>]*?\br:id=\"([^\"]+)\"", book)
    if not first:
        raise WrongType
    for link in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        if re.search(rf"\bId=\"{re.escape(first[1])}\"", link):
            target = re.search(r"\bTarget=\"([^\"]+)\"", link)
            if target:
                path = target[1].lstrip("/")
                return path if path.startswith("xl/") else f"xl/{path}"
    raise WrongType


CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>\s*<(?:\w+:)?f[\s/>]"
)


def _check_extent(sheet: bytes) -> None:
    # Two cells in far corners would make the reader allocate the whole grid.
    places = CELL.findall(sheet)
    if not places:
        return
    height = max(map(int, {line for _letters, line in places}))
    width = 1 + max(_column_index(name.decode()) for name in {p[0] for p in places})
    if height > MAX_ROWS + 1:
        raise TooLarge(limit=MAX_ROWS, unit=_("rows"))
    if width > MAX_COLUMNS:
        raise TooLarge(limit=MAX_COLUMNS, unit=_("columns"))
    if height * width > MAX_CELLS:
        raise TooLarge(limit=MAX_CELLS, unit=_("cells"))


def _formulas_in(sheet: bytes) -> dict[int, frozenset[int]]:
    places: dict[int, set[int]] = {}
    found = 0
    for letters, line in FORMULA_CELL.findall(sheet):
        found += 1
        places.setdefault(int(line), set()).add(_column_index(letters.decode()))
    if found != len(FORMULA.findall(sheet)):
        # A formula without an address could not be named, so it could slip through.
        raise Suspicious
    return {line: frozenset(columns) for line, columns in places.items()}


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
