"""Bad rows go out as a sheet and come back; re-imports; the planted errors."""

import contextlib
import csv
import importlib.util
import io
from pathlib import Path

import openpyxl
import pytest
from django.utils import translation

from candidates.admin.roster_sheet import bad_rows_sheet
from candidates.domain import roster_parts
from candidates.domain.roster import (
    ImportDecided,
    RosterStale,
    commit_roster,
    correct_roster,
    preview_roster,
    staged_rows,
)
from candidates.models import Candidate, Enrolment, RosterImport
from candidates.queries.roster import bad_rows, roster_page
from exams.domain.audit import Actor, verify_chain
from tests.builders.exams import before_start, make_administrator, make_session
from tests.builders.rosters import (
    HEADER,
    WEIGHTS,
    make_csv,
    make_id_number,
    make_people,
    make_person,
    make_xlsx,
)

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
GENERATOR = Path(__file__).parents[4] / "shared" / "bench" / "roster_gen.py"
SPOILT = {
    "ticket_number": ["", "张三", "1e17"],
    "name": ["", "=HYPERLINK(1)", "＝1", "长" * 90, "甲\x7f乙"],
    "id_number": ["12345", 110101199001011234, "110101199001011234", "=A1"],
    "phone": ["0000", "13x", 1.5],
    "room": ["x" * 61, "@SUM(1)"],
    "post": ["y" * 2000, "\tx"],
}


@pytest.fixture
def session():
    return make_session()


def stage(session, data) -> RosterImport:
    return preview_roster(
        session, file=io.BytesIO(data), filename="名册", by=make_administrator(), at=AT
    )


def correct(roster_import, data) -> RosterImport:
    return correct_roster(
        roster_import,
        file=io.BytesIO(data),
        filename="改",
        by=make_administrator(),
        at=AT,
    )


def sheet_of(roster_import):
    return bad_rows_sheet(bad_rows(roster_import))


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data)).active


def place_of(name):
    return ("ticket_number", "name", "id_number", "phone", "post", "room").index(name)


def spoilt():
    people, number = make_people(40), 0
    for name, texts in SPOILT.items():
        for text in texts:
            people[number][place_of(name)] = text
            number += 1
    people[30][0] = people[31][0]
    return make_csv(people)


