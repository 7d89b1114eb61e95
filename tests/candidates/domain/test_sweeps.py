"""What happens although nobody asks."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from candidates.domain.archive import archive_recording
from candidates.domain.sweeps import ArchiveWaker, sweep_caps
from exams.domain.schedule import Schedule
from exams.models import AuditEntry
from tests.builders.archives import (
    SEALED_AT,
    forget_archive,
    make_sealed_recording,
    make_take,
)
from tests.builders.exams import START, make_attempt

pytestmark = pytest.mark.django_db
CLOCK_STEP = timedelta(milliseconds=1)


def make_open_recording(state="submitted"):
    """Four of five chunks came, the browser never came back."""
    return make_sealed_recording(
        [make_take(5)],
        lost={0: {4}},
        attempt=make_attempt(state=state, entered_at=START),
        state="open",
        sealed_at=None,
        complete=None,
        archive_due=False,
    )


def cap_of(recording):
    return Schedule.of(recording.attempt.session, recording.attempt).upload_closes


def queued() -> list[tuple[str, dict]]:
    return [(row.task["func"], row.task["kwargs"]) for row in OrmQ.objects.all()]


def test_sweep_caps_at_the_cap_seals_as_held():
    recording = make_open_recording()

    sealed = sweep_caps(at=cap_of(recording))

    recording.refresh_from_db()
    entry = AuditEntry.objects.get(action="recording.sealed")
    assert (sealed, recording.state, recording.complete, recording.archive_due) == (
        1,
        "sealed",
        False,
        True,
    )
    assert (entry.actor_kind, entry.actor_ref, entry.facts["reason"]) == (
        "job",
        "sweep",
        "upload cap",
    )


def test_sweep_caps_a_millisecond_before_the_cap_seals_nothing():
    recording = make_open_recording()

    sealed = sweep_caps(at=cap_of(recording) - CLOCK_STEP)

    recording.refresh_from_db()
    assert (sealed, recording.state) == (0, "open")


def test_sweep_caps_run_twice_seals_once():
    recording = make_open_recording()

    counts = [sweep_caps(at=cap_of(recording)) for _ in range(2)]

    assert counts == [1, 0]
    assert AuditEntry.objects.filter(action="recording.sealed").count() == 1


def test_sweep_caps_of_an_attempt_that_never_ended_seals_nothing():
    recording = make_open_recording(state="checked_in")

    assert sweep_caps(at=cap_of(recording) + timedelta(days=1)) == 0


def test_waker_wakes_what_is_due_by_its_code(django_capture_on_commit_callbacks):
    recording = make_sealed_recording()
    archive_recording(make_sealed_recording(), at=SEALED_AT)
    archive_recording(
        make_sealed_recording([make_take(3)], lost={0: {1}}), at=SEALED_AT
    )

    with django_capture_on_commit_callbacks(execute=True):
        woken = ArchiveWaker().wake(at=SEALED_AT)

    assert woken == 1
    assert queued() == [
        ("candidates.tasks.archive_recording", {"recording": str(recording.code)})
    ]


def test_waker_pauses_longer_each_time_and_never_stops():
    make_sealed_recording()
    waker = ArchiveWaker()

    woken = [
        second
        for second in range(0, 4000, 5)
        if waker.wake(at=SEALED_AT + timedelta(seconds=second))
    ]

    assert woken == [0, 30, 90, 210, 450, 930, 1830, 2730, 3630]


def test_waker_forgets_what_is_done():
    recording = make_sealed_recording()
    waker = ArchiveWaker()
    waker.wake(at=SEALED_AT)
    archive_recording(recording, at=SEALED_AT)
    waker.wake(at=SEALED_AT + timedelta(seconds=5))

    forget_archive(recording)

    assert waker.wake(at=SEALED_AT + timedelta(seconds=10)) == 1
