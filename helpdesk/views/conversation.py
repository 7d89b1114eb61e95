"""The asker's side: the panel that pages embed, and the JSON behind it (R67, G3)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.queries.home import project_by_slug
from exams.api.base import json_object
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal
from exams.models import Project
from helpdesk.access import (
    asked_by,
    asker_of,
    digest_of,
    lease_in,
    own_request,
    remember_browser,
)
from helpdesk.domain import requests
from helpdesk.domain.words import MAX_TEXT
from helpdesk.enums import Side, Topic
from helpdesk.models import Request as HelpRequest
from helpdesk.views.base import HelpView, after_of, say, see, thread

# What a page may ask the panel for → the JSON of that conversation, and whose side.
SOURCES = {
    "project": ("help:mine", Side.CANDIDATE),
    "request": ("helpdesk:messages", Side.STAFF),
    "attempt": ("helpdesk:attempt", Side.STAFF),
}


class UnknownBrowser(Refusal):
    """It did not send back the secret that the first look handed out."""

    code = "unknown_browser"
    status = 403
    message = _("This browser keeps no cookies. Allow them, or call the hotline.")


@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    """The markup of one conversation, without anything said in it.

    `?project=<slug>` for the asking browser, `?request=<code>` or `?attempt=<code>`
    for staff. It holds nothing that depends on who asks.
    """
    return render(request, "help/panel.html", panel_of(request.GET.dict()))


def panel_of(asked: dict[str, str]) -> dict:
    """Return what the panel's template needs; raises `NotFound`."""
    names = [name for name in SOURCES if name in asked]
    if len(names) != 1:
        raise NotFound
    route, side = SOURCES[names[0]]
    try:
        url = reverse(route, args=[asked[names[0]]])
    except NoReverseMatch:
        raise NotFound from None
    return {
        "url": url,
        "side": side,
        "is_staff_side": side == Side.STAFF,
        "max_text": MAX_TEXT,
        "topics": Topic.choices,
    }


class MineView(HelpView):
    """The request of this browser in a project; made by its first message."""

    def get(self, request: Request, slug: str) -> Response:
        project = project_or_404(slug)
        row = own_request(project, request.COOKIES)
        reply = thread(row, Side.CANDIDATE) | {
            "signed_in": lease_in(project, request.COOKIES) is not None
        }
        response = Response(reply)
        remember_browser(request, response)
        return response

    def post(self, request: Request, slug: str) -> Response:
        """Open the request with `{topic, ticket_number, diagnostics, client_id, text}`.

        Sent again, it finds the same request and the same message.
        """
        at, project, body = clock.now(), project_or_404(slug), json_object(request)
        ticket_number = body.get("ticket_number", "")
        asker = asker_of(request, project, ticket_number=ticket_number)
        if asker.attempt is None and not digest_of(request.COOKIES):
            # Without its secret the browser could never read the answer.
            raise UnknownBrowser
        row = requests.open_request(
            project,
            asker=asker,
            topic=body.get("topic"),
            diagnostics=body.get("diagnostics"),
            at=at,
        )
        say(row, requests.CANDIDATE, body, at=at)
        reply = thread(row, Side.CANDIDATE)
        return Response(reply, status=status.HTTP_201_CREATED)


class MessagesView(HelpView):
    """What was said after a seq, and one more message of the asker."""

    def get(self, request: Request, code: str) -> Response:
        row = required(asked_by(code, request.COOKIES))
        return Response(thread(row, Side.CANDIDATE, after=after_of(request)))

    def post(self, request: Request, code: str) -> Response:
        row = required(asked_by(code, request.COOKIES))
        told = say(row, requests.CANDIDATE, json_object(request), at=clock.now())
        return Response(told, status=status.HTTP_201_CREATED)


class ReadView(HelpView):
    def post(self, request: Request, code: str) -> Response:
        row = required(asked_by(code, request.COOKIES))
        body = json_object(request)
        return Response(see(row, requests.CANDIDATE, body, at=clock.now()))


def project_or_404(slug: str) -> Project:
    project = project_by_slug(slug)
    if project is None:
        raise NotFound
    return project


def required(row: HelpRequest | None) -> HelpRequest:
    if row is None:
        raise NotFound
    return row
