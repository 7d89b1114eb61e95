"""What a client or the chunk path noticed, written where it happens.

Owns `Observation`: facts with a time, append-only, never a verdict (R57, R82). Moves
no state and decides nothing about anybody.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from candidates.enums import ObservationKind, Stream
from candidates.models import DeviceLease, Observation
from candidates.queries.focus import leavings_of
from candidates.signals import observed
from exams.enums import FocusPolicy
from exams.kernel import canonical, clock
from exams.kernel.errors import BadInput
from exams.models import Attempt

logger = logging.getLogger(__name__)
CLIENT_KINDS = frozenset(
    {
        ObservationKind.FOCUS_LOST,
        ObservationKind.SHARE_STOPPED,
        ObservationKind.DEVICE_LOST,
    }
)
MAX_ITEMS = 50
MAX_FACTS_BYTES = 1000
CLOCK_SLACK = timedelta(minutes=5)


def note(
    attempt: Attempt,
    *,
    kind: str,
    from_at: datetime,
    to_at: datetime | None = None,
    stream: str = "",
    facts: dict | None = None,
) -> Observation:
    """Write one observation of the server itself, in the caller's transaction."""
    row = Observation(
        attempt=attempt,
        kind=kind,
        stream=stream,
        from_at=from_at,
        to_at=to_at,
        facts=facts or {},
    )
    note_all([row])
    return row


def note_all(rows: list[Observation]) -> None:
    """Write observations in the caller's transaction; `observed` is sent after it.

    A receiver that fails is logged and disturbs nobody: whoever misses a signal finds
    the rows.
    """
    if rows:
        Observation.objects.bulk_create(rows)
        transaction.on_commit(partial(_send_observed, rows), robust=True)


def take_observations(lease: DeviceLease, *, items: list[dict], at: datetime) -> int:
    """Write what a browser noticed: `[{kind, stream, from_ms, to_ms, facts}]`.

    All or nothing; raises `BadInput` for an unknown kind, a time in the future or
    too much. Returns how many were written. Where the session sets a limit, leaving
    the page more often is one more observation, so that somebody looks (R57).
    """
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        raise BadInput(reason=f"items: 1..{MAX_ITEMS}")
    rows = [_row(lease.attempt, item, at=at) for item in items]
    has_left = any(row.kind == ObservationKind.FOCUS_LOST for row in rows)
    limited = lease.attempt.session.focus_loss == FocusPolicy.LIMIT
    with transaction.atomic():
        if has_left and limited:
            Attempt.objects.select_for_update().get(pk=lease.attempt_id)
        note_all(rows)
        if has_left and limited:
            _note_limit(lease.attempt)
    return len(rows)


def _note_limit(attempt: Attempt) -> None:
    """Note once that the page was left too often; the attempt is locked."""
    limit, found = attempt.session.focus_limit, leavings_of(attempt)
    kind = ObservationKind.FOCUS_LIMIT
    if limit is None or found["count"] <= limit:
        return
    if not Observation.objects.filter(attempt=attempt, kind=kind).exists():
        note(
            attempt,
            kind=kind,
            stream=Stream.SCREEN,
            from_at=found["from_at"],
            to_at=found["to_at"],
            facts={"count": found["count"], "limit": limit},
        )


def _send_observed(rows: list[Observation]) -> None:
    for _receiver, result in observed.send_robust(
        sender=Observation, observations=rows
    ):
        if isinstance(result, Exception):
            logger.error("an observation was not taken up", exc_info=result)


def _row(attempt: Attempt, item: object, *, at: datetime) -> Observation:
    if not isinstance(item, dict) or item.get("kind") not in CLIENT_KINDS:
        raise BadInput(reason="kind")
    stream = item.get("stream") or ""
    if stream and stream not in Stream.values:
        raise BadInput(reason="stream")
    to_ms = item.get("to_ms")
    return Observation(
        attempt=attempt,
        kind=item["kind"],
        stream=stream,
        from_at=_instant(item.get("from_ms"), at=at),
        to_at=None if to_ms is None else _instant(to_ms, at=at),
        facts=_facts(item.get("facts") or {}),
    )


def _instant(value: object, *, at: datetime) -> datetime:
    if type(value) is not int or not 0 <= value <= 2**43:
        raise BadInput(reason="from_ms, to_ms")
    instant = clock.from_milliseconds(value)
    if instant > at + CLOCK_SLACK:
        raise BadInput(reason="from_ms, to_ms")
    return instant


def _facts(facts: object) -> dict:
    try:
        size = len(canonical.encode(facts))
    except TypeError:
        raise BadInput(reason="facts") from None
    if not isinstance(facts, dict) or size > MAX_FACTS_BYTES:
        raise BadInput(reason="facts")
    return facts
