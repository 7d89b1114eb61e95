"""Roster files as people make them: spreadsheets and text in several encodings."""

import csv
import io
from collections.abc import Sequence

import openpyxl

from candidates.domain.roster import commit_roster, preview_roster
from candidates.models import RosterImport
from exams.domain.audit import Actor
from exams.models import Session
from tests.builders.exams import before_start, make_administrator

AT = before_start(86_400)
BY = Actor("staff", "1")
HEADER = ("准考证号", "姓名", "身份证号", "手机号", "报考岗位", "考场")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def make_id_number(number: int) -> str:
    """A well-formed resident ID number; another one for every `number`."""
    body = f"110101{1980 + number % 25}{1 + number % 12:02}15{number // 300:03}"
    total = sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def make_person(number: int, **cells: object) -> list[object]:
    """One sound line under `HEADER`; any cell may be given by its field's name."""
    person = {
        "ticket_number": f"2030{number:06}",
        "name": f"考生{number}",
        "id_number": make_id_number(number),
        "phone": f"138{number:08}",
        "post": "综合管理",
        "room": f"第{number % 3 + 1}考场",
    }
    person.update(cells)
    return list(person.values())


def make_people(count: int) -> list[list[object]]:
    return [make_person(number) for number in range(1, count + 1)]


def make_csv(
    rows: Sequence[Sequence[object]],
    *,
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def make_xlsx(
    rows: Sequence[Sequence[object]], *, header: Sequence[str] = HEADER
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def import_people(session: Session, people: Sequence[Sequence[object]]) -> RosterImport:
    """A roster of these lines, committed."""
    roster_import = preview_roster(
        session,
        file=io.BytesIO(make_csv(people)),
        filename="名册.csv",
        by=make_administrator(),
        at=AT,
    )
    commit_roster(roster_import, by=BY, at=AT)
    return roster_import
