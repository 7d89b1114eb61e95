"""The proctor's pages: the grid of tiles, and one candidate enlarged.

Tiles come over the socket; what the enlarged page shows it asks for every second.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from candidates.domain.thumbnails import read_thumbnail
from candidates.presence import BOARD
from candidates.queries.live import bytes_from, streams_of
from exams.access import staff_page
from exams.enums import Stage
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, NotFound
from proctoring.domain.messages import MAX_TEXT
from proctoring.domain.watches import keep_watch, open_watch, running_watch
from proctoring.queries.incidents import articles_of
from proctoring.queries.places import ROLES, places_of
from proctoring.queries.tiles import facts_of, tile_of
from proctoring.queries.timeline import timeline_of
from proctoring.watchers import attempt_watched

# Opened by itself a picture or a chunk may do nothing.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
THUMBNAIL_SECONDS = 60


@staff_page(*ROLES)
@never_cache
@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """The rooms of this proctor; their tiles follow over the socket."""
    places = places_of(request.user, at=clock.now())
    return render(
        request, "proctor/grid.html", {"places": places, "stages": Stage.choices}
    )


@staff_page(*ROLES)
@never_cache
@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One candidate enlarged; opening the page is written and audited."""
    at = clock.now()
    attempt = attempt_watched(request.user, code)
    open_watch(attempt, staff=request.user, at=at)
    (facts,) = facts_of([attempt.pk]).values()
    context = {
        "attempt": attempt,
        "label": facts.label,
        "session": attempt.session,
        "stages": Stage.choices,
        "articles": articles_of(attempt.session),
        "max_text": MAX_TEXT,
    }
    return render(request, "proctor/one.html", context)


@staff_page(*ROLES)
@never_cache
@require_GET
def live(request: HttpRequest, code: str) -> HttpResponse:
    """What the enlarged page shows now: the tile, and the newest chunk per stream."""
    at = clock.now()
    attempt = attempt_watched(request.user, code)
    keep_watch(attempt, staff=request.user, at=at)
    (facts,) = facts_of([attempt.pk]).values()
    return JsonResponse(
        {
            "server_ms": clock.milliseconds(at),
            "tile": tile_of(facts, BOARD.newest(code), at=at),
            "streams": streams_of(attempt),
        }
    )


@staff_page(*ROLES)
@never_cache
@require_GET
def timeline(request: HttpRequest, code: str) -> HttpResponse:
    """What happened to the candidate so far, newest first."""
    attempt = attempt_watched(request.user, code)
    return JsonResponse({"lines": timeline_of(attempt)})


@staff_page(*ROLES)
@require_safe
def chunks(
    request: HttpRequest, code: str, segment: UUID, first: int, last: int
) -> HttpResponse:
    """The bytes of stored chunks in a row, for whoever has the candidate enlarged."""
    attempt = attempt_watched(request.user, code)
    if running_watch(attempt, staff=request.user, at=clock.now()) is None:
        raise NotAllowed
    mime, newest, body = bytes_from(attempt, segment=segment, first=first, last=last)
    response = HttpResponse(body, content_type=mime)
    response["Kaowu-Last-Chunk"] = str(newest)
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = POLICY
    return response


@staff_page(*ROLES)
@require_safe
def thumbnail(request: HttpRequest, code: str, stream: str) -> HttpResponse:
    """The newest small picture of one stream; asked for by its version."""
    attempt = attempt_watched(request.user, code)
    body = read_thumbnail(attempt.code, stream)
    if body is None:
        raise NotFound
    response = HttpResponse(body, content_type="image/jpeg")
    response["Cache-Control"] = f"private, max-age={THUMBNAIL_SECONDS}"
    response["Content-Security-Policy"] = POLICY
    return response
