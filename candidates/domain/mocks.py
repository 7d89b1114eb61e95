"""Starting a mock test: when the candidate presses, as often as a day allows.

Makes the attempt and its `Enrolment`; what follows is the same code as in a formal
exam (R4). Refuses by `candidates.queries.mocks`. A mock has no draw, is never scored
and bars nobody from anything (R2, R3, R5).
"""

from datetime import datetime, timedelta

from django.db import transaction

from candidates.models import Candidate, Enrolment
from candidates.queries import mocks as queries
from exams.domain import attempts, mock_windows
from exams.domain.audit import Actor, record
from exams.domain.freezing import freeze
from exams.enums import SessionKind, SessionState
from exams.kernel.errors import NotFound
from exams.models import Attempt, Session


def start_mock(candidate: Candidate, *, session: str, at: datetime) -> Attempt:
    """Make the candidate's mock attempt, which starts `mock_lead` seconds from now.

    `session` is a mock session's code. While a mock goes on it is returned again: a
    second press, or one of another window, spends nothing. Raises `NotFound` for what
    is no published mock of the candidate's project, `MockWindowClosed` with the times,
    `MockQuotaUsed` with when the next is possible, `MockQuotaEnded`.
    """
    found = (
        Session.objects.filter(
            code=session, kind=SessionKind.MOCK, project=candidate.project_id
        )
        .exclude(state__in=SessionState.UNSEEN)
        .first()
    )
    if found is None:
        raise NotFound
    with transaction.atomic():
        # Two presses of one person take turns; the constraint on day and ordinal is
        # the second lock.
        Candidate.objects.select_for_update(no_key=True).get(pk=candidate.pk)
        taken = queries.mocks_taken(candidate, found)
        running = queries.running_mock(taken, at=at)
        if running:
            return running
        refusal = queries.refusal_to_start(found, taken, at=at)
        if refusal:
            raise refusal
        if not found.frozen_at:
            # The sweep may not have come yet; without a sealed paper nobody answers.
            freeze(found, by=Actor.job("freeze"), at=at)
        return _start(candidate, found, taken, at=at)


def _start(
    candidate: Candidate, session: Session, taken: list[Enrolment], *, at: datetime
) -> Attempt:
    day = mock_windows.local_day(session, at)
    ordinal = queries.taken_on(taken, day) + 1
    attempt = attempts.create_attempt(
        session, at=at, starts_at=at + timedelta(seconds=session.mock_lead)
    )
    Enrolment.objects.create(
        candidate=candidate,
        attempt=attempt,
        session=session,
        mock_day=day,
        mock_ordinal=ordinal,
    )
    record(
        "mock.started",
        by=Actor.of_candidate(attempt),
        at=at,
        subject=f"attempt:{attempt.code}",
        facts={"day": day.isoformat(), "ordinal": ordinal},
        chain=session.code,
    )
    return attempt
