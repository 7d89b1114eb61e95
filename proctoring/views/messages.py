"""What a proctor does from the enlarged page: message, warning, incident.

Each form works without a script and comes back to the page; a script asks for JSON
and stays.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from exams.access import staff_page
from exams.kernel import clock
from exams.kernel.errors import BadInput, Refusal
from exams.models import Attempt
from proctoring.domain import messages
from proctoring.domain.incidents import note_incident
from proctoring.models import Article
from proctoring.queries.incidents import articles_of
from proctoring.queries.places import ROLES
from proctoring.watchers import attempt_watched

MAX_CLIP_SECONDS = 600
Act = Callable[[HttpRequest, Attempt], None]


def answered(act: Act) -> Callable[..., HttpResponse]:
    """Decorate an act on an attempt: rights, then JSON or the page again."""

    @staff_page(*ROLES)
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, code: str) -> HttpResponse:
        attempt = attempt_watched(request.user, code)
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            act(request, attempt)
        except Refusal as refusal:
            if not wants_json:
                raise
            body = {"code": refusal.code, "title": str(refusal)}
            return JsonResponse(body, status=refusal.status)
        if wants_json:
            return JsonResponse({"done": True})
        return redirect("proctor:one", code=attempt.code)

    return view


@answered
def message(request: HttpRequest, attempt: Attempt) -> None:
    """Send a message to the candidate."""
    messages.send_message(
        attempt,
        text=request.POST.get("text", ""),
        by=request.user,
        at=clock.now(),
    )


@answered
def warning(request: HttpRequest, attempt: Attempt) -> None:
    """Warn the candidate, with an article or own words (L2)."""
    messages.warn(
        attempt,
        text=request.POST.get("text", ""),
        article=_article(request, attempt),
        by=request.user,
        at=clock.now(),
    )


@answered
def incident(request: HttpRequest, attempt: Attempt) -> None:
    """Keep what was seen, from so many seconds ago to so many after."""
    at = clock.now()
    note_incident(
        attempt,
        article=_article(request, attempt),
        from_at=at - timedelta(seconds=_seconds(request, "before")),
        to_at=at + timedelta(seconds=_seconds(request, "after")),
        note=request.POST.get("note", ""),
        by=request.user,
        at=at,
    )


def _article(request: HttpRequest, attempt: Attempt) -> Article | None:
    code = request.POST.get("article", "")
    if not code:
        return None
    known = articles_of(attempt.session)
    article = next((one for one in known if one.code == code), None)
    if article is None:
        raise BadInput(reason="article")
    return article


def _seconds(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and int(text[:5]) <= MAX_CLIP_SECONDS):
        raise BadInput(reason=name)
    return int(text)
