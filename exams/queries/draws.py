"""What a draw shows: the public transcript, and the number of one attempt."""

import hashlib

from django.db.models import QuerySet

from exams.enums import AttemptState
from exams.kernel import canonical, clock, seals
from exams.models import Attempt, Draw, DrawnNumber, Session

PROTOCOL = "kaowu/draw/1"
PRACTICE_NUMBERS = 999


def transcript(session: Session) -> dict | None:
    """Return the public transcript of a session's draw, or None before the freeze.

    Until the draw is closed it holds the commitment and the roster, and neither seed
    nor numbers. `seal` is a signed envelope over the digest of everything else.
    """
    draw = Draw.objects.filter(session=session).first()
    if draw is None:
        return None
    body = {
        "protocol": PROTOCOL,
        "session": session.code,
        "roster": draw.roster,
        "roster_hash": draw.roster_hash,
        "commitment": draw.commitment,
        "committed_ms": clock.milliseconds(draw.committed_at),
        "closed_ms": clock.milliseconds(draw.closed_at) if draw.closed_at else None,
        "seed": draw.seed if draw.closed_at else None,
        **_dealt(draw),
    }
    return {**body, "seal": seals.seal(_statement(body))}


def number_of(attempt: Attempt) -> int | None:
    """Return the attempt's sequence number, or None before it is dealt."""
    numbers = DrawnNumber.objects.filter(attempt=attempt)
    return numbers.values_list("number", flat=True).first()


def attempts_without_number(sessions: QuerySet[Session]) -> QuerySet[Attempt]:
    """Return who missed a closed draw that deals nothing by itself, and may enter."""
    return Attempt.objects.filter(
        session__in=sessions,
        session__auto_assign=False,
        session__draw__closed_at__isnull=False,
        state__in=AttemptState.BEFORE_ENTRY,
        drawn_number=None,
    )


def practice_number(attempt: Attempt) -> int:
    """Return the number that a mock shows, 1..999; it belongs to no draw (R6)."""
    digest = hashlib.sha256(b"kaowu/practice/1" + attempt.code.encode()).digest()
    return int.from_bytes(digest[:8], "big") % PRACTICE_NUMBERS + 1


def _dealt(draw: Draw) -> dict[str, list[dict]]:
    if draw.closed_at is None:
        return {"numbers": [], "late": []}
    rows = draw.numbers.select_related("attempt").order_by("position")
    entries = [_entry(row) for row in rows]
    size = len(draw.roster)
    dealt = [entry for entry in entries if entry["position"] <= size]
    undrawn = sorted(set(draw.roster) - {entry["attempt"] for entry in dealt})
    return {
        "numbers": dealt,
        "late": entries[len(dealt) :],
        **({"undrawn": undrawn} if undrawn else {}),
    }


def _entry(row: DrawnNumber) -> dict:
    return {
        "position": row.position,
        "attempt": row.attempt.code,
        "number": row.number,
        "nonce": row.nonce,
        "origin": row.origin,
        "drawn_ms": clock.milliseconds(row.drawn_at),
        "receipt": row.receipt,
    }


def _statement(body: dict) -> dict[str, str]:
    digest = hashlib.sha256(canonical.encode(body)).hexdigest()
    return {
        "kind": "kaowu/draw-transcript/1",
        "session": body["session"],
        "digest": digest,
    }
