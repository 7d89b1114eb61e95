"""Sixty sheets that somebody might send; `SHEETS` is `{name: (make, outcome)}`.

The outcome is the code of the refusal, or None where the file has a preview.
"""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import openpyxl

from tests.builders.rosters import HEADER, make_csv, make_people, make_person, make_xlsx
from tests.builders.workbooks import (
    MAIN,
    SHEET,
    edited,
    encrypted,
    entries_of,
    lying,
    make_zip,
    with_entries,
    with_sheet,
)

BOMB = b" " * 30 * 2**20
BOOK = "xl/workbook.xml"
LINKS = "xl/_rels/workbook.xml.rels"
ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def book(change, people=2) -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(make_xlsx(make_people(people))))
    change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def cell(place, value):
    def change(made):
        made.active[place] = value

    return lambda: book(change)


def hide_first(made):
    made.create_sheet("真", 1).append(list(HEADER))
    made["真"].append(make_person(9))
    made.worksheets[0].sheet_state = "hidden"
    made.active = 1


def hide_all(data):
    return edited(BOOK, b'state="visible"', b'state="veryHidden"')


def merged(made):
    made.active.merge_cells("A2:C3")


def many_sheets(made):
    for number in range(250):
        made.create_sheet(f"s{number}")


def sheets_text(text: str, encoding: str = "utf-8"):
    return lambda: text.encode(encoding, "surrogatepass")


def people_csv(**kwargs):
    return lambda: make_csv(make_people(3), **kwargs)


def one(**cells):
    return lambda: make_xlsx([make_person(1, **cells), make_person(2)])


def amplified() -> bytes:
    """One long string in very many cells: gigabytes for a reader that copies."""
    long = b"<si><t>" + b"x" * 1_000_000 + b"</t></si>"
    strings = b'<sst xmlns="%s">%s</sst>' % (MAIN.encode(), long)
    rows = b"".join(
        b'<row r="%d">' % line
        + b"".join(
            b'<c r="%c%d" t="s"><v>0</v></c>' % (65 + n, line) for n in range(10)
        )
        + b"</row>"
        for line in range(1, 4001)
    )
    xml = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>'
    return with_entries(
        {"xl/sharedStrings.xml": strings, SHEET: xml % (MAIN.encode(), rows)}
    )


def repeated_name() -> bytes:
    pairs = [*entries_of(make_xlsx(make_people(2))).items()]
    return make_zip([*pairs, ("XL/Workbook.xml", b"<x/>")])


