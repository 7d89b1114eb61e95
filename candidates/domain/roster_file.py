"""Roster files: bytes to lines of plain cells, or one clear refusal.

Pure: reads bytes, writes nothing, knows no person and no database. Caps are checked
before anything is parsed, so that a small hostile file cannot cost minutes (E9,
AC-48).
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings

from candidates.domain.roster_errors import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Deadline,
    Empty,
    Locked,
    RosterUnreadable,
    TooLarge,
    UnknownEncoding,
    WrongType,
)
from candidates.domain.roster_workbook import workbook_rows

ENCODINGS = ("utf-8-sig", "gb18030")
PRINTABLE = bytes({9, 10, 13, *range(32, 256)})
# Text enough to be taken for a table, and none.
OTHER_KINDS = (b"%pdf-", b"{\\rtf", b"<html", b"<!doctype html", b"<?xml")
DELIMITERS = (",", "\t", ";", "|", "，")
HEAD = 65_536
MAX_RECORD = 2**18  # characters between two ends of a record
LOOK_EVERY = 1000

# A date, a time or a duration of a workbook is `(text,)`.
Cell = str | int | float | bool | tuple[str]


class Row(NamedTuple):
    """One line as it stands in the file; `formulas` are column indexes from 0."""

    line: int
    cells: list[Cell]
    formulas: frozenset[int] = frozenset()


def read_rows(data: bytes) -> Iterator[Row]:
    """Yield the non-empty lines of the first visible sheet, with line numbers.

    The kind of file is found from its bytes, never from its name. Raises a
    `RosterUnreadable` that says what is wrong with the file as a whole: for most
    before the first line, for a cap at the line that passes it.
    """
    if len(data) > settings.ROSTER_MAX_BYTES:
        raise TooLarge(limit=settings.ROSTER_MAX_BYTES // 2**20, unit="MB")
    head = data[:HEAD]
    if not head.strip() and not data.strip():
        raise Empty
    deadline = Deadline()
    if data.startswith(b"PK\x03\x04"):
        rows = (Row(*row) for row in workbook_rows(data, deadline))
    elif head.lstrip()[:20].lower().startswith(OTHER_KINDS):
        raise WrongType
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_text(head):
        rows = _text_rows(data, _encoding(data))
    else:
        # The old binary format, whose encrypted sibling is what a password makes.
        raise Locked if b"E\0n\0c\0r\0y\0p\0t\0e\0d" in data else WrongType
    return _kept(rows, deadline)


def column_letter(index: int) -> str:
    """Return the letters that a spreadsheet shows over column `index` (from 0)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _kept(rows: Iterator[Row], deadline: Deadline) -> Iterator[Row]:
    cells = kept = 0
    for count, row in enumerate(rows):
        width = len(row.cells)
        cells += width
        if count > MAX_ROWS:
            raise TooLarge(limit=MAX_ROWS, unit=TooLarge.ROWS)
        if width > MAX_COLUMNS and any(cell != "" for cell in row.cells[MAX_COLUMNS:]):
            raise TooLarge(limit=MAX_COLUMNS, unit=TooLarge.COLUMNS)
        if cells > MAX_CELLS:
            raise TooLarge(limit=MAX_CELLS, unit=TooLarge.CELLS)
        if count % LOOK_EVERY == 0:
            deadline.check()
        if any(row.cells) or any(cell != "" for cell in row.cells):
            kept += 1
            yield row
    if kept < 2:  # noqa: PLR2004 - a header and one row
        raise Empty


def _looks_like_text(head: bytes) -> bool:
    if b"\0" in head:
        return _looks_like_utf16(head)
    return not head.translate(None, delete=PRINTABLE)


def _looks_like_utf16(head: bytes) -> bool:
    # Without a mark: separators and digits have a zero byte, always on one side.
    sides = sorted((head[0::2].count(0), head[1::2].count(0)))
    return sides[0] * 20 < sides[1] > len(head) / 40


def _encoding(data: bytes) -> str:
    """Return the first encoding in which all of the data is text."""
    head = data[:HEAD]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ("utf-16",)
    elif b"\0" in head:
        even = head[0::2].count(0)
        names = ("utf-16-be" if even > head[1::2].count(0) else "utf-16-le",)
    else:
        names = ENCODINGS
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return name
    raise UnknownEncoding


def _text_rows(data: bytes, encoding: str) -> Iterator[Row]:
    lines = _Lines(io.TextIOWrapper(io.BytesIO(data), encoding, newline=""))
    reader = csv.reader(lines, delimiter=lines.delimiter)
    previous = 0
    try:
        for cells in reader:
            # The line on which the record begins, as an editor would number it.
            yield Row(previous + 1, cells)
            previous = reader.line_num
            lines.record = 0
    except csv.Error as error:
        raise RosterUnreadable from error


class _Lines:
    """The lines of a text; refuses a record that would fill the memory."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        head = text.read(HEAD).lstrip("\r\n").split("\n", 1)[0]
        text.seek(0)
        self.delimiter = max(DELIMITERS, key=head.count)
        self.record = 0
        self._text = text

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_RECORD + 1)
        self.record += len(line)
        if self.record > MAX_RECORD:
            raise TooLarge(limit=MAX_COLUMNS, unit=TooLarge.COLUMNS)
        if not line:
            raise StopIteration
        return line
