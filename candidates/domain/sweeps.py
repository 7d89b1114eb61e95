"""What must happen although nobody asks: hard caps and forgotten jobs.

Owns no row. Finds recordings whose time has come and hands each to the function that
owns the change; may run twice and beside itself. Windows hold without it: only what
is stored comes later (design §14).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from candidates.domain.mailings import MAIL_TASK
from candidates.domain.sealing import ARCHIVE_TASK, seal_as_held
from candidates.domain.tickets import TICKETS_TASK
from candidates.domain.waking import Waker
from candidates.enums import RecordingState
from candidates.models import Recording
from candidates.queries.archive import recordings_due
from candidates.queries.mailings import mailings_due
from candidates.queries.tickets import batches_due
from exams.domain.audit import Actor
from exams.domain.schedule import Schedule
from exams.enums import AttemptState
from exams.kernel.errors import Conflict, IllegalMove

CAP_REASON = "upload cap"


def sweep_caps(*, at: datetime) -> int:
    """Seal as held what is still open at the upload cap; return how many (R73)."""
    sealed = 0
    for recording in _overdue(at=at):
        try:
            seal_as_held(recording, by=Actor.job("sweep"), at=at, reason=CAP_REASON)
        except (Conflict, IllegalMove):
            # The candidate's own seal came first.
            continue
        sealed += 1
    return sealed


class ArchiveWaker(Waker):
    """Wakes the archive job of every recording that is due and still waits.

    Sealing wakes the job itself, so a row that is due for long was forgotten.
    """

    def __init__(self) -> None:
        super().__init__(ARCHIVE_TASK, _archives_due)


class TicketWaker(Waker):
    """Wakes the job of every making of tickets that has not finished."""

    def __init__(self) -> None:
        super().__init__(TICKETS_TASK, _tickets_due)


class MailWaker(Waker):
    """Wakes the job of every mailing that is being sent.

    Also the ordinary way on: a job leaves when its minute is used up.
    """

    def __init__(self) -> None:
        super().__init__(
            MAIL_TASK,
            _mailings_due,
            first=timedelta(seconds=10),
            longest=timedelta(minutes=1),
        )


def _archives_due(at: datetime) -> dict[int, dict[str, str]]:
    rows = recordings_due().filter(sealed_at__lte=at).values_list("pk", "code")
    return {pk: {"recording": str(code)} for pk, code in rows}


def _tickets_due(at: datetime) -> dict[int, dict[str, str]]:
    rows = batches_due().filter(created_at__lte=at).values_list("pk", "code")
    return {pk: {"batch": code} for pk, code in rows}


def _mailings_due(at: datetime) -> dict[int, dict[str, str]]:
    rows = mailings_due().filter(started_at__lte=at).values_list("pk", "code")
    return {pk: {"mailing": code} for pk, code in rows}


def _overdue(*, at: datetime) -> Iterator[Recording]:
    """Open recordings of ended attempts whose upload window is over."""
    candidates = Recording.objects.filter(
        state=RecordingState.OPEN,
        attempt__state__in=AttemptState.ENDED,
        attempt__session__starts_at__lt=at,
    ).select_related("attempt__session")
    for recording in candidates:
        attempt = recording.attempt
        if Schedule.of(attempt.session, attempt).upload.is_over(at):
            yield recording
