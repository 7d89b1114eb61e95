"""The sheet of bad rows: what was sent, why it was refused, ready to be corrected.

It can be sent back as it is and then has the same problems again: a cell that was
refused never comes back as one that would be taken (a computed value as plain text).
"""

import io
from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from candidates.domain.roster_rows import FIELDS, HEADERS, LINE, RosterRow, is_sound
from candidates.queries.roster import FIELD_NAMES, problem_text

RELATIONS = frozenset({"twin", "id_taken"})  # sound in itself, wrong beside another
MARK = "00FFD9D6"
WIDTHS = {LINE: 10, "id_number": 24, "reasons": 60}
USUAL_WIDTH = 18


def bad_rows_sheet(rows: Iterable[RosterRow]) -> bytes:
    """Return an .xlsx of the rows: original line, their fields as text, the reasons."""
    # 25 MB with all that it brings, which no other page of a web process needs.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    rows, mark = list(rows), PatternFill("solid", fgColor=MARK)
    fields = [name for name in FIELDS if any(name in row.cells for row in rows)]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Bad rows"))
    sheet.freeze_panes = "A2"
    for number, name in enumerate((LINE, *fields, "reasons")):
        sheet.column_dimensions[chr(65 + number)].width = WIDTHS.get(name, USUAL_WIDTH)
    header = [_heading(name) for name in (LINE, *fields)]
    sheet.append([_text(sheet, word) for word in (*header, _("Problems"))])
    for row in rows:
        faulty = {problem.field: problem.code for problem in row.problems}
        cells = [_text(sheet, str(row.line))]
        for name in fields:
            shown = _as_refused(name, row.cells.get(name, ""), faulty.get(name))
            cells.append(_text(sheet, shown, fill=mark if name in faulty else None))
        sheet.append([*cells, _text(sheet, reasons(row))])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def reasons(row: RosterRow) -> str:
    """Return all problems of the row as one text in the reader's language."""
    return "; ".join(
        _("%(field)s %(text)s")
        % {"field": FIELD_NAMES[problem.field], "text": problem_text(problem)}
        for problem in row.problems
    )


def _heading(name: str) -> str:
    # A word that the import itself understands.
    if (get_language() or "").startswith("zh"):
        return HEADERS[name].split()[0]
    return {LINE: "Original line"}.get(name, name.replace("_", " ").capitalize())


def _as_refused(name: str, text: str, code: str | None) -> str:
    if code and code not in RELATIONS and text and is_sound(name, text):
        return f"={text}"
    return text


def _text(sheet, text: str, *, fill=None):
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # also what begins like a formula
    cell.number_format = "@"
    if fill:
        cell.fill = fill
    return cell
