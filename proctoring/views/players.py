"""The films of an attempt for officials: what the player needs, and their bytes."""

from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from exams.access import staff_page
from exams.domain.schedule import Schedule
from exams.enums import Role
from exams.kernel import clock
from exams.kernel.clock import milliseconds
from exams.kernel.errors import NotAllowed, NotFound
from exams.models import Attempt
from exams.views.media import ranged
from proctoring.access import official_sessions
from proctoring.domain.players import open_films
from proctoring.models import Incident
from proctoring.queries.films import film_file, films_of, track_of

PLAYERS = "review_players"
MOST_PLAYERS = 200
RATES = ("0.5", "1", "2", "4")
Clip = tuple[datetime, datetime] | None


@staff_page(Role.OFFICIAL)
@require_safe
def film(
    request: HttpRequest, code: str, stream: str, version: int, number: int
) -> HttpResponseBase:
    """Serve one film, or a range of it, to an official whose page opened the player."""
    attempt = attempt_for(request, code)
    if code not in request.session.get(PLAYERS, []):
        raise NotAllowed
    path, mime, digest = film_file(
        attempt, stream=stream, version=version, number=number
    )
    name = f"{stream}-{version}-{number}"
    return ranged(request, path, mime=mime, tag=f'"{digest[:32]}"', name=name)


def attempt_for(request: HttpRequest, code: str) -> Attempt:
    """Return an attempt in a session where the asker is an official, or nothing."""
    attempt = (
        Attempt.objects.filter(code=code, session__in=official_sessions(request.user))
        .select_related("session__project", "drawn_number")
        .first()
    )
    if attempt is None:
        raise NotFound
    return attempt


def player_of(
    request: HttpRequest, attempt: Attempt, incidents: list[Incident], *, clip: Clip
) -> dict:
    """Open the player of an attempt (audited once per sign-in) and return its parts."""
    streams = films_of(attempt)
    opened = request.session.get(PLAYERS, [])
    if any(one.films for one in streams) and attempt.code not in opened:
        open_films(attempt, by=request.user, at=clock.now())
        request.session[PLAYERS] = [*opened, attempt.code][-MOST_PLAYERS:]
    schedule = Schedule.of(attempt.session, attempt)
    default = (schedule.entry_opens, schedule.ends)
    track = track_of(streams, incidents, clip=clip, default=default)
    return {
        "streams": streams,
        "track": track,
        "rates": RATES,
        "plan": {
            "from_ms": milliseconds(track.begins),
            "to_ms": milliseconds(track.ends),
            "starts_ms": milliseconds(schedule.starts),
            "time_zone": attempt.session.time_zone,
            "clip": [milliseconds(at) for at in clip] if clip else None,
            "marks_ms": [mark["at_ms"] for mark in track.marks],
            "streams": [_plan(attempt, one) for one in streams],
        },
    }


def _plan(attempt: Attempt, stream) -> dict:
    return {
        "stream": stream.stream,
        "films": [
            {
                "url": reverse(
                    "review:film",
                    args=[attempt.code, stream.stream, film.version, film.number],
                ),
                "spans": [[one.at_ms, one.from_ms, one.to_ms] for one in film.spans],
            }
            for film in stream.films
        ],
    }
