"""The phone's pages: the door with six digits, a scanned code, and the film."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from candidates.domain.companions import Opened, open_by_digits, open_by_token
from candidates.enums import CompanionState
from candidates.phone_access import companion_for, phone_of, set_phone_cookie
from candidates.queries.companions import PAN_ASKED_MS, recording_code
from exams.kernel import clock
from exams.kernel.errors import Refusal


@never_cache
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """Six digits typed by hand, for a phone that cannot scan (R45)."""
    at, refusal = clock.now(), None
    if request.method == "POST":
        try:
            digits = request.POST.get("digits", "")[:20]
            opened = open_by_digits(digits, browser=phone_of(request), at=at)
        except Refusal as error:
            refusal = error
        else:
            return _on_to_film(opened)
    companion = companion_for(request)
    goes_on = companion is not None and companion.state in CompanionState.LIVE
    return _page(request, "phone/door.html", refusal, {"goes_on": goes_on})


@never_cache
@require_http_methods(["GET", "POST"])
def open_code(request: HttpRequest, token: str) -> HttpResponse:
    """A scanned code. Looking at it opens nothing: chat programs look ahead."""
    at, refusal = clock.now(), None
    if request.method == "POST":
        try:
            opened = open_by_token(token, browser=phone_of(request), at=at)
        except Refusal as error:
            refusal = error
        else:
            return _on_to_film(opened)
    context = {"link": request.build_absolute_uri()}
    return _page(request, "phone/open.html", refusal, context)


@never_cache
@require_GET
def film(request: HttpRequest) -> HttpResponse:
    """The one document from the comparison to the receipt (R44–R48, R73)."""
    companion = companion_for(request)
    if companion is None:
        return redirect("phone:door")
    at, session = clock.now(), companion.attempt.session
    context = {
        "session": {"title": session.title, "time_zone": session.time_zone},
        "project": {
            "title": session.project.title,
            "hotline": session.project.hotline,
            "hotline_hours": session.project.hotline_hours,
        },
        "pairing": companion.code,
        "recording": recording_code(companion.attempt),
        "pan_ms": PAN_ASKED_MS,
        "server_ms": clock.milliseconds(at),
    }
    return render(request, "phone/film.html", context)


def _page(
    request: HttpRequest, template: str, refusal: Refusal | None, context: dict
) -> HttpResponse:
    status = refusal.status if refusal else 200
    return render(request, template, {**context, "refusal": refusal}, status=status)


def _on_to_film(opened: Opened) -> HttpResponse:
    response = redirect("phone:film")
    set_phone_cookie(response, opened.secret)
    return response
