"""The phones of an attempt as pages and staff see them. Reads only."""

from datetime import datetime, timedelta

from django.db.models import F, Max, QuerySet

from candidates.domain import pairing
from candidates.domain.thumbnails import thumbnail_version
from candidates.enums import CompanionState, Stream
from candidates.models import Chunk, Companion, Recording
from candidates.queries.ledger import recordings_state
from exams.domain.attempts import is_over
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, Stage
from exams.kernel.clock import milliseconds
from exams.models import Attempt

SILENCE = timedelta(seconds=15)
PAN_ASKED_MS, PAN_LEAST_MS = 15_000, 10_000
PAN = "pan"  # the reason of the segment that shows the room (R46)


def companion_of_secret(secret: str) -> Companion | None:
    """Return the pairing that a phone's cookie names, with attempt and session."""
    if not secret:
        return None
    found = Companion.objects.filter(phone_digest=pairing.token_digest(secret))
    return found.select_related("attempt__session__project").first()


def live_companion(attempt: Attempt) -> Companion | None:
    """Return the phone that films for the attempt, if one is bound."""
    return _of(attempt).filter(state__in=CompanionState.LIVE).first()


def open_code(attempt: Attempt, *, at: datetime) -> Companion | None:
    """Return the code that waits for a phone or for its comparison, and is valid."""
    waiting = _of(attempt).filter(state__in=CompanionState.WAITING, expires_at__gt=at)
    return waiting.first()


def shown_state(companion: Companion, *, at: datetime) -> str:
    """Return the state; a code past its time counts as expired before any sweep."""
    waits = companion.state in CompanionState.WAITING
    if waits and companion.expires_at <= at:
        return CompanionState.EXPIRED.value
    return str(companion.state)


def recording_code(attempt: Attempt) -> str:
    """Return the code of the phone's recording, empty where there is none."""
    found = Recording.objects.filter(attempt=attempt, stream=Stream.COMPANION)
    return str(found.values_list("code", flat=True).first() or "")


def panned_ms(attempt: Attempt) -> int:
    """Return how much of a room pan the server holds, its longest one (R46)."""
    chunks = Chunk.objects.filter(
        segment__recording__attempt=attempt,
        segment__recording__stream=Stream.COMPANION,
        segment__reason=PAN,
    )
    ends = chunks.aggregate(last=Max(F("start_ms") + F("duration_ms")))
    return ends["last"] or 0


def is_panned(attempt: Attempt) -> bool:
    """Return whether the room was shown long enough, or need not be shown (R46)."""
    if not attempt.session.room_pan_required:
        return True
    return panned_ms(attempt) >= PAN_LEAST_MS


def companion_state(attempt: Attempt, *, at: datetime) -> dict | None:
    """Return what the computer's state reply says of the phone; one query.

    None where the session asks for no phone. `state` is the bound phone's, or the
    newest pairing's where none is bound; `offer` the code that is being shown.
    """
    if Stage.COMPANION not in attempt.session.stages:
        return None
    rows = list(_of(attempt).order_by("-pk")[:20])
    live = [row for row in rows if row.state in CompanionState.LIVE]
    bound = [row for row in rows if row.bound_at]
    shown = next(iter(live + bound), None)
    offers = [row for row in rows if shown_state(row, at=at) in CompanionState.WAITING]
    return {
        "state": str(shown.state) if shown else None,
        "device": shown.device if shown else "",
        "bound_ms": _ms(shown and shown.bound_at),
        "filming_ms": _ms(shown and shown.filming_at),
        "last_seen_ms": _ms(shown and shown.last_seen_at),
        "thumbnail_version": thumbnail_version(attempt.code, Stream.COMPANION),
        "facts": shown.facts if shown else {},
        "offer": _offer(offers[0]) if offers else None,
    }


def phone_state(companion: Companion, *, at: datetime) -> dict:
    """Return the phone's whole state, all but the edge token; no name is in it."""
    attempt, session = companion.attempt, companion.attempt.session
    over = is_over(attempt, at=at)
    schedule = Schedule.of(session, attempt)
    recordings = recordings_state(attempt)
    return {
        "server_ms": milliseconds(at),
        "cursor": 0,
        "attempt": {"over": over, "entered": attempt.state == AttemptState.ENTERED},
        "companion": {
            "state": shown_state(companion, at=at),
            "cross_check": companion.cross_check,
            "expires_ms": milliseconds(companion.expires_at),
            "filming_ms": _ms(companion.filming_at),
            "panned": is_panned(attempt),
        },
        "session": {
            "title": session.title,
            "project_title": session.project.title,
            "time_zone": session.time_zone,
            "slice_ms": session.slice_ms,
        },
        "deadlines": {
            name: milliseconds(getattr(schedule, name))
            for name in ("starts", "ends", "evidence_confirm_by", "upload_closes")
        },
        "recording": next(
            (row for row in recordings if row["stream"] == Stream.COMPANION), None
        ),
    }


def _of(attempt: Attempt) -> QuerySet[Companion]:
    return Companion.objects.filter(attempt=attempt)


def _offer(companion: Companion) -> dict:
    return {
        "code": companion.code,
        "state": str(companion.state),
        "cross_check": companion.cross_check,
        "device": companion.device,
        "expires_ms": milliseconds(companion.expires_at),
    }


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
