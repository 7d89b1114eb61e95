"""Many presses at once on a real database: one number each, and the control.

The last test switches the guard off and shows that the same storm then breaks the
rule: a race test that cannot turn red proves nothing.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection

from exams.domain import draw, drawing
from exams.domain.audit import Actor, verify_chain
from exams.domain.freezing import freeze
from exams.models import Attempt, DrawnNumber
from exams.queries.draws import transcript
from tests.builders.exams import before_start, make_attempts, make_ready_session

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

OFFICER = Actor("staff", "1")
OPEN = before_start(1200)
CLOSED = before_start(600)
THREADS = 16


class AnswerLost(Exception):
    """The network swallowed the reply after the server had committed."""


def make_frozen_session(attempts):
    session = make_ready_session()
    make_attempts(session, attempts, state="checked_in")
    return freeze(session, by=OFFICER, at=before_start(3600))


def press(attempt, nonce):
    return draw.draw_number(
        attempt, nonce=nonce, by=Actor.of_candidate(attempt), at=OPEN
    )


def press_through_a_bad_network(attempt, nonce, chance):
    row = press(attempt, nonce)
    if chance.random() < 0.5:
        raise AnswerLost
    return row.receipt


def run_storm(tasks):
    """Run the callables on threads that start together; return what each gave."""
    barrier = threading.Barrier(THREADS)
    shares = [tasks[place::THREADS] for place in range(THREADS)]

    def work(share):
        outcomes = []
        barrier.wait(timeout=30)
        try:
            for task in share:
                try:
                    outcomes.append(task())
                except (AnswerLost, DatabaseError, draw.Refusal) as error:
                    outcomes.append(error)
        finally:
            connection.close()
        return outcomes

    with ThreadPoolExecutor(THREADS) as pool:
        return [outcome for part in pool.map(work, shares) for outcome in part]


def test_draw_under_a_storm_of_presses_is_a_permutation():
    session = make_frozen_session(200)
    attempts = list(Attempt.objects.filter(session=session).select_related("session"))
    dice = random.Random(7)
    # Each press of a candidate brings another nonce: only the first may bind.
    tasks = [
        lambda attempt=attempt, nonce=f"{dice.getrandbits(128):032x}", seed=seed: (
            attempt.code,
            press_through_a_bad_network(attempt, nonce, random.Random(seed)),
        )
        for attempt in attempts
        for seed in range(20)
    ]

    # Neighbouring tasks go to different threads, so that one candidate's presses meet.
    outcomes = run_storm(tasks)

    receipts = {}
    for outcome in outcomes:
        if not isinstance(outcome, Exception):
            code, receipt = outcome
            receipts.setdefault(code, []).append(receipt)
    lost = sum(isinstance(outcome, AnswerLost) for outcome in outcomes)
    errors = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, Exception) and not isinstance(outcome, AnswerLost)
    ]
    rows = DrawnNumber.objects.filter(draw__session=session)
    stored = {row.attempt.code: row.receipt for row in rows.select_related("attempt")}
    assert errors == []
    assert 1500 < lost < 2500
    assert sorted(rows.values_list("number", flat=True)) == list(range(1, 201))
    assert sorted(rows.values_list("position", flat=True)) == list(range(1, 201))
    assert len(receipts) == 200
    assert all(
        receipt == stored[code] for code, found in receipts.items() for receipt in found
    )
    assert draw.close_draw(session, at=CLOSED) == 0
    assert drawing.find_faults(transcript(session)) == []
    assert verify_chain(session.code) == 203


def test_closing_by_many_beside_late_presses_deals_everybody_once():
    session = make_frozen_session(60)
    attempts = list(Attempt.objects.filter(session=session).select_related("session"))
    tasks = []
    for place, attempt in enumerate(attempts[:40]):
        tasks.append(
            lambda attempt=attempt, place=place: press(attempt, f"{place:032x}")
        )
        if place % 4 == 0:
            tasks.append(lambda: draw.close_draw(session, at=CLOSED))

    outcomes = run_storm(tasks)

    closings = [outcome for outcome in outcomes if isinstance(outcome, int)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    numbers = DrawnNumber.objects.filter(draw__session=session)
    assert sum(count > 0 for count in closings) == 1
    assert {error.code for error in refused} <= {"window_closed"}
    assert sorted(numbers.values_list("number", flat=True)) == list(range(1, 61))
    assert drawing.find_faults(transcript(session)) == []


def test_freezing_by_many_commits_once():
    session = make_ready_session()
    make_attempts(session, 5, state="checked_in")

    outcomes = run_storm(
        [
            lambda: freeze(session, by=OFFICER, at=before_start(3600)).draw.commitment
            for _ in range(THREADS)
        ]
    )

    assert len(outcomes) == THREADS
    assert len(set(outcomes)) == 1


def test_draw_without_its_lock_breaks_under_the_same_storm(monkeypatch):
    session = make_frozen_session(100)
    attempts = list(Attempt.objects.filter(session=session).select_related("session"))
    monkeypatch.setenv("KAOWU_SABOTAGE", "draw_lock")

    outcomes = run_storm(
        [
            lambda attempt=attempt, place=place: press(attempt, f"{place:032x}")
            for place, attempt in enumerate(attempts)
        ]
    )

    broken = [outcome for outcome in outcomes if isinstance(outcome, DatabaseError)]
    dealt = DrawnNumber.objects.filter(draw__session=session).count()
    assert len(broken) > 0
    assert dealt < 100
