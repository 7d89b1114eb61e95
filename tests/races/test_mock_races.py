"""Many presses at once on a real database: one mock, and the day's quota holds."""

import pytest

from candidates.domain.mocks import start_mock
from candidates.models import Enrolment
from exams.domain.audit import verify_chain
from exams.models import Attempt, AuditEntry
from tests.builders.candidates import make_candidate
from tests.builders.exams import START, make_ready_session
from tests.races.test_lease_races import THREADS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("per_day", [1, 3])
def test_many_presses_of_one_candidate_make_one_attempt(per_day):
    session = make_ready_session(kind="mock", mock_per_day=per_day)
    candidate = make_candidate(session.project)

    def press():
        return start_mock(candidate, session=session.code, at=START).code

    found = at_once(*[press] * THREADS)

    attempt = Attempt.objects.get(session=session)
    assert found == [attempt.code] * THREADS
    assert Enrolment.objects.count() == 1
    assert AuditEntry.objects.filter(action="mock.started").count() == 1
    assert verify_chain(session.code) > 0


def test_first_presses_of_many_candidates_freeze_the_session_once():
    session = make_ready_session(kind="mock")
    people = [make_candidate(session.project) for _ in range(THREADS)]

    def press_of(candidate):
        return lambda: start_mock(candidate, session=session.code, at=START).code

    found = at_once(*[press_of(candidate) for candidate in people])

    assert len(set(found)) == THREADS
    assert Enrolment.objects.filter(mock_ordinal=1).count() == THREADS
    assert AuditEntry.objects.filter(action="session.frozen").count() == 1
    assert verify_chain(session.code) > 0
