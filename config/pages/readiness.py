"""The readiness board: who is not ready for a session, and whom to call."""

from collections.abc import Iterator

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from candidates.models import Enrolment
from candidates.queries.readiness import PROBLEMS, board_of, kept_board, lines_of
from candidates.queries.roster import mask_phone
from exams.domain.audit import Actor, record
from exams.enums import SessionKind, SessionState
from exams.kernel import clock
from exams.kernel.errors import NotAllowed
from exams.kernel.spreadsheets import Cell
from exams.models import Session, Staff
from exams.queries.scope import administered
from exams.views.downloads import ROWS_AT_ONCE, export

MAY = "candidates.view_candidate"
PAGE_ROWS = 100
MOST_SESSIONS = 100
UNREADY = "unready"


@require_safe
def sessions(request: HttpRequest, *, site: object) -> HttpResponse:
    """Choose a session; the next ones come first."""
    if not request.user.has_perm(MAY):
        raise NotAllowed
    at = clock.now()
    rows = _sessions(request.user).exclude(state__in=SessionState.RESULTS_OUT)
    found = sorted(
        rows.order_by("-starts_at")[:MOST_SESSIONS],
        key=lambda one: (one.starts_at < at, abs((one.starts_at - at).total_seconds())),
    )
    context = {
        **site.each_context(request),
        "title": _("Readiness"),
        "sessions": found,
    }
    return TemplateResponse(request, "admin/readiness_sessions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest, pk: int, *, site: object) -> HttpResponse:
    """Show the lines with the chosen problem; a post shows their telephone numbers.

    Numbers are masked otherwise, and showing them is audited.
    """
    session = _session(request.user, pk)
    chosen = _chosen(request)
    calls = request.method == "POST"
    # Whoever is called is counted anew.
    counted = board_of(session) if calls else kept_board(session, at=clock.now())
    pages = Paginator(counted.chosen(chosen), PAGE_ROWS)
    page = pages.get_page(request.GET.get("p", 1))
    if calls:
        _record_calls(session, page, request.user)
    context = {
        **site.each_context(request),
        "title": _("Readiness: %s") % session,
        "session": session,
        "board": counted,
        "cards": [
            (name, PROBLEMS[name], count, name in chosen)
            for name, count in counted.counts.items()
        ],
        "unready": counted.total - counted.ready,
        "chosen": chosen,
        "page": page,
        "lines": [
            _line(row, words, calls=calls) for row, words in lines_of(page.object_list)
        ],
        "calls": calls,
        "query": _query(chosen),
        "export": reverse("admin:readiness_export", args=[session.pk]),
    }
    return TemplateResponse(request, "admin/readiness.html", context)


@require_POST
def download(request: HttpRequest, pk: int, *, site: object) -> HttpResponseBase:
    """Send the chosen lines as a file; with `phones`, a call list."""
    session = _session(request.user, pk)
    chosen = _chosen(request)
    calls = "phones" in request.POST
    columns = [
        *(_("Ticket number"), _("Name"), _("Telephone"), _("Room"), _("State")),
        _("To do"),
    ]
    return export(
        request,
        "call_list" if calls else "readiness",
        columns=[str(column) for column in columns],
        rows=_cells(session, chosen, calls=calls),
        filters={"session": session.code, "problem": ",".join(chosen)},
    )


def _cells(session: Session, chosen: list[str], *, calls: bool) -> Iterator[list[Cell]]:
    rows = board_of(session).chosen(chosen)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        for row, words in lines_of(rows[start : start + ROWS_AT_ONCE]):
            line = _line(row, words, calls=calls)
            state = row.attempt.get_state_display()
            told = "; ".join(words)
            yield [
                line["ticket"],
                line["name"],
                line["phone"],
                line["room"],
                state,
                told,
            ]


def _line(row: Enrolment, words: list[str], *, calls: bool) -> dict:
    person = row.candidate
    return {
        "row": row,
        "ticket": person.ticket_number,
        "name": person.name,
        "phone": person.phone if calls else mask_phone(person.phone),
        "room": row.attempt.room.name if row.attempt.room else "",
        "problems": words,
    }


def _record_calls(session: Session, page: Page, staff: Staff) -> None:
    with transaction.atomic():
        record(
            "phones.shown",
            by=Actor.of_staff(staff),
            at=clock.now(),
            subject=f"readiness:{session.code}",
            facts={"rows": len(page.object_list)},
            chain=session.code,
        )


def _chosen(request: HttpRequest) -> list[str]:
    known = (*PROBLEMS, UNREADY)
    return [name for name in request.GET.getlist("problem") if name in known][:1]


def _query(chosen: list[str]) -> str:
    return "&".join(f"problem={name}" for name in chosen)


def _sessions(staff: Staff):
    rows = Session.objects.filter(
        project__in=administered(staff), kind=SessionKind.FORMAL
    )
    return rows.exclude(state=SessionState.DISCARDED).select_related("project")


def _session(staff: Staff, pk: int) -> Session:
    if not staff.has_perm(MAY):
        raise NotAllowed
    session = _sessions(staff).filter(pk=pk).first()
    if session is None:
        raise Http404
    return session
