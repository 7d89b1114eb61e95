"""Files that a spreadsheet opens and never calculates with."""

import csv
import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from exams.kernel import spreadsheets
from exams.kernel.spreadsheets import TooManyRows, write_table

FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM"),
    *(
        "\t=1",
        "\r=1",
        "\n=1",
        "\tx",
        " =1",
        "\u3000=1",
        "\ufeff=1",
        "=cmd|' /C calc'!A0",
    ),
]
PLAIN = ["王浩然", "A-1", "1=1", "'=1", "—", "", "0012", "a\nb", "a,b", '"x"']


def written(kind, rows, columns=("a",)):
    file = io.BytesIO()
    count = write_table(file, kind, columns=columns, rows=rows)
    file.seek(0)
    return count, file


def csv_cells(rows):
    _count, file = written("csv", rows)
    text = file.read().decode("utf-8-sig")
    return [row[0] if row else "" for row in csv.reader(io.StringIO(text, newline=""))][
        1:
    ]


def xlsx_cells(rows):
    _count, file = written("xlsx", rows)
    return [row[0] for row in load_workbook(file).active.iter_rows(min_row=2)]


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_text_in_both_formats(text):
    (cell,) = xlsx_cells([[text]])

    assert csv_cells([[text]]) == [f"'{text}"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_unchanged(text):
    assert csv_cells([[text]]) == [text]
    assert [cell.value or "" for cell in xlsx_cells([[text]])] == [text]


def test_formula_in_a_heading_is_text_too():
    _count, file = written("csv", [], columns=["=a"])
    assert file.read() == '\ufeff"\'=a"\r\n'.encode()
    _count, file = written("xlsx", [], columns=["=a"])
    assert load_workbook(file).active["A1"].data_type == "s"


def test_numbers_stay_numbers():
    assert csv_cells([[-3], [Decimal("80.50")]]) == ["-3", "80.50"]
    assert [cell.data_type for cell in xlsx_cells([[-3], [Decimal("80.5")]])] == [
        "n",
        "n",
    ]


def test_characters_that_no_sheet_can_hold_are_replaced():
    assert csv_cells([["a\x00b\ud800"]]) == ["a\ufffdb\ufffd"]
    assert [cell.value for cell in xlsx_cells([["a\x0bb"]])] == ["a\ufffdb"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_list_above_the_cap_is_refused(monkeypatch, kind):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)

    assert written(kind, [["x"]] * 3)[0] == 3
    with pytest.raises(TooManyRows):
        written(kind, [["x"]] * 4)
