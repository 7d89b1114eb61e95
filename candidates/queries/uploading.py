"""Who still has recordings to send, and whether that keeps them on the upload page."""

from collections.abc import Iterable
from datetime import datetime

from candidates.enums import LeaseState, ObservationKind, RecordingState
from candidates.models import DeviceLease, Observation, Recording
from exams.domain.attempts import is_over
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, SessionKind
from exams.models import Attempt

GOING_ON = (AttemptState.ENTERED, AttemptState.SUBMITTED)


def uploading(attempts: Iterable[Attempt], *, at: datetime) -> set[int]:
    """Return the keys of ended attempts whose recordings are not all here yet.

    One query, and none where nothing has ended. Past the upload cap nothing is waited
    for.
    """
    ended = [
        attempt.pk
        for attempt in attempts
        if attempt.state in GOING_ON
        and is_over(attempt, at=at)
        and at < Schedule.of(attempt.session, attempt).upload_closes
    ]
    if not ended:
        return set()
    waiting = Recording.objects.filter(attempt__in=ended, state=RecordingState.OPEN)
    return set(waiting.values_list("attempt", flat=True))


def is_home_locked(lease: DeviceLease, *, at: datetime) -> bool:
    """Return whether this browser's way home leads to the upload page (R72).

    Only the one that holds the attempt, only in an exam, and only until its person
    leaves by the way out, which is recorded: a dead network locks nobody in.
    """
    session = lease.attempt.session
    asked = session.upload_lock_home and session.kind == SessionKind.FORMAL
    if not asked or lease.state != LeaseState.ACTIVE:
        return False
    if not uploading([lease.attempt], at=at):
        return False
    left = Observation.objects.filter(
        attempt=lease.attempt, kind=ObservationKind.UPLOAD_LEFT
    )
    return not left.exists()
