"""When phone or computer was not heard inside the exam: observations, no verdict.

Owns no row; writes through `observations`. The phone has two functions, because its
silence is told when it begins and again, with its end, when it is over (R32, R47). A
computer's is told once, when it lasts longer than the session allows (R69, G10).
"""

from datetime import datetime, timedelta

from django.db import transaction

from candidates.domain import observations
from candidates.enums import ObservationKind, Stream
from candidates.models import Companion
from candidates.queries.companions import SILENCE
from candidates.queries.silences import ROW_LAG, last_pause, silent_since, unheard
from exams.domain.attempts import is_over
from exams.enums import AttemptState
from exams.models import Attempt


def note_gone(companion: Companion, *, at: datetime, facts: dict) -> None:
    """Write that the phone is missing since `at`; in the caller's transaction."""
    observations.note(
        companion.attempt,
        kind=ObservationKind.PHONE_GONE,
        stream=Stream.COMPANION,
        from_at=at,
        facts={"epoch": companion.epoch, **facts},
    )


def note_silence(companion: Companion, *, at: datetime) -> None:
    """Write how long a bound phone was not heard inside the exam, up to `at`.

    In the caller's transaction; nothing when it was heard within fifteen seconds.
    """
    last = companion.last_seen_at
    if last is None or companion.attempt.state != AttemptState.ENTERED:
        return
    if companion.gone_since or at - last >= SILENCE:
        observations.note(
            companion.attempt,
            kind=ObservationKind.PHONE_GONE,
            stream=Stream.COMPANION,
            from_at=companion.gone_since or last,
            to_at=at,
            facts={"epoch": companion.epoch},
        )


def sweep_computers(*, at: datetime) -> int:
    """Write every silence that outlasts the session's grace; return how many.

    Once each: what was noted since the computer was heard last is not noted again.
    """
    silent = [row for row in unheard(at=at) if _outlasts_grace(row, at=at)]
    return sum(_note_computer(row, at=at) for row in silent)


def _outlasts_grace(attempt: Attempt, *, at: datetime) -> bool:
    grace = timedelta(seconds=attempt.session.reconnect_grace)
    if at - silent_since(attempt, attempt.heard_at) < grace + ROW_LAG:
        return False
    return not is_over(attempt, at=at)


def _note_computer(attempt: Attempt, *, at: datetime) -> bool:
    since = silent_since(attempt, attempt.heard_at)
    with transaction.atomic():
        # Two sweeps at once take turns here, and the second finds what is noted.
        Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
        noted = last_pause(attempt)
        if noted and noted.from_at >= since:
            return False
        observations.note(
            attempt,
            kind=ObservationKind.COMPUTER_GONE,
            from_at=since,
            to_at=at,
            facts={"grace": attempt.session.reconnect_grace},
        )
    return True
