"""A roster of any size, with errors planted where the test knows them."""

import io
import zipfile

from openpyxl import Workbook, load_workbook
from PIL import Image

from config.pages.demo import id_number

HEADINGS = ("准考证号", "姓名", "身份证号", "手机号", "邮箱", "报考岗位")
COLUMNS = {"ticket": 0, "name": 1, "id": 2, "phone": 3, "email": 4, "post": 5}
FAMILY, GIVEN = "王李张刘陈杨黄赵周吴", "伟芳娜秀英敏静丽强磊军洋勇艳杰"
# Row of the sheet, column, what stands there instead of the truth, and the cells that
# are refused for it: of two equal ticket numbers both are.
ERRORS = (
    (40, "ticket", None, ("A39", "A40")),
    (150, "id", "12345", ("C150",)),
    (333, "id", "110101197001010000", ("C333",)),
    (500, "phone", "0000", ("D500",)),
    (501, "email", "not-an-address", ("E501",)),
    (720, "name", "", ("B720",)),
    (999, "ticket", "=1+1", ("A999",)),
)
PLACES = {place for *_, places in ERRORS for place in places}


def sound_rows(count: int, *, first: int = 0) -> list[list[str]]:
    """Return made-up people, the same ones every time."""
    return [
        [
            f"2027{n:08d}",
            FAMILY[n % 10] + GIVEN[n // 10 % 15] + GIVEN[n * 7 % 15],
            id_number(n),
            f"139{n:08d}",
            f"candidate{n}@example.org",
            f"岗位{n % 17 + 1:02d}",
        ]
        for n in range(first, first + count)
    ]


def with_errors(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows with every planted error; row 2 of the sheet is the first."""
    spoilt = [list(row) for row in rows]
    for line, column, wrong, _places in ERRORS:
        above = spoilt[line - 3][COLUMNS[column]]
        spoilt[line - 2][COLUMNS[column]] = above if wrong is None else wrong
    return spoilt


def sheet_of(rows: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rows_of(sheet: bytes) -> list[tuple]:
    """Return all rows of a downloaded sheet, with its headings."""
    return list(load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))


def corrected(sheet: bytes, truth: list[list[str]]) -> bytes:
    """Return the sheet of bad rows with the true cells put where they belong."""
    book = load_workbook(io.BytesIO(sheet))
    for row in book.active.iter_rows(min_row=2):
        line = int(row[0].value)
        for cell, true in zip(row[1:], truth[line - 2], strict=False):
            cell.value = true
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def photos_of(tickets: list[str]) -> bytes:
    """Return an archive with one picture for each name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, ticket in enumerate(tickets):
            picture = io.BytesIO()
            colour = (90 + 40 * number, 120, 160)
            Image.new("RGB", (295, 413), colour).save(picture, "JPEG")
            archive.writestr(f"{ticket}.jpg", picture.getvalue())
    return buffer.getvalue()
