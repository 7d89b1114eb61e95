"""One sweep that fails stops nobody else's clock."""

import logging
import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from candidates.management.commands.sweep import run_round
from exams.kernel import clock
from exams.kernel.errors import Fault
from exams.models import Attempt
from tests.builders.archives import make_sealed_recording
from tests.builders.exams import START, make_attempt, make_session
from tests.builders.processes import child_environment


@pytest.mark.django_db
def test_sweep_once_stores_a_deadline_and_wakes_an_archive():
    now = clock.now()
    attempt = make_attempt(
        make_session(starts_at=now - timedelta(days=1)), state="entered", entered_at=now
    )
    make_sealed_recording(sealed_at=now - timedelta(seconds=5))
    out = StringIO()

    call_command("sweep", "--once", stdout=out)

    attempt.refresh_from_db()
    assert (attempt.state, attempt.submitted_by) == ("submitted", "deadline")
    # What upper floors declare comes after these.
    assert out.getvalue().splitlines()[:9] == [
        "deadlines: 1",
        "freezes: 0",
        "draws: 0",
        "caps: 0",
        "codes: 0",
        "phones: 0",
        "computers: 0",
        "photos: 0",
        "archives: 1",
    ]


def test_round_with_a_sweep_that_fails_calls_the_others_and_logs(caplog):
    def broken(*, at):
        raise Fault("rows are not what they were")

    with caplog.at_level(logging.ERROR):
        done = run_round({"one": broken, "two": lambda *, at: 3}, at=START)

    assert done == {"one": None, "two": 3}
    assert [record.getMessage() for record in caplog.records] == [
        "the sweep of one failed"
    ]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sweep_as_a_process_works_and_stops_on_a_signal(number):
    now = clock.now()
    attempt = make_attempt(
        make_session(starts_at=now - timedelta(days=1)), state="entered", entered_at=now
    )
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sweep", "--every", "0.2"],
        cwd=settings.BASE_DIR,
        env=child_environment(),
    )

    try:
        for _ in range(150):
            if Attempt.objects.get(pk=attempt.pk).state == "submitted":
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.2)
        process.send_signal(number)
        code = process.wait(15)
    finally:
        process.kill()

    assert Attempt.objects.get(pk=attempt.pk).state == "submitted"
    assert code == 0
