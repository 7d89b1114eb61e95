"""How a mock ended: attendance, steps, devices and upload, never better than true."""

import pytest
from django.utils import translation

from candidates.domain.mocks import start_mock
from candidates.models import StagePassage
from candidates.queries.mocks import mock_cards, mock_outcomes
from exams.models import Attempt
from exams.queries.draws import practice_number
from tests.builders.candidates import make_candidate, make_recording
from tests.builders.exams import START, after_start, make_ready_session

pytestmark = pytest.mark.django_db
LATER = after_start(7200)


@pytest.fixture
def session():
    return make_ready_session(kind="mock", answer=600)


def take(session, **columns):
    """A mock of a new candidate, put into the state given."""
    candidate = make_candidate(session.project)
    attempt = start_mock(candidate, session=session.code, at=START)
    Attempt.objects.filter(pk=attempt.pk).update(**columns)
    attempt.refresh_from_db()
    return attempt


def taken_part(session, *recordings):
    attempt = take(session, state="sealed", entered_at=after_start(200))
    for stream, columns in zip(("camera", "screen"), recordings, strict=False):
        make_recording(attempt, stream=stream, **columns)
    return attempt


def ends(session, at=LATER):
    return [line.outcome.end for line in mock_outcomes(session, at=at)]


@pytest.mark.parametrize(
    ("columns", "at", "end"),
    [
        ({}, after_start(299), "running"),
        ({}, after_start(300), "not_entered"),
        ({"state": "checked_in"}, after_start(300), "not_entered"),
        ({"state": "entered", "entered_at": START}, after_start(899), "running"),
        ({"state": "entered", "entered_at": START}, after_start(900), "incomplete"),
    ],
)
def test_end_follows_the_clock_and_the_attempt(session, columns, at, end):
    take(session, **columns)

    assert ends(session, at) == [end]


@pytest.mark.parametrize(
    ("camera", "screen", "end"),
    [
        ({"state": "open"}, {"state": "verified"}, "incomplete"),
        ({"state": "sealed", "complete": True}, {"state": "open"}, "incomplete"),
        ({"state": "sealed", "complete": True}, {"state": "verified"}, "received"),
        ({"state": "sealed", "complete": False}, {"state": "verified"}, "problems"),
        ({"state": "needs_review"}, {"state": "open"}, "problems"),
        ({"state": "verified", "complete": False}, {"state": "verified"}, "problems"),
        ({"state": "verified"}, {"state": "verified"}, "complete"),
    ],
)
def test_end_of_an_attended_mock_is_its_worst_recording(session, camera, screen, end):
    taken_part(session, camera, screen)

    assert ends(session) == [end]


def test_outcome_tells_attendance_steps_devices_and_upload(session):
    attempt = taken_part(session, {"state": "verified"}, {"state": "sealed"})
    for stage, facts in (
        ("devices", {"camera": "Old camera", "microphone": "Array"}),
        ("check_in", {}),
        ("device_confirmation", {"camera": "HD camera", "surface": "monitor"}),
    ):
        StagePassage.objects.create(
            attempt=attempt, stage=stage, at=after_start(100), facts=facts
        )

    with translation.override("en"):
        [line] = mock_outcomes(session, at=LATER)

    outcome = line.outcome
    assert (outcome.has_entered, outcome.number) == (True, practice_number(attempt))
    assert outcome.stages_done == (
        "Device preparation",
        "Identity check",
        "Device confirmation",
    )
    assert outcome.stages_total == 9
    assert outcome.devices == ("HD camera", "Array")
    assert [upload.state for upload in outcome.uploads] == ["verified", "sealed"]
    assert (outcome.pressed_at, outcome.starts_at) == (START, after_start(300))
    assert outcome.ends_at == after_start(900)


@pytest.mark.parametrize("number", [1, 3])
def test_outcomes_of_a_session_take_three_queries(
    session, number, django_assert_num_queries
):
    for _ in range(number):
        taken_part(session, {"state": "verified"}, {"state": "verified"})

    with django_assert_num_queries(3):
        lines = mock_outcomes(session, at=LATER)

    assert len({line.ticket_number for line in lines}) == number


@pytest.mark.parametrize("number", [1, 3])
def test_cards_take_four_queries(session, number, django_assert_num_queries):
    candidate = make_candidate(session.project)
    others = [
        make_ready_session(kind="mock", project=session.project)
        for _ in range(number - 1)
    ]
    for one in (session, *others):
        start_mock(candidate, session=one.code, at=START)

    with django_assert_num_queries(4):
        cards = mock_cards(candidate, at=LATER)

    assert [len(card.taken) for card in cards] == [1] * number


def test_card_shows_the_candidates_own_mocks_only(session):
    take(session)
    other = make_candidate(session.project)

    [card] = mock_cards(other, at=LATER)

    assert (card.taken, card.left_today) == ((), 1)
