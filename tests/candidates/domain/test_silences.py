"""A computer that is not heard for longer than its session allows (R69, G10)."""

from datetime import timedelta

import pytest

from candidates.domain.silences import sweep_computers
from candidates.models import Observation, Presence
from candidates.queries.standing import lease_by_digest
from candidates.queries.state import state_of
from exams.kernel.clock import milliseconds
from proctoring.domain.incidents import sweep_incidents
from proctoring.models import Incident
from tests.builders.candidates import make_lease
from tests.builders.exams import START, after_start, before_start, make_attempt
from tests.builders.passages import make_person, make_published_session

pytestmark = pytest.mark.django_db
LAG = 15  # seconds that a row may be behind
TICK = timedelta(milliseconds=1)


def sits(**columns):
    session = make_published_session(**{"reconnect_grace": 300, **columns})
    attempt = make_person(session)
    attempt.state, attempt.entered_at = "entered", before_start(300)
    attempt.save()
    return attempt


def hear(attempt, at):
    Presence.objects.update_or_create(attempt=attempt, defaults={"at": at})


def pause_told(lease, at):
    return state_of(lease_by_digest(lease.token_digest), at=at)["pause"]


def noted():
    rows = Observation.objects.filter(kind="computer_gone").order_by("pk")
    return [(row.from_at, row.to_at) for row in rows]


def test_silence_beyond_the_grace_is_noted_once_and_shown_to_everybody_concerned():
    attempt = sits()
    lease = make_lease(attempt)
    last, due = after_start(60), after_start(60 + 300 + LAG)
    hear(attempt, last)
    make_attempt(attempt.session, state="checked_in")

    assert sweep_computers(at=due - TICK) == 0
    assert pause_told(lease, at=due) is None
    assert [sweep_computers(at=due), sweep_computers(at=due + TICK)] == [1, 0]
    hear(attempt, after_start(400))
    assert sweep_computers(at=after_start(500)) == 0
    assert sweep_computers(at=after_start(400 + 300 + LAG)) == 1

    sweep_incidents(at=after_start(800))
    assert noted()[0] == (last, due)
    assert [row.kind for row in Incident.objects.all()] == ["computer_gone"] * 2
    told = pause_told(lease, at=after_start(800))
    assert told == {"from_ms": milliseconds(after_start(400))}


def test_silence_counts_from_the_questions_on_also_of_whom_nobody_heard():
    sits()

    assert sweep_computers(at=after_start(300 + LAG) - TICK) == 0
    assert sweep_computers(at=after_start(300 + LAG)) == 1
    assert noted()[0][0] == START


@pytest.mark.parametrize(
    ("columns", "at"),
    [
        ({"reconnect_grace": None}, after_start(1100)),
        ({"kind": "mock"}, after_start(1100)),
        ({}, after_start(1200)),
    ],
)
def test_silence_without_a_grace_in_a_mock_or_after_the_end_is_nothing(columns, at):
    sits(**columns)

    assert sweep_computers(at=at) == 0