def faults(roster_import):
    return {
        (row.line, problem.field)
        for row in staged_rows(roster_import)
        for problem in row.problems
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_sheet_of_bad_rows_sent_back_as_it_is_has_the_same_problems(session, language):
    first = stage(session, spoilt())
    before = faults(first)
    with translation.override(language):
        data = sheet_of(first)

    again = correct(first, data)

    assert first.counts["bad"] == sum(map(len, SPOILT.values())) + 2
    assert faults(again) == before
    assert again.counts == first.counts
    assert again.left_out == 0
    # And on its own, through the upload page.
    alone = stage(session, data)
    assert (alone.counts["bad"], alone.counts["new"]) == (first.counts["bad"], 0)


def test_no_cell_of_the_sheet_is_a_formula_and_each_row_says_why(session):
    with translation.override("en"):
        sheet = opened(sheet_of(stage(session, spoilt())))

    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert [cell.value for cell in sheet[1]] == [
        *("Original line", "Ticket number", "Name", "Id number", "Phone"),
        *("Post", "Room", "Problems"),
    ]
    assert sheet["A2"].value == "2"
    assert sheet["H2"].value == "ticket number is empty"
    assert all(row[-1].value for row in sheet.iter_rows(min_row=2))


def test_corrected_rows_take_their_places_and_all_of_it_is_imported(session):
    people = make_people(5)
    people[1][2], people[3][1] = "12345", ""
    first = stage(session, make_csv(people))
    sheet = opened(sheet_of(first))
    sheet["D2"].value, sheet["C3"].value = make_id_number(2), "补名"
    file = io.BytesIO()
    sheet.parent.save(file)

    again = correct(first, file.getvalue())

    assert again.counts == {"new": 5, "changed": 0, "same": 0, "bad": 0, "gone": 0}
    assert sorted(row.line for row in staged_rows(again)) == [2, 3, 4, 5, 6]
    assert RosterImport.objects.get(pk=first.pk).state == "discarded"
    commit_roster(again, by=Actor("staff", "1"), at=AT)
    assert Candidate.objects.get(ticket_number="2030000004").name == "补名"
    assert Candidate.objects.count() == Enrolment.objects.count() == 5
    # Read, discarded and read, committed.
    assert verify_chain(session.code) == 4


def test_bad_rows_that_do_not_come_back_are_counted(session):
    people = make_people(4)
    people[0][1] = people[1][1] = ""
    first = stage(session, make_csv(people))
    fixed = make_csv(
        [["2", *make_person(1)], ["", *make_person(9)]], header=("原行号", *HEADER)
    )

    again = correct(first, fixed)

    assert (again.left_out, again.counts["new"]) == (1, 4)
    assert [row.line for row in staged_rows(again)] == [4, 5, 2, 6]


def test_corrected_row_that_repeats_a_sound_one_makes_both_bad(session):
    people = make_people(3)
    people[0][1] = ""
    first = stage(session, make_csv(people))
    header = ("Original line", *HEADER)

    again = correct(first, make_csv([["2", *make_person(3)]], header=header))

    assert faults(again) == {
        *((line, name) for line in (2, 4) for name in ("ticket_number", "id_number"))
    }


def test_decided_import_takes_no_corrections(session):
    first = stage(session, make_csv(make_people(1)))
    commit_roster(first, by=Actor("staff", "1"), at=AT)

    with pytest.raises(ImportDecided):
        correct(first, make_csv(make_people(1)))


def test_who_is_not_in_the_file_is_listed_and_stays(session):
    commit_roster(
        stage(session, make_csv(make_people(4))), by=Actor("staff", "1"), at=AT
    )
    people = [make_person(1, phone="13900000000"), make_person(2), make_person(7)]

    again = stage(session, make_csv(people))

    assert again.counts == {"new": 1, "changed": 1, "same": 1, "bad": 0, "gone": 2}
    gone = roster_page(again, status="gone")
    assert [row.cells[0] for row in gone.rows] == ["2030000003", "2030000004"]
    commit_roster(again, by=Actor("staff", "1"), at=AT)
    assert Enrolment.objects.filter(session=session).count() == 5


def test_pages_cross_parts_and_statuses(session, monkeypatch):
    monkeypatch.setattr(roster_parts, "PART_ROWS", 30)
    people = make_people(250)
    for number in range(0, 250, 2):
        people[number][1] = ""
    roster_import = stage(session, make_csv(people))

    lines = [
        [row.line for row in roster_page(roster_import, status="bad", number=n).rows]
        for n in (1, 2)
    ]

    assert lines[0] == list(range(2, 202, 2))
    assert lines[1] == list(range(202, 252, 2))
    everything = [
        row.line
        for number in (1, 2, 3)
        for row in roster_page(roster_import, number=number).rows
    ]
    assert everything == list(range(2, 252))


def test_twins_in_different_parts_are_both_named(session, monkeypatch):
    monkeypatch.setattr(roster_parts, "PART_ROWS", 3)
    people = make_people(9)
    people[8][0] = people[0][0]

    roster_import = stage(session, make_csv(people))

    facts = {row.line: row.problems[0].facts for row in bad_rows(roster_import)}
    assert facts == {2: {"line": 10}, 10: {"line": 2}}


def test_email_is_read_compared_and_kept_sealed(session):
    header = (*HEADER, "邮箱")
    data = make_csv([[*make_person(1), "a@example.org"]], header=header)
    commit_roster(stage(session, data), by=Actor("staff", "1"), at=AT)
    person = Candidate.objects.get()
    assert person.email == "a@example.org"

    assert stage(session, data).counts["same"] == 1
    # A file without the column leaves it alone.
    assert stage(session, make_csv(make_people(1))).counts["same"] == 1
    new = make_csv([[*make_person(1), "b@example.org"]], header=header)
    changed = stage(session, new)
    assert next(staged_rows(changed)).changes == {
        "email": ["a@example.org", "b@example.org"]
    }
    bad = make_csv([[*make_person(1), "not-an-address"]], header=header)
    assert faults(stage(session, bad)) == {(2, "email")}


def test_row_staged_before_a_change_of_the_schema_is_not_lost_silently(session):
    roster_import = stage(session, make_csv(make_people(2)))
    roster_import.parts.all().delete()

    with pytest.raises(RosterStale):
        commit_roster(roster_import, by=Actor("staff", "1"), at=AT)


@pytest.mark.skipif(not GENERATOR.exists(), reason="the generator is not here")
def test_planted_errors_of_the_generator_are_all_named_by_row_and_cell(
    session, tmp_path, monkeypatch
):
    columns = {"duplicate ticket": "A", "bad id_no": "C", "bad phone": "D"}
    columns["bad email"] = "E"
    rows, planted = generated(tmp_path, monkeypatch, rows=2000, errors=50)

    roster_import = stage(session, make_xlsx(rows[1:], header=rows[0]))

    found = {
        f"{problem.column}{row.line}"
        for row in staged_rows(roster_import)
        for problem in row.problems
    }
    expected = {f"{columns[kind]}{line}" for line, kind in planted}
    twins = {f"A{line - 1}" for line, kind in planted if kind == "duplicate ticket"}
    assert len(planted) == 50
    assert found == expected | twins


def generated(folder, monkeypatch, *, rows, errors):
    """Run the shared generator; give its people real check digits (it has none)."""
    argv = ["roster_gen", "--rows", rows, "--errors", errors, "--out", folder / "r"]
    monkeypatch.setattr("sys.argv", [str(part) for part in argv])
    spec = importlib.util.spec_from_file_location("__main__", GENERATOR)
    # It makes no .xlsx without another library, and says so.
    with contextlib.suppress(SystemExit):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    with (folder / "r.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    for number, row in enumerate(table[1:]):
        if row[2] != "12345":
            body = f"{row[2][:14]}{number % 1000:03}"
            total = sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True))
            row[2] = body + "10X98765432"[total % 11]
    lines = (folder / "r.errors.txt").read_text().splitlines()
    return table, [
        (int(line), kind) for line, kind in (one.split("\t") for one in lines)
    ]
