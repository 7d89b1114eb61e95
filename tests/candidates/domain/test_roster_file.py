"""Files as they come: encodings, hostile archives, wrong types."""

import io
import zipfile

import openpyxl
import pytest

from candidates.domain import roster_file, roster_workbook
from candidates.domain.roster_errors import (
    Empty,
    Locked,
    RosterUnreadable,
    Suspicious,
    TooLarge,
    Unusual,
    WrongType,
)
from candidates.domain.roster_file import column_letter
from tests.builders.rosters import HEADER, make_csv, make_people, make_person, make_xlsx


def read_rows(data):
    return list(roster_file.read_rows(data))


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_any_usual_encoding_is_read_alike(encoding, delimiter):
    people = make_people(3)

    rows = read_rows(make_csv(people, encoding=encoding, delimiter=delimiter))

    assert [row.line for row in rows] == [1, 2, 3, 4]
    assert [row.cells for row in rows] == [list(HEADER), *people]


def test_workbook_is_read_with_its_own_line_numbers():
    people = [make_person(1), [], make_person(2)]

    rows = read_rows(make_xlsx(people))

    assert [row.line for row in rows] == [1, 2, 4]
    assert rows[2].cells == make_person(2)


def test_formula_cells_are_named_by_place():
    rows = read_rows(make_xlsx([make_person(1, name="=A2&A3"), make_person(2)]))

    assert [row.formulas for row in rows] == [frozenset(), frozenset({1}), frozenset()]


def test_line_breaks_inside_quotes_do_not_shift_the_lines():
    rows = read_rows(make_csv([make_person(1, post="甲\n乙"), make_person(2)]))

    assert [row.line for row in rows] == [1, 2, 4]


@pytest.mark.parametrize(
    "data",
    [b"", b"  \r\n ", make_csv([]), make_xlsx([]), make_csv([["", "", ""]])],
)
def test_nothing_below_the_header_is_refused_as_empty(data):
    with pytest.raises(Empty):
        read_rows(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 400,
        b"PK\x03\x04 this is no archive",
        b"%PDF-1.7\n\x01\x02\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01\x03" * 400,
    ],
)
def test_other_types_are_refused_whatever_their_name(data):
    with pytest.raises(WrongType):
        read_rows(data)


def test_archive_that_is_no_workbook_is_refused():
    with pytest.raises(WrongType):
        read_rows(make_archive({"readme.txt": b"hello"}))


def test_password_is_named():
    data = b"\xd0\xcf\x11\xe0" + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le")

    with pytest.raises(Locked):
        read_rows(data)


def test_zip_bomb_is_refused_before_it_is_opened():
    with pytest.raises(Suspicious):
        read_rows(make_archive({"xl/workbook.xml": b" " * 40 * 2**20}))


def test_archive_with_too_many_entries_is_refused():
    entries = {f"xl/{number}.xml": b"" for number in range(201)}

    with pytest.raises(Suspicious):
        read_rows(make_archive({"xl/workbook.xml": b"", **entries}))


def test_document_type_inside_a_sheet_is_refused():
    data = with_sheet(b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>')

    with pytest.raises(Unusual):
        read_rows(data)


def test_two_cells_in_far_corners_are_refused_before_a_grid_is_made():
    book = openpyxl.Workbook()
    book.active["A1"] = "准考证号"
    book.active["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)

    with pytest.raises(TooLarge):
        read_rows(file.getvalue())


def test_formula_without_an_address_is_refused():
    data = with_sheet(
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData><row><c><f>1+1</f></c></row></sheetData></worksheet>"
    )

    with pytest.raises(Unusual):
        read_rows(data)


def test_caps_of_bytes_rows_and_columns_are_kept(settings, monkeypatch):
    monkeypatch.setattr(roster_file, "MAX_ROWS", 5)
    monkeypatch.setattr(roster_workbook, "MAX_ROWS", 5)

    with pytest.raises(TooLarge):
        read_rows(make_csv(make_people(6)))
    with pytest.raises(TooLarge):
        read_rows(make_xlsx(make_people(6)))
    with pytest.raises(TooLarge):
        read_rows(make_csv([["x"] * 65]))

    settings.ROSTER_MAX_BYTES = 10
    with pytest.raises(TooLarge):
        read_rows(make_csv(make_people(1)))


def test_unbalanced_quotes_beyond_a_field_are_refused():
    data = ("准考证号,姓名\n" + '"' + "x" * 200_000).encode()

    with pytest.raises(RosterUnreadable):
        read_rows(data)


def test_column_letters_follow_the_spreadsheet():
    assert [column_letter(n) for n in (0, 25, 26, 51, 52)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
    ]


def make_archive(entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def with_sheet(xml):
    source = zipfile.ZipFile(io.BytesIO(make_xlsx(make_people(1))))
    entries = {name: source.read(name) for name in source.namelist()}
    entries["xl/worksheets/sheet1.xml"] = xml
    return make_archive(entries)
