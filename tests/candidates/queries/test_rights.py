from datetime import timedelta

import pytest

from candidates.models import DeviceLease
from candidates.queries import rights
from candidates.queries.standing import standing_of
from exams.domain.schedule import Schedule
from exams.models import Attempt, Draw, DrawnNumber
from tests.builders.candidates import make_check_in, make_lease
from tests.builders.exams import START, after_start, before_start
from tests.builders.passages import (
    BEFORE_ENTER,
    make_person,
    make_published_session,
    make_stages,
    make_verified,
)

pytestmark = pytest.mark.django_db


def make_draw(session, **columns):
    columns.setdefault("committed_at", before_start(3600))
    return Draw.objects.create(
        session=session,
        roster_hash="0" * 64,
        roster=[],
        seed="0" * 64,
        commitment="0" * 64,
        **columns,
    )


def make_number(attempt, number=7):
    return DrawnNumber.objects.create(
        draw=make_draw(attempt.session),
        attempt=attempt,
        number=number,
        position=1,
        nonce="0" * 32,
        origin="candidate",
        receipt={},
        drawn_at=before_start(800),
    )


def at_check_in():
    attempt = make_person()
    make_stages(attempt, "devices")
    lease = make_verified_free(attempt)
    return standing_of(lease)


def make_verified_free(attempt):
    """A claimed lease: the browser is signed in, the identity not proved."""
    lease = make_lease(attempt, level="claimed")
    return DeviceLease.objects.select_related("attempt__session__project").get(
        pk=lease.pk
    )


def at_draw():
    lease = make_verified(make_person())
    make_draw(lease.attempt.session)
    make_stages(lease.attempt, "flow")
    return standing_of(lease)


def at_enter():
    lease = make_verified(make_person())
    make_number(lease.attempt)
    make_stages(lease.attempt, *BEFORE_ENTER[2:])
    return standing_of(lease)


def inside():
    session = make_published_session(preparation=60)
    lease = make_verified(
        make_person(session, state="entered", entered_at=before_start(300))
    )
    return standing_of(lease)


def over():
    lease = make_verified(
        make_person(state="submitted", entered_at=before_start(60), submitted_at=START)
    )
    return standing_of(lease)


EDGES = [
    ("check_in", at_check_in, "login_opens", "login_closes"),
    ("draw", at_draw, "login_opens", "draw_closes"),
    ("enter", at_enter, "entry_opens", "entry_closes"),
    ("resume", inside, "entry_opens", "ends"),
    ("submit", inside, "starts", "ends"),
    ("paper", inside, "entry_opens", "ends"),
    ("paper_key", inside, "starts", "ends"),
    ("seal", over, "login_opens", "upload_closes"),
]


@pytest.mark.parametrize("shift_ms", [-1, 0, 1])
@pytest.mark.parametrize(("action", "make", "opens", "closes"), EDGES)
def test_refusal_to_at_the_edges_of_the_window(action, make, opens, closes, shift_ms):
    standing = make()
    schedule = Schedule.of(standing.attempt.session, standing.attempt)
    shift = timedelta(milliseconds=shift_ms)

    before = rights.refusal_to(action, standing, at=getattr(schedule, opens) + shift)
    after = rights.refusal_to(action, standing, at=getattr(schedule, closes) + shift)

    assert (before is None) == (shift_ms >= 0)
    assert (after is None) == (shift_ms < 0)
    assert before is None or before.code == "window_closed"


@pytest.mark.parametrize("action", sorted(rights.RULES))
@pytest.mark.parametrize(
    ("state", "code"), [("waiting", "lease_waiting"), ("superseded", "lease_lost")]
)
def test_refusal_to_browser_without_the_lease_controls_nothing(action, state, code):
    standing = inside()
    standing.lease.__dict__["state"] = state

    refusal = rights.refusal_to(action, standing, at=after_start(1))

    if action == "seal" and state == "superseded":
        assert refusal.code == "not_over"
    else:
        assert refusal.code == code


@pytest.mark.parametrize(
    "action", ["draw", "read", "enter", "resume", "submit", "paper", "paper_key"]
)
def test_refusal_to_unproved_identity_is_named(action):
    standing = standing_of(make_verified_free(make_person()))

    refusal = rights.refusal_to(action, standing, at=before_start(300))

    assert refusal.code == "not_verified"


@pytest.mark.parametrize("missing", BEFORE_ENTER)
def test_refusal_to_enter_asks_every_stage_before(missing):
    lease = make_verified(make_person())
    make_draw(lease.attempt.session, closed_at=None)
    make_stages(lease.attempt, "flow", "draw", "attachments")
    standing = standing_of(lease)
    del standing.done[missing]
    at = before_start(600)

    refusal = rights.refusal_to("enter", standing, at=at)

    # From the closing of the draw on, a number is dealt with the entry (R50).
    assert (refusal and refusal.code) == (
        None if missing == "draw" else "stage_missing"
    )


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("enrolled", "not_enrolled"),
        ("absent", "not_enrolled"),
        ("withdrawn", "not_enrolled"),
        ("entered", "already_entered"),
        ("submitted", "exam_over"),
        ("released", "exam_over"),
    ],
)
def test_refusal_to_enter_from_another_state(state, code):
    standing = at_enter()
    Attempt.objects.filter(pk=standing.attempt.pk).update(state=state)
    standing.attempt.refresh_from_db()

    refusal = rights.refusal_to("enter", standing, at=before_start(300))

    assert refusal.code == code


def test_refusal_to_check_in_names_what_is_in_the_way():
    attempt = make_person()
    lease = make_verified_free(attempt)
    at = before_start(1500)

    first = rights.refusal_to("check_in", standing_of(lease), at=at)
    make_stages(attempt, "devices")
    second = rights.refusal_to("check_in", standing_of(lease), at=at)
    make_check_in(lease)
    third = rights.refusal_to("check_in", standing_of(lease), at=at)

    assert (first.code, second, third.code) == (
        "stage_missing",
        None,
        "check_in_waiting",
    )


def test_refusal_to_draw_without_a_committed_draw_says_so():
    lease = make_verified(make_person())
    make_stages(lease.attempt, "flow")

    refusal = rights.refusal_to("draw", standing_of(lease), at=before_start(1200))

    assert refusal.code == "draw_not_ready"


def test_current_stage_nobody_is_kept_from_the_questions():
    standing = inside()
    schedule = standing.schedule
    for stage in standing.stages()[:6]:
        standing.done.setdefault(stage, START)
    tick = timedelta(milliseconds=1)

    found = [
        standing.current_stage(at)
        for at in (schedule.starts - tick, schedule.starts, schedule.ends - tick)
    ]

    assert found == ["device_confirmation", "answer", "answer"]
    assert standing.current_stage(schedule.ends) == "upload"
