"""Cells and their problems, line by line and column by column."""

import pytest

from candidates.domain.roster_file import Row
from candidates.domain.roster_parts import pack, unpack
from candidates.domain.roster_rows import (
    FIELDS,
    MissingColumns,
    Problem,
    RepeatedColumns,
    RosterRow,
    Twins,
    parse_rows,
)
from tests.builders.rosters import HEADER, make_id_number, make_people, make_person


def parse(*people, header=HEADER):
    lines = [Row(line, list(cells)) for line, cells in enumerate((header, *people), 1)]
    return with_twins(lines)


def with_twins(table):
    rows, twins = list(parse_rows(table)), Twins()
    for row in rows:
        twins.look(row)
    for row in rows:
        twins.mark_first(row)
    return rows


def problems(**cells):
    return parse(make_person(1, **cells))[0].problems


def test_sound_line_has_its_fields_and_no_problem():
    row = parse(make_person(7))[0]

    assert row == RosterRow(
        line=2,
        cells={
            "ticket_number": "2030000007",
            "name": "考生7",
            "id_number": make_id_number(7),
            "phone": "13800000007",
            "post": "综合管理",
            "room": "第2考场",
        },
        problems=[],
        status="new",
        changes={},
        letters=dict(zip((*FIELDS[:4], *FIELDS[5:]), "ABCDEF", strict=True)),
    )


@pytest.mark.parametrize("head", ["电子邮箱", "邮箱", "E-mail", "Email address"])
def test_email_is_read_under_its_names_in_both_languages(head):
    header = (*HEADER, head)
    row = parse([*make_person(7), "Lin.Zhiyuan+kw@Example.org "], header=header)[0]

    assert (row.cells["email"], row.problems) == ("Lin.Zhiyuan+kw@Example.org", [])


@pytest.mark.parametrize(
    "text", ["lin", "lin@", "@example.org", "a b@example.org", "a@b", "林@例子.公司"]
)
def test_cell_that_is_no_email_address_is_named(text):
    row = parse([*make_person(7), text], header=(*HEADER, "email"))[0]

    found = [(one.field, one.column, one.code) for one in row.problems]
    expected = "formula" if text.startswith("@") else "email_shape"
    assert found == [("email", "G", expected)]


def test_full_width_digits_and_small_x_are_folded():
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    row = parse(
        make_person(
            1,
            ticket_number="２０３０ ０００ａ ",
            id_number="11010519491231002x".translate(wide),
            phone=" 138-0000 0001",
            name="\u3000张\u200b三 ",
        )
    )[0]

    assert row.problems == []
    assert row.cells["ticket_number"] == "2030000A"
    assert row.cells["id_number"] == "11010519491231002X"
    assert row.cells["phone"] == "13800000001"
    assert row.cells["name"] == "张三"


@pytest.mark.parametrize(
    "header",
    [
        ("Ticket number", "Name", "ID number", "Phone", "Post", "Room"),
        (
            "准考证号码*",
            "考生姓名",
            "身份证号（必填）",
            "联系电话",
            "职位名称",
            "考场号",
        ),
        ("ticket_no", "NAME", "id_no", "mobile", "position", "group_no"),
    ],
)
def test_header_words_of_both_languages_mean_the_same(header):
    assert parse(make_person(1), header=header) == parse(make_person(1))


def test_title_above_the_header_and_unknown_columns_are_passed_over():
    table = [
        Row(1, ["2030年面试名册"]),
        Row(3, ["备注", "身份证号", "准考证号", "姓名"]),
        Row(4, ["无", make_id_number(1), "20300001", "张三"]),
    ]

    rows = with_twins(table)

    assert [(row.line, row.cells) for row in rows] == [
        (
            4,
            {
                "ticket_number": "20300001",
                "name": "张三",
                "id_number": make_id_number(1),
            },
        )
    ]


def test_missing_columns_are_named():
    with pytest.raises(MissingColumns) as refusal:
        parse(["1", "2"], header=("姓名", "手机号"))

    assert refusal.value.facts == {
        "columns": "准考证号 (ticket number), 身份证号 (id number)",
        "line": 1,
        "header": "姓名, 手机号",
    }


