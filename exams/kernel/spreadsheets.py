"""Tables as files that a spreadsheet opens and never calculates with.

A cell that would be a formula, or becomes one when it is saved again (`=`, `+`, `-`,
`@`, their full-width forms, a tab or a line break in front), is text in both formats:
with a leading apostrophe in CSV, with the quote mark of the format itself in .xlsx.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO

from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from exams.kernel.errors import Refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
# What XML cannot hold; a table never needs it.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
BEGINNINGS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
# White space in front is trimmed by some programs before they look.
BLANKS = " \t\r\n\x0b\x0c\xa0\u3000\u200b\ufeff"
MOST_TEXT = 32_767
MOST_ROWS = 200_000

Cell = str | int | Decimal | None


class TooManyRows(Refusal):
    """Facts: `most`. Nothing was written."""

    code = "too_many_rows"
    status = 422
    message = _("The list has more than %(most)s rows. Filter it, then export.")


def is_formula(text: str) -> bool:
    """Return whether a program could take the text for something to calculate."""
    return text.startswith(BEGINNINGS) or text.lstrip(BLANKS).startswith(BEGINNINGS)


def write_table(
    file: IO[bytes], kind: str, *, columns: Sequence[str], rows: Iterable[Sequence]
) -> int:
    """Write a table as `csv` or `xlsx` and return how many rows it has.

    Rows are taken one by one. Cells are text, whole or exact numbers, or None. Raises
    `TooManyRows` above `MOST_ROWS`; what the file holds then is of no use.
    """
    counted = _Counted(rows)
    if kind == "csv":
        _write_csv(file, columns, counted)
    else:
        _write_xlsx(file, columns, counted)
    return counted.count


class _Counted:
    def __init__(self, rows: Iterable[Sequence]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Sequence]:
        for row in self._rows:
            self.count += 1
            if self.count > MOST_ROWS:
                raise TooManyRows(most=MOST_ROWS)
            yield row


def _write_csv(file: IO[bytes], columns: Sequence[str], rows: Iterable) -> None:
    # With a byte order mark a spreadsheet reads Chinese as what it is.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    for row in _with_head(columns, rows):
        writer.writerow([_csv_cell(cell) for cell in row])
    text.detach()


def _write_xlsx(file: IO[bytes], columns: Sequence[str], rows: Iterable) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in _with_head(columns, rows):
        sheet.append([_xlsx_cell(sheet, cell) for cell in row])
    book.save(file)


def _with_head(columns: Sequence[str], rows: Iterable) -> Iterator[Sequence]:
    yield columns
    yield from rows


def _csv_cell(value: Cell) -> Cell:
    if not isinstance(value, str):
        return value
    text = _plain(value)
    return f"'{text}" if is_formula(text) else text


def _xlsx_cell(sheet: object, value: Cell) -> object:
    if not isinstance(value, str):
        return value
    text = _plain(value)
    if not is_formula(text):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    # The library takes a leading `=` for a formula; as a string it is none, and the
    # quote mark keeps it one when somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _plain(text: str) -> str:
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)[:MOST_TEXT]
