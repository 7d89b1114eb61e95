"""The pages of a making of tickets: ask, progress and files, print, one file."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from candidates.backends.ticket_fonts import FontMissing
from candidates.domain.ticket_making import GlyphMissing
from candidates.domain.tickets import open_ticket, record_print, request_tickets
from candidates.enums import TicketProblem, TicketsState
from candidates.models import Ticket, TicketBatch
from candidates.queries.tickets import (
    SEALED,
    enrolled,
    freshness_of,
    progress_of,
    sheets_of,
)
from candidates.views.ticket_words import shown_sheet
from exams.admin.own_pages import OwnPagesAdmin
from exams.domain.audit import Actor
from exams.enums import SessionKind, SessionState
from exams.kernel import clock
from exams.models import Session
from exams.queries.scope import administered

PAGE_ROWS = 50
PRINT_ROWS = 100
KEY_DIGITS = 18
REFUSALS = {refusal.code: refusal for refusal in (FontMissing, GlyphMissing)}


def ask(model_admin: OwnPagesAdmin, request: HttpRequest) -> HttpResponse:
    """Say what will be made and for how many; a POST asks for it."""
    model_admin.require_add(request)
    states = [SessionState.DRAFT, SessionState.PUBLISHED]
    sessions = formal_sessions(request).filter(state__in=states).order_by("starts_at")

    def make(asked: dict) -> TicketBatch:
        return request_tickets(
            asked["session"],
            language=asked["language"],
            entry_url=entry_url(request, asked["session"]),
            by=request.user,
            at=clock.now(),
        )

    form = model_admin.request_form(
        request.POST or None,
        sessions=sessions,
        initial={"session": request.GET.get("session"), "language": "zh-hans"},
    )
    return model_admin.making_page(
        request,
        "admin/tickets_ask.html",
        form=form,
        make=make,
        then="admin:tickets_show",
        title=_("Make admission tickets"),
        none_open=not sessions,
    )


def show(model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    """Progress while it is made, then the rooms' files, each ticket, the problems."""
    batch = model_admin.row_or_404(request, pk)
    at = clock.now()
    fresh = freshness_of(batch, at=at)
    only = request.GET.get("show", "")
    rows = batch.tickets.select_related("enrolment__candidate", "room")
    rows = rows.defer(*(f"enrolment__{name}" for name in SEALED))
    rows = rows.order_by("enrolment", "room__name", "pk")
    if only == "problems":
        rows = rows.exclude(problem="")
    elif only != "all":
        only, rows = "rooms", rows.filter(enrolment__isnull=True)
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("p", 1))
    return model_admin.own_page(
        request,
        "admin/tickets.html",
        title=_("Admission tickets"),
        batch=batch,
        badge=model_admin.shown_state(batch),
        progress=progress_of(batch),
        fresh=fresh,
        only=only,
        page=page,
        rows=[_line(ticket, fresh.stale) for ticket in page],
        failure=_failure(batch),
        steps=model_admin.steps_for(request, batch),
        has_files=batch.state in TicketsState.WITH_FILES,
        is_making=batch.state == TicketsState.MAKING,
    )


def progress(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Tell the page's script how far the job is; `done` when there is more to see."""
    batch = model_admin.row_or_404(request, pk)
    found = progress_of(batch)
    return JsonResponse(
        {
            "made": found["made"],
            "total": found["total"],
            "done": batch.state != TicketsState.MAKING,
        }
    )


def file(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int, code: str
) -> HttpResponse:
    """Hand out one file: a room's, or one candidate's."""
    batch = model_admin.row_or_404(request, pk)
    ticket = batch.tickets.filter(code=code).first()
    if ticket is None:
        raise Http404
    ticket.batch = batch
    path = open_ticket(ticket, by=Actor.of_staff(request.user), at=clock.now())
    name = f"tickets-{batch.session.code}-{ticket.pk}.pdf"
    return FileResponse(path.open("rb"), content_type="application/pdf", filename=name)


def print_page(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """The same tickets as a page to print, always of the present roster."""
    batch = model_admin.row_or_404(request, pk)
    at, session = clock.now(), batch.session
    people = enrolled(session)
    room = request.GET.get("room", "")
    if room:
        named = room.isascii() and room.isdigit() and len(room) <= KEY_DIGITS
        # 0 is nobody's key: those without a room.
        people = people.filter(attempt__room=(int(room) or None) if named else None)
    page = Paginator(people, PRINT_ROWS).get_page(request.GET.get("p", 1))
    sheets = sheets_of(batch, page, at=at)
    record_print(batch, count=len(sheets), by=Actor.of_staff(request.user), at=at)
    context = {
        "title": _("Admission tickets"),
        "sheets": [
            shown_sheet(
                sheet,
                photo=reverse("admin:candidate_photo", args=[sheet.candidate])
                if sheet.photo
                else "",
            )
            for sheet in sheets
        ],
        "page": page,
        "room": room,
        "back": reverse("admin:tickets_show", args=[batch.pk]),
    }
    return TemplateResponse(request, "tickets/print.html", context)


def entry_url(request: HttpRequest, session: Session) -> str:
    """Return the candidates' address of the session's project, in full."""
    door = reverse("candidate:entry", args=[session.project.slug])
    return request.build_absolute_uri(door)


def formal_sessions(request: HttpRequest) -> QuerySet[Session]:
    """Return the sessions whose candidates the person may make something for."""
    return Session.objects.filter(
        project__in=administered(request.user), kind=SessionKind.FORMAL
    ).select_related("project")


def _line(ticket: Ticket, stale: frozenset[int]) -> dict:
    problem = ""
    if ticket.problem:
        problem = str(TicketProblem(ticket.problem).label) % ticket.facts
    return {
        "ticket": ticket,
        "person": ticket.enrolment.candidate if ticket.enrolment_id else None,
        "is_stale": ticket.pk in stale,
        "problem": problem,
    }


def _failure(batch: TicketBatch) -> str:
    refusal = REFUSALS.get(batch.problem)
    return str(refusal(**batch.facts)) if refusal else ""
