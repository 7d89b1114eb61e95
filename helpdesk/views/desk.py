"""The staff's side: the desk with its queue, one conversation, and its JSON."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from exams.access import has_role, staff_page
from exams.api.base import json_object
from exams.kernel import clock
from exams.kernel.errors import BadInput, NotFound
from exams.models import Attempt, Staff
from helpdesk.access import answered_by
from helpdesk.domain import requests
from helpdesk.domain.requests import Author
from helpdesk.enums import RequestState, Side
from helpdesk.models import Request as HelpRequest
from helpdesk.queries.facts import facts_of
from helpdesk.queries.requests import (
    ANSWERERS,
    DESK,
    SHOWS,
    colleagues_of,
    counts_of,
    line_of,
    may_answer,
    queue_of,
    request_of_attempt,
)
from helpdesk.views.base import StaffView, after_of, say, see, thread
from helpdesk.views.conversation import panel_of


@staff_page(*ANSWERERS)
@never_cache
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Who waits for an answer, the longest first."""
    return render(request, "help/desk.html", queue_context(request))


@staff_page(*ANSWERERS)
@never_cache
@require_GET
def conversation(request: HttpRequest, code: str) -> HttpResponse:
    """The queue, one conversation, and what is known of the asker's computer."""
    row = required(answered_by(code, request.user))
    context = queue_context(request) | {
        "current": row.code,
        "line": line_of(row),
        "facts": facts_of(row, at=clock.now()),
        "panel": panel_of({"request": row.code}),
        "is_free": row.state in RequestState.FREE,
        "is_resolved": row.state == RequestState.RESOLVED,
        "colleagues": colleagues_of(row, but=request.user),
    }
    return render(request, "help/desk.html", context)


@staff_page(*ANSWERERS)
@require_POST
def step(request: HttpRequest, code: str) -> HttpResponse:
    """Take, hand over, resolve or reopen a request."""
    row, at = required(answered_by(code, request.user)), clock.now()
    name = request.POST.get("step")
    if name == "take":
        requests.take(row, by=request.user, at=at)
    elif name == "hand_over":
        to = colleague(row, request)
        requests.hand_over(row, to=to, by=request.user, at=at)
    elif name == "resolve":
        requests.resolve(row, by=request.user, at=at)
    elif name == "reopen":
        requests.reopen(row, by=request.user, at=at)
    else:
        raise BadInput(reason="step")
    return redirect("helpdesk:request", code=code)


class StaffMessagesView(StaffView):
    """What was said after a seq, and one more answer."""

    def get(self, request: Request, code: str) -> Response:
        row = required(answered_by(code, request.user))
        return Response(thread(row, Side.STAFF, after=after_of(request)))

    def post(self, request: Request, code: str) -> Response:
        row = required(answered_by(code, request.user))
        author = Author(Side.STAFF, request.user)
        told = say(row, author, json_object(request), at=clock.now())
        return Response(told, status=status.HTTP_201_CREATED)


class StaffReadView(StaffView):
    def post(self, request: Request, code: str) -> Response:
        row = required(answered_by(code, request.user))
        author = Author(Side.STAFF, request.user)
        return Response(see(row, author, json_object(request), at=clock.now()))


class AttemptView(StaffView):
    """The conversation of an attempt, for the page that watches it."""

    def get(self, request: Request, code: str) -> Response:
        attempt = Attempt.objects.filter(code=code).first()
        row = request_of_attempt(attempt.pk) if attempt else None
        if row is not None:
            row = required(answered_by(row.code, request.user))
        elif attempt is None or not may_answer(request.user, attempt):
            raise NotFound
        return Response(thread(row, Side.STAFF))


def queue_context(request: HttpRequest) -> dict:
    show = request.GET.get("show", SHOWS[0])
    if show not in SHOWS:
        raise NotFound
    return {
        "nav": "desk",
        "show": show,
        "counts": counts_of(request.user),
        "queue": queue_of(request.user, show=show),
        "time_zone": "Asia/Shanghai",
        "may_check_in": has_role(request.user, *DESK),
    }


def colleague(row: HelpRequest, request: HttpRequest) -> Staff | None:
    """Return who takes over; None is the queue. Raises `BadInput` for anybody else."""
    name = request.POST.get("to", "")
    if not name:
        return None
    for one in colleagues_of(row, but=request.user):
        if one.username == name:
            return one
    raise BadInput(reason="to")


def required(row: HelpRequest | None) -> HelpRequest:
    if row is None:
        raise NotFound
    return row
