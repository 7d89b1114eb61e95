"""A column taken as a whole is read as its cells would be, one by one."""

import pytest

from candidates.domain import roster_rows
from candidates.domain.roster_columns import PLAIN, plain_column
from candidates.domain.roster_file import Row
from tests.builders.rosters import make_id_number

CELLS = [
    *("", " ", "王浩然", " 王", "王 浩", "A1", "a1", "1E5", "E15", "00012", "１２"),
    *("=1", "+86", "-", "＝1", "x\ty", "a\nb", "a\u200bb", "e\u0301", "é", "a\\b"),
    *("13800001234", "138", "138 0000 1234", "a@b.cn", "+a@b.cn", "a@b", "A@B.CN "),
    *(make_id_number(7), make_id_number(7).lower(), "11010519491331002X", "0" * 18),
    *("x" * 61, "x" * 121, "1" * 41, 7, 7.0, 7.5, -7, 1e15, 1e300, True, None),
    *(float("inf"), float("nan"), ("2030-05-20",)),
]


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_column_taken_as_a_whole_says_what_each_cell_says(cell):
    for name in (*PLAIN, "id_number"):
        taken = plain_column(name, [cell])

        if taken is not None:
            assert (taken[0], None) == roster_rows._read_cell(name, cell)


def test_most_plain_cells_are_taken_as_a_whole():
    plain = {
        "ticket_number": "2030000001",
        "name": "王浩然",
        "id_number": make_id_number(7),
        "phone": "13800001234",
        "email": "a@example.org",
        "post": "",
        "room": 3.0,
    }

    found = {name: plain_column(name, [cell]) for name, cell in plain.items()}

    assert found == {**{name: [cell] for name, cell in plain.items()}, "room": ["3"]}


def test_odd_cell_spoils_itself_and_nothing_beside_it():
    people = [
        [f"A{number}", "王", make_id_number(number), ""] for number in range(1, 1200)
    ]
    people[700][2] = "12345"
    header = ["ticket_number", "name", "id_number", "phone"]
    table = [Row(line, cells) for line, cells in enumerate([header, *people], start=1)]

    rows = list(roster_rows.parse_rows(table))

    assert [row.line for row in rows if row.problems] == [702]
    assert [list(row.cells.values()) for row in rows] == people
    assert rows[700].problems[0].code == "id_shape"
