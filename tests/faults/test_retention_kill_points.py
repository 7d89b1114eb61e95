"""A deletion dies as by SIGKILL between its row and its files, and is run again.

A real process on the real database and disk. What is missing is said to be deleted, what
is left has its name in the plan, and the second run leaves nothing.
"""

import signal
import subprocess
import sys

import pytest
from django.conf import settings

from candidates.domain.archive import exhibit_folder
from candidates.models import Recording
from candidates.queries.retention import files_of, manifest_paths
from exams.models import AuditEntry, RetentionRun
from exams.queries.retention import items_left
from tests.builders import retention as made
from tests.builders.exams import make_administrator, make_project
from tests.builders.processes import child_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
JOB = (
    "import sys, django; django.setup();"
    "from config.pages.retention_job import carry_out;"
    "print(carry_out(sys.argv[1]))"
)


def run_job(run: RetentionRun, *, kill_at: str = "") -> tuple[int, str]:
    job = subprocess.run(
        [sys.executable, "-c", JOB, run.code],
        cwd=settings.BASE_DIR,
        env=child_environment(KAOWU_KILL_AT=kill_at),
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return job.returncode, job.stdout.strip()


def held(recording: Recording) -> list[str]:
    """What is on the disk of a recording beside its manifest."""
    files = files_of(recording, manifests=manifest_paths(recording))
    found = [path.name for path in files]
    source = recording.manifests.get().body["source"]
    shared = exhibit_folder(recording, source=source)
    return sorted(found) + sorted(path.name for path in shared.glob("*"))


@pytest.mark.parametrize("point", ["retention.after_row", "retention.after_file"])
def test_killed_deletion_says_what_is_gone_and_goes_on(point):
    project = make_project()
    person = made.make_held_person(made.make_released_session(project))
    run = made.propose(project, make_administrator(), kinds=["camera"])
    made.agree(run, make_administrator())

    code, _said = run_job(run, kill_at=point)

    assert code == -signal.SIGKILL
    assert Recording.objects.get(pk=person.camera.pk).erased_at
    assert held(person.camera) != []
    assert items_left(run).count() == 1
    assert run_job(run) == (0, "finished")
    assert held(person.camera) == []
    assert AuditEntry.objects.filter(action="retention.erased").count() == 1
