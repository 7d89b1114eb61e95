"""The staff's identity pages: the queue, one check-in, its photos, a takeover.

And a number for one who missed a draw that deals none by itself.
"""

from typing import TypeVar

from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.domain.checkin import approve_check_in, decline_check_in
from candidates.domain.leases import approve_takeover, refuse_takeover
from candidates.domain.people import mask_id_number, normalise_ticket
from candidates.models import Candidate, CheckIn
from candidates.queries import checkins
from candidates.queries.home import candidate_of
from candidates.queries.identity_codes import codes_of, people_named, uses_codes
from candidates.views.face_words import face_checks_of
from exams.access import sessions_for, staff_page
from exams.domain.audit import Actor
from exams.domain.draw import deal_missed
from exams.enums import Role
from exams.kernel import clock
from exams.kernel.errors import BadInput, NotFound, Refusal
from exams.models import Attempt, Session
from exams.queries.retention import erased_words

ROLES = (Role.HELPDESK, Role.ADMINISTRATOR)
TIME_ZONE = "Asia/Shanghai"
Row = TypeVar("Row")


@staff_page(*ROLES)
@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits for a decision in the sessions of this person."""
    sessions = sessions_for(request.user, *ROLES)
    wanted = request.GET.get("ticket", "")[:80]
    ticket_number = normalise_ticket(wanted)
    found = people_named(sessions, ticket_number=ticket_number) if wanted else []
    context = {
        "wanted": wanted,
        "found": [
            {
                "attempt": row.attempt.code,
                "name": row.candidate.name,
                "session_title": row.attempt.session.title,
                "uses_codes": uses_codes(row.attempt.session),
            }
            for row in found
        ],
        "check_ins": checkins.waiting_check_ins(sessions),
        "takeovers": checkins.waiting_takeovers(sessions),
        "without_number": checkins.waiting_for_numbers(sessions),
        "time_zone": TIME_ZONE,
    }
    return render(request, "helpdesk/checkins.html", context)


@staff_page(*ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, pk: int) -> HttpResponse:
    """One check-in: its photos beside the roster's, and the decision."""
    row = required(checkins.check_in_for(sessions_of(request), pk=pk))
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            decide(request, row)
        except Refusal as error:
            refusal, row = (
                error,
                required(checkins.check_in_for(sessions_of(request), pk=pk)),
            )
        else:
            return redirect("checkins:queue")
    status = refusal.status if refusal else 200
    context = page_of(row) | {"refusal": refusal}
    return render(request, "helpdesk/checkin.html", context, status=status)


@staff_page(*ROLES)
@require_GET
def photo(request: HttpRequest, pk: int) -> FileResponse:
    """One check-in photo; never cached, never guessed as another type."""
    row = required(checkins.photo_for(sessions_of(request), pk=pk))
    if row.check_in.erased_at:
        raise NotFound
    return picture(row.image)


@staff_page(*ROLES)
@require_GET
def roster_photo(request: HttpRequest, pk: int) -> FileResponse:
    """The roster's photo of the person who asks to be checked in."""
    row = required(checkins.check_in_for(sessions_of(request), pk=pk))
    candidate = required(candidate_of(row.attempt))
    if not candidate.photo:
        raise NotFound
    return picture(candidate.photo)


@staff_page(*ROLES)
@require_POST
def takeover(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the attempt to the other browser, or not (R42)."""
    lease = required(checkins.takeover_for(sessions_of(request), pk=pk))
    decision = request.POST.get("decision")
    if decision == "approve":
        approve_takeover(lease, by=request.user, at=clock.now())
    elif decision == "refuse":
        refuse_takeover(lease, by=request.user, at=clock.now())
    else:
        raise BadInput(reason="decision")
    return redirect("checkins:queue")


@staff_page(*ROLES)
@require_POST
def number(request: HttpRequest, code: str) -> HttpResponse:
    """Give a number to one who missed the draw (G6)."""
    sessions = sessions_of(request)
    attempt = required(Attempt.objects.filter(session__in=sessions, code=code).first())
    deal_missed(attempt, by=Actor.of_staff(request.user), at=clock.now())
    return redirect("checkins:queue")


def decide(request: HttpRequest, row: CheckIn) -> None:
    decision = request.POST.get("decision")
    if decision == "approve":
        approve_check_in(row, by=request.user, at=clock.now())
    elif decision == "decline":
        reason = request.POST.get("reason", "")
        decline_check_in(row, by=request.user, at=clock.now(), reason=reason)
    else:
        raise BadInput(reason="decision")


def page_of(row: CheckIn) -> dict:
    candidate: Candidate = required(candidate_of(row.attempt))
    session = row.attempt.session
    return {
        "check_in": {
            "pk": row.pk,
            "state": row.state,
            "state_label": row.get_state_display(),
            "created_at": row.created_at,
            "decided_at": row.decided_at,
            "reason": row.reason,
            "tries": checkins.tries_of(row),
        },
        "candidate": {
            "name": candidate.name,
            "ticket_number": candidate.ticket_number,
            "masked_id": mask_id_number(candidate.id_number),
            "post": candidate.post,
            "has_photo": bool(candidate.photo),
        },
        "session": {
            "title": session.title,
            "code": session.code,
            "time_zone": session.time_zone,
        },
        "code_for": row.attempt.code if uses_codes(session) else "",
        "codes": codes_of(row.attempt),
        "face_checks": face_checks_of(row),
        "photos": []
        if row.erased_at
        else [{"pk": found.pk} for found in row.photos.order_by("pk")],
        "erased": erased_words(row.erased_at) if row.erased_at else "",
    }


def sessions_of(request: HttpRequest) -> QuerySet[Session]:
    return sessions_for(request.user, *ROLES)


def required(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def picture(file: FieldFile) -> FileResponse:
    kinds = {b"\xff\xd8\xff": "image/jpeg", b"\x89PN": "image/png"}
    handle = file.open("rb")
    kind = kinds.get(handle.read(3))
    handle.seek(0)
    if kind is None:
        raise NotFound
    response = FileResponse(handle, content_type=kind)
    response["Cache-Control"] = "no-store"
    return response