def macro() -> bytes:
    return with_entries({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\1" * 2000})


def linked() -> bytes:
    return with_entries({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})


def old_excel(inside: bytes = b"") -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1\3" * 400 + inside


ROW = b'<row r="1"><c r="%s" t="inlineStr"><is><t>x</t></is></c></row>'
FULL = str.maketrans("0123456789", "０１２３４５６７８９")

SHEETS = {
    # Archives that are not what they say.
    "bomb": (lambda: with_entries({"xl/media/a.bin": BOMB}), "roster_suspicious"),
    "bomb in the sheet": (lambda: with_entries({SHEET: BOMB}), "roster_suspicious"),
    "bomb in the list": (lambda: with_entries({BOOK: BOMB}), "roster_suspicious"),
    "size understated": (
        lambda: lying(with_sheet(b" " * 10**6), about=SHEET, size=1000),
        "roster_wrong_type",
    ),
    "size overstated": (
        lambda: lying(with_entries(), about=SHEET, size=10**5),
        "roster_suspicious",
    ),
    "size of four gigabytes": (
        lambda: lying(with_entries(), about=SHEET, size=2**32 - 2),
        "roster_suspicious",
    ),
    "entries without end": (
        lambda: with_entries({f"xl/{n}.xml": b"" for n in range(300)}),
        "roster_suspicious",
    ),
    "name twice": (repeated_name, "roster_suspicious"),
    "nested": (lambda: make_zip({"a.xlsx": with_entries()}), "roster_wrong_type"),
    "not a workbook": (lambda: make_zip({"a.txt": b"a"}), "roster_wrong_type"),
    "empty archive": (lambda: make_zip({}), "roster_wrong_type"),
    "password": (lambda: encrypted(with_entries()), "roster_locked"),
    "password of the office": (
        lambda: old_excel("EncryptedPackage".encode("utf-16-le")),
        "roster_locked",
    ),
    "old excel": (old_excel, "roster_wrong_type"),
    "packed by lzma": (
        lambda: with_entries(method=zipfile.ZIP_LZMA),
        "roster_unusual",
    ),
    "directory cut off": (lambda: with_entries()[:-60], "roster_wrong_type"),
    "cut in half": (lambda: with_entries()[:3000], "roster_wrong_type"),
    "bytes flipped": (
        lambda: with_entries().replace(b"\x00\x00\x08\x00", b"\x00\x00\x09\x00"),
        "roster_unusual",
    ),
    "climbing names": (lambda: with_entries({"../../etc/passwd": b"root"}), None),
    "macros": (macro, None),
    "links to outside": (linked, None),
    # XML that costs or lies.
    "entities in the sheet": (
        lambda: with_entries({SHEET: ENTITY + b"<worksheet>&b;</worksheet>"}),
        "roster_unusual",
    ),
    "entities in the strings": (
        lambda: with_entries({"xl/sharedStrings.xml": ENTITY + b"<sst>&b;</sst>"}),
        "roster_unusual",
    ),
    "entities in the list": (
        lambda: with_entries({BOOK: ENTITY + b"<workbook/>"}),
        "roster_unusual",
    ),
    "outside entity": (
        lambda: with_entries(
            {SHEET: b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>'}
        ),
        "roster_unusual",
    ),
    "sheet in utf-16": (
        lambda: with_entries({SHEET: "<worksheet/>".encode("utf-16")}),
        "roster_unusual",
    ),
    "broken xml": (lambda: with_sheet(b"<row><c r="), "roster_wrong_type"),
    "list of sheets broken": (
        lambda: with_entries({BOOK: b"<workbook"}),
        "roster_wrong_type",
    ),
    "links missing": (lambda: with_entries(drop=(LINKS,)), "roster_wrong_type"),
    "sheet missing": (lambda: with_entries(drop=(SHEET,)), "roster_wrong_type"),
    "far corner": (cell("XFD1048576", "x"), "roster_too_large"),
    "far line": (cell("A200000", "x"), "roster_too_large"),
    "far column": (cell("CZ2", "x"), "roster_too_large"),
    "far corner in single quotes": (
        lambda: with_sheet(b"<row r='1'><c r='XFD1048576'><v>1</v></c></row>"),
        "roster_unusual",
    ),
    "far corner with spaces": (
        lambda: with_sheet(b'<row r="1"><c r = "XFD1048576"><v>1</v></c></row>'),
        "roster_unusual",
    ),
    "far corner in small letters": (
        lambda: with_sheet(ROW % b"xfd1048576"),
        "roster_too_large",
    ),
    "one string in every cell": (amplified, "roster_suspicious"),
    "formula without a place": (
        lambda: with_sheet(b"<row><c><f>1+1</f></c></row>"),
        "roster_unusual",
    ),
    "million empty rows": (
        lambda: with_sheet(b'<row r="1"/>' * 10**6),
        "roster_suspicious",
    ),
    # Sheets that are odd inside.
    "hidden first sheet": (lambda: book(hide_first), None),
    "every sheet hidden": (
        lambda: hide_all(None),
        "roster_wrong_type",
    ),
    "sheets without end": (lambda: book(many_sheets), "roster_suspicious"),
    "merged cells": (lambda: book(merged), None),
    "formulas": (one(name="=HYPERLINK(1)", post="=1+1"), None),
    "full-width formula": (one(name="＝cmd|x"), None),
    "date for a ticket": (one(ticket_number=date(2030, 1, 1)), None),
    "time for a phone": (one(phone=datetime(2030, 1, 1, tzinfo=UTC).time()), None),
    "duration for a room": (one(room=timedelta(hours=30)), None),
    "truth for a name": (one(name=True), None),
    "number for an ID": (one(id_number=110101199001011234), None),
    "infinite number": (
        lambda: edited(
            SHEET,
            b"</sheetData>",
            b'<row r="9"><c r="A9"><v>1e999</v></c></row></sheetData>',
        ),
        None,
    ),
    "long cell": (one(name="长" * 30_000), None),
    "full-width digits": (
        lambda: make_xlsx([make_person(1, ticket_number="２０３０".translate(FULL))]),
        None,
    ),
    # Text.
    "GBK": (people_csv(encoding="gbk"), None),
    "UTF-16": (people_csv(encoding="utf-16"), None),
    "UTF-16 without a mark": (people_csv(encoding="utf-16-le"), None),
    "Big5": (
        lambda: "准考證號,姓名\n1,囧\n".encode("big5-hkscs"),
        "roster_missing_columns",
    ),
    "nul bytes": (
        lambda: make_csv(make_people(3)).replace("考生".encode(), b"\0\0"),
        "roster_wrong_type",
    ),
    "nul bytes later": (
        lambda: make_csv(make_people(3)) + b"x" * 70_000 + b"\0",
        "roster_unknown_encoding",
    ),
    "million columns": (lambda: b"," * 10**6 + b"\nx,y", "roster_too_large"),
    "a record without end": (
        lambda: b"a,b\n" + b'"\n",' * 200_000,
        "roster_too_large",
    ),
    "a quote without end": (
        lambda: ("准考证号,姓名\n" + '"' + "x" * 200_000).encode(),
        "roster_unreadable",
    ),
    "half a character": (
        lambda: make_csv(make_people(2)) + b"\xe5\x87",
        "roster_unknown_encoding",
    ),
    "rows without end": (
        lambda: "准考证号,姓名,身份证号\n".encode() + b"1,2,3\n" * 100_001,
        "roster_too_large",
    ),
    "only commas": (lambda: b",,,\n" * 50, "roster_empty"),
    "only a mark": (lambda: b"\xef\xbb\xbf", "roster_empty"),
    "script": (lambda: b"<html><script>alert(1)</script>", "roster_wrong_type"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 400, "roster_wrong_type"),
    "control characters": (
        sheets_text("准考证号,姓名,身份证号\n1\x0b2,张\x1b三,\x7f\n"),
        "roster_wrong_type",
    ),
}