def test_two_columns_of_one_meaning_are_named():
    with pytest.raises(RepeatedColumns) as refusal:
        parse(["1", "2"], header=("姓名", "考生姓名"))

    assert refusal.value.facts == {"columns": "姓名, 考生姓名"}


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"ticket_number": ""}, Problem("ticket_number", "A", "missing")),
        ({"name": "  "}, Problem("name", "B", "missing")),
        ({"id_number": ""}, Problem("id_number", "C", "missing")),
        ({"id_number": "12345"}, Problem("id_number", "C", "id_shape", {"length": 5})),
        (
            {"id_number": "110101199013010010"},
            Problem("id_number", "C", "id_check"),
        ),
        (
            {"id_number": "110105194912310021"},
            Problem("id_number", "C", "id_check"),
        ),
        (
            {"id_number": 1.10105194912310e17},
            Problem("id_number", "C", "precision_lost"),
        ),
        ({"id_number": "1.10105E+17"}, Problem("id_number", "C", "precision_lost")),
        ({"ticket_number": 2.03e15}, Problem("ticket_number", "A", "precision_lost")),
        (
            {"ticket_number": "2.03E+15"},
            Problem("ticket_number", "A", "precision_lost"),
        ),
        ({"ticket_number": "张三"}, Problem("ticket_number", "A", "ticket_shape")),
        (
            {"ticket_number": "1" * 41},
            Problem("ticket_number", "A", "too_long", {"limit": 40, "length": 41}),
        ),
        ({"name": ("2030-01-01",)}, Problem("name", "B", "not_text")),
        ({"name": True}, Problem("name", "B", "not_text")),
        ({"room": 1.5}, Problem("room", "F", "not_text")),
        ({"name": "张\x07三"}, Problem("name", "B", "control")),
        ({"phone": "0000"}, Problem("phone", "D", "phone_shape")),
        (
            {"post": "x" * 121},
            Problem("post", "E", "too_long", {"limit": 120, "length": 121}),
        ),
    ],
)
def test_bad_cell_is_named_by_column_and_reason(cells, problem):
    assert problems(**cells) == [problem]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " ="]
)
@pytest.mark.parametrize(
    ("field", "column"), [("name", "B"), ("phone", "D"), ("post", "E")]
)
def test_text_that_a_spreadsheet_would_run_is_refused(start, field, column):
    assert problems(**{field: f"{start}1+1"}) == [Problem(field, column, "formula")]


def test_formula_cell_is_refused_whatever_it_shows():
    table = [
        Row(1, list(HEADER)),
        Row(2, make_person(1), formulas=frozenset({3})),
    ]

    assert next(parse_rows(table)).problems == [Problem("phone", "D", "formula")]


def test_whole_numbers_of_a_spreadsheet_are_texts():
    row = parse(make_person(1, ticket_number=20300001.0, phone=13800000001, room=7.0))[
        0
    ]

    assert row.problems == []
    assert (row.cells["ticket_number"], row.cells["phone"], row.cells["room"]) == (
        "20300001",
        "13800000001",
        "7",
    )


def test_twins_are_named_on_both_lines():
    people = make_people(4)
    people[2][0] = people[0][0]
    people[3][2] = people[1][2]

    rows = parse(*people)

    assert [row.problems for row in rows] == [
        [Problem("ticket_number", "A", "twin", {"line": 4})],
        [Problem("id_number", "C", "twin", {"line": 5})],
        [Problem("ticket_number", "A", "twin", {"line": 2})],
        [Problem("id_number", "C", "twin", {"line": 3})],
    ]


def test_every_problem_of_a_line_is_found():
    row = parse(make_person(1, ticket_number="", name="=x", id_number="1"))[0]

    assert [problem.code for problem in row.problems] == [
        "missing",
        "formula",
        "id_shape",
    ]
    assert row.status == "bad"


def test_row_survives_its_json():
    row = parse(make_person(1, ticket_number=""))[0]

    assert unpack(pack([row]).text) == [row]
