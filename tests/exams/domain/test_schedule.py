from datetime import UTC, datetime, timedelta

import pytest

from exams.domain.schedule import Schedule
from exams.enums import Phase
from exams.models import Attempt, Session

START = datetime(2027, 4, 27, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
SESSION = Session(
    starts_at=START, login_close_after_start=300, preparation=60, answer=1200
)
WINDOWS = [
    ("may_sign_in", START - timedelta(minutes=30), START + timedelta(minutes=5)),
    ("may_draw", START - timedelta(minutes=30), START - timedelta(minutes=10)),
    ("may_enter", START - timedelta(minutes=10), START),
    ("may_resume", START - timedelta(minutes=10), START + timedelta(seconds=1260)),
    ("may_have_bundle", START - timedelta(minutes=10), START + timedelta(seconds=1260)),
    ("may_have_key", START, START + timedelta(seconds=1260)),
]


@pytest.mark.parametrize(("question", "opens", "closes"), WINDOWS)
def test_window_at_its_edges_is_half_open(question, opens, closes):
    ask = getattr(Schedule.of(SESSION), question)

    answers = [
        ask(edge + shift) for edge in (opens, closes) for shift in (-MS, 0 * MS, MS)
    ]

    assert answers == [False, True, True, True, False, False]


def test_schedule_of_an_attempt_with_its_own_start_and_extra_time_moves_the_end():
    attempt = Attempt(starts_at=START + timedelta(hours=1), extra_seconds=600)

    schedule = Schedule.of(SESSION, attempt)

    assert schedule.starts == START + timedelta(hours=1)
    assert schedule.ends == schedule.starts + timedelta(seconds=60 + 1200 + 600)


@pytest.mark.parametrize(
    ("shift", "phase"),
    [
        (timedelta(minutes=-31), Phase.UPCOMING),
        (timedelta(minutes=-30), Phase.LOGIN),
        (timedelta(minutes=-10), Phase.ENTRY),
        (timedelta(0), Phase.ANSWERING),
        (timedelta(seconds=1260), Phase.UPLOADING),
        (timedelta(seconds=1260 + 3600), Phase.CLOSED),
    ],
)
def test_phase_by_the_clock_is_a_label(shift, phase):
    assert Schedule.of(SESSION).phase(START + shift) == phase
