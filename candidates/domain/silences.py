"""When the phone was not heard inside the exam: observations, never a verdict.

Owns no row; writes through `observations`. Two functions, because a silence is told
when it begins and again, with its end, when it is over (R32, R47).
"""

from datetime import datetime

from candidates.domain import observations
from candidates.enums import ObservationKind, Stream
from candidates.models import Companion
from candidates.queries.companions import SILENCE
from exams.enums import AttemptState


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
