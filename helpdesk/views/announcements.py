"""Announcements: write, confirm with the number of recipients, look back."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from exams.access import has_role, staff_page
from exams.kernel import clock
from exams.kernel.errors import BadInput, NotAllowed, Refusal
from exams.models import Room, Session, Staff
from helpdesk.domain.announcements import MAX_BODY, MAX_TITLE, announce, deliver
from helpdesk.queries.announcements import (
    ANNOUNCERS,
    history_of,
    recipients_of,
    rooms_to_tell,
    sessions_to_tell,
)
from helpdesk.queries.requests import DESK

FIELDS = ("place", "title", "body", "client_id")
LONGEST = 4000


@staff_page(*ANNOUNCERS)
@never_cache
@require_http_methods(["GET", "POST"])
def announcements(request: HttpRequest) -> HttpResponse:
    """The form and the history; a post is shown again before it goes out."""
    if request.method == "GET":
        return page(request, form={"client_id": str(uuid4())})
    form = {name: request.POST.get(name, "")[:LONGEST] for name in FIELDS}
    try:
        check(form)
        session, room = place_named(request.user, form["place"])
        if request.POST.get("confirm") != "yes":
            return page(request, form=form, asked=(session, room))
        send(request, form, session, room)
    except (BadInput, NotAllowed) as refusal:
        return page(request, form=form, refusal=refusal)
    return redirect("helpdesk:announcements")


def send(request: HttpRequest, form: dict, session: Session, room: Room | None) -> None:
    """Announce, bring it to the first hundreds at once; the sweep does the rest."""
    at = clock.now()
    made = announce(
        session,
        room=room,
        title=form["title"],
        body=form["body"],
        client_id=id_of(form),
        by=request.user,
        at=at,
    )
    deliver(made, at=at)
    messages.success(request, _("The announcement is on its way."))


def page(
    request: HttpRequest,
    *,
    form: dict,
    asked: tuple[Session, Room | None] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    sessions = sessions_to_tell(request.user)
    rooms = rooms_to_tell(request.user)
    context = {
        "nav": "announcements",
        "may_check_in": has_role(request.user, *DESK),
        "form": form,
        "refusal": refusal,
        "places": [
            *((f"session:{one.code}", one.title) for one in sessions),
            *((f"room:{one.pk}", f"{one.session.title} · {one.name}") for one in rooms),
        ],
        "history": history_of(request.user),
        "max_title": MAX_TITLE,
        "max_body": MAX_BODY,
    }
    if asked:
        session, room = asked
        found = recipients_of(session.pk, room.pk if room else None)
        context["asked"] = {
            "place": f"{session.title} · {room.name}" if room else session.title,
            "count": found.count(),
        }
    status = refusal.status if refusal else 200
    return render(request, "help/announcements.html", context, status=status)


def place_named(staff: Staff, place: str) -> tuple[Session, Room | None]:
    """Return the session and room behind a choice; raises `NotAllowed`."""
    kind, _sep, name = place.partition(":")
    if kind == "session":
        session = sessions_to_tell(staff).filter(code=name).first()
        if session:
            return session, None
    if kind == "room" and name.isascii() and name.isdigit():
        room = rooms_to_tell(staff).filter(pk=int(name[:15])).first()
        if room:
            return room.session, room
    raise NotAllowed


def check(form: dict) -> None:
    """Raise `BadInput` before the confirmation rather than after it."""
    id_of(form)
    for name, limit in (("title", MAX_TITLE), ("body", MAX_BODY)):
        if not 0 < len(form[name].strip()) <= limit:
            raise BadInput(reason=f"{name}: 1..{limit}")


def id_of(form: dict) -> UUID:
    try:
        return UUID(form["client_id"])
    except ValueError:
        raise BadInput(reason="client_id") from None
