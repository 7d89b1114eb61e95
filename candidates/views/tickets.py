"""A candidate's own admission ticket: the page, the file, the photo on it."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from candidates.access import require_lease
from candidates.domain.tickets import TicketStale, open_ticket
from candidates.enums import LeaseState
from candidates.models import Ticket
from candidates.queries.home import candidate_of
from candidates.queries.rights import LeaseWaiting
from candidates.queries.tickets import is_stale, own_tickets, sheets_of
from candidates.views.candidate import project_of
from candidates.views.ticket_words import shown_sheet
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import NotFound


@never_cache
@require_GET
def ticket(request: HttpRequest, code: str) -> HttpResponse:
    """The ticket of one of the person's own exams, to read and to print."""
    at, files = clock.now(), own_files(request, code)
    row = files[0]
    if is_stale(row, at=at):
        raise TicketStale
    session = row.batch.session
    (sheet,) = sheets_of(row.batch, [row.enrolment], at=at)
    photo = reverse("candidate:ticket-photo", args=[code]) if sheet.photo else ""
    context = {
        "project": project_of(session.project, at=at),
        "session": {"title": session.title, "time_zone": session.time_zone},
        "sheet": shown_sheet(sheet, photo=photo),
        "files": [
            {
                "url": reverse(
                    "candidate:ticket-file", args=[code, one.batch.language]
                ),
                "language": one.batch.language,
                "label": one.batch.get_language_display(),
            }
            for one in files
            if one.path
        ],
    }
    return render(request, "candidate/ticket.html", context)


@never_cache
@require_GET
def ticket_file(request: HttpRequest, code: str, language: str) -> HttpResponse:
    """The file in one language."""
    for row in own_files(request, code):
        if row.batch.language == language:
            by = Actor.of_candidate(row.enrolment.attempt)
            path = open_ticket(row, by=by, at=clock.now())
            return FileResponse(
                path.open("rb"), content_type="application/pdf", filename="ticket.pdf"
            )
    raise NotFound


@never_cache
@require_GET
def ticket_photo(request: HttpRequest, code: str) -> HttpResponse:
    """The person's own photo, as the ticket shows it."""
    photo = own_files(request, code)[0].enrolment.candidate.photo
    if not photo or not photo.storage.exists(photo.name):
        raise NotFound
    return FileResponse(photo.open(), content_type="image/jpeg")


def own_files(request: HttpRequest, code: str) -> list[Ticket]:
    """Return the published tickets of one of the asking person's own attempts.

    Another's, and one that is not published, do not exist. A browser that waits for a
    takeover proves nothing yet.
    """
    lease = require_lease(request)
    if lease.state == LeaseState.WAITING:
        raise LeaseWaiting
    person = candidate_of(lease.attempt)
    files = own_tickets(person).get(code, []) if person else []
    if not files:
        raise NotFound
    return files
