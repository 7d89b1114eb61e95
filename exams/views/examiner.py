"""The examiner's desk: a list of numbers, a player, a sheet.

Every page is built from `queries.examiner` alone; no view here knows a person.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from exams.access import sessions_for, staff_page
from exams.domain import exhibits, scoring
from exams.domain.audit import Actor
from exams.enums import SheetState
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal
from exams.models import Session, Sheet, Staff
from exams.queries import examiner as desks
from exams.queries.examiner import EXAMINERS
from exams.queries.retention import erased_words
from exams.views.media import allow_player

RATES = ("0.75", "1", "1.25", "1.5", "2")


@staff_page(*EXAMINERS)
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the sessions that have something to score."""
    rows = desks.progress_of(request.user)
    return render(request, "examiner/sessions.html", {"rows": rows})


@staff_page(*EXAMINERS)
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest, code: str) -> HttpResponse:
    """Show the numbers of one session; a POST opens the sheet of one of them."""
    session = _session(request.user, code)
    if request.method == "POST":
        number = request.POST.get("number", "")
        if not (number.isascii() and number.isdigit() and len(number) <= 9):  # noqa: PLR2004
            raise NotFound
        attempt = desks.attempt_numbered(request.user, session, int(number))
        row = scoring.open_sheet(attempt, examiner=request.user, at=clock.now())
        return redirect("examiner:sheet", code=row.code)
    return render(request, "examiner/desk.html", _list_of(request.user, session))


@staff_page(*EXAMINERS)
@require_safe
def sheet(request: HttpRequest, code: UUID) -> HttpResponse:
    """Open the player and the sheet of one number; audited once per opening."""
    row = desks.own_sheet(request.user, code)
    exhibit = exhibits.open_player(row, by=Actor.of_staff(request.user), at=clock.now())
    allow_player(request, exhibit.code)
    return _sheet_page(request, row, {})


@staff_page(*EXAMINERS)
@require_POST
def marks(request: HttpRequest, code: UUID) -> HttpResponse:
    """Save the draft: every readable mark, and say which are not (autosave too)."""
    row = desks.own_sheet(request.user, code)
    values, errors = _read_marks(request, row)
    scoring.save_marks(
        row, marks=values, by=Actor.of_staff(request.user), at=clock.now()
    )
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({**_tally(row, errors), "errors": errors})
    if "review" in request.POST:
        errors = {**_missing(row), **errors}
    if errors:
        return _sheet_page(request, row, errors, status=422)
    name = "submission" if "review" in request.POST else "sheet"
    return redirect(f"examiner:{name}", code=row.code)


@staff_page(*EXAMINERS)
@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask once more with all marks in sight, then submit and lock."""
    row = desks.own_sheet(request.user, code)
    if request.method == "POST":
        scoring.submit_sheet(row, by=Actor.of_staff(request.user), at=clock.now())
        return redirect("examiner:sheet", code=row.code)
    if row.state != SheetState.DRAFT or _missing(row):
        return redirect("examiner:sheet", code=row.code)
    return render(request, "examiner/submission.html", _sheet_of(row))


def _session(staff: Staff, code: str) -> Session:
    session = sessions_for(staff, *EXAMINERS).filter(code=code).first()
    if session is None:
        raise NotFound
    return session


def _list_of(staff: Staff, session: Session) -> dict:
    rows = desks.desk_rows(staff, session)
    return {
        "session": session,
        "rows": rows,
        "locked": sum(row.state == SheetState.LOCKED for row in rows),
    }


def _sheet_of(row: Sheet) -> dict:
    return {
        "sheet": row,
        "number": desks.number_text(row.attempt.drawn_number.number),
        "is_draft": row.state == SheetState.DRAFT,
        "marks": desks.mark_rows(row),
        "total": desks.total_text(row),
        "most": desks.most_text(row.attempt.session),
    }


def _sheet_page(
    request: HttpRequest, row: Sheet, errors: dict[str, str], status: int = 200
) -> HttpResponse:
    context = {
        **_list_of(request.user, row.attempt.session),
        **_sheet_of(row),
        **_tally(row, errors),
        "parts": _parts(row),
        "erased": _erased(row),
        "rates": RATES,
        "others": desks.other_totals(row),
        "is_newer": row.state == SheetState.DRAFT
        and desks.newest_version(row.attempt) > row.exhibit.version,
    }
    context["fields"] = [
        {
            "mark": mark,
            "error": errors.get(mark.field, ""),
            # What was typed comes back, so that it can be put right.
            "value": request.POST.get(mark.field, mark.value),
        }
        for mark in context["marks"]
    ]
    return render(request, "examiner/sheet.html", context, status=status)


def _erased(row: Sheet) -> str:
    return erased_words(row.exhibit.erased_at) if row.exhibit.erased_at else ""


def _parts(row: Sheet) -> list[dict]:
    return [
        {"number": number, "mime": part["mime"], "ms": part["duration_ms"]}
        for number, part in enumerate(row.exhibit.parts, start=1)
    ]


def _read_marks(request: HttpRequest, row: Sheet) -> tuple[dict, dict[str, str]]:
    values, errors = {}, {}
    for criterion in desks.criteria_of(row.attempt.session):
        field = f"mark-{criterion.position}"
        if field not in request.POST:
            continue
        try:
            values[criterion.pk] = scoring.read_mark(
                request.POST[field], criterion=criterion
            )
        except Refusal as refusal:
            errors[field] = str(refusal)
    return values, errors


def _missing(row: Sheet) -> dict[str, str]:
    return {
        mark.field: _("A mark is missing. Enter 0–%(most)s.") % {"most": mark.most}
        for mark in desks.mark_rows(row)
        if not mark.value
    }


def _tally(row: Sheet, errors: dict[str, str]) -> dict:
    missing = len(set(_missing(row)) - set(errors))
    hints = []
    if missing:
        hints.append(
            ngettext("%(n)s mark is missing", "%(n)s marks are missing", missing)
            % {"n": missing}
        )
    if errors:
        hints.append(
            ngettext("%(n)s must be changed", "%(n)s must be changed", len(errors))
            % {"n": len(errors)}
        )
    return {
        "total": desks.total_text(row),
        "hint": " · ".join(hints) or _("All marks are given"),
        "ready": not hints,
    }
