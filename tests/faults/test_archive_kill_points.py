"""The archive job dies as by SIGKILL at every named point, and is run again.

A real process on the real database and disk each time. Afterwards there is exactly
one manifest and one exhibit, the ledger is in the table or in the manifest and never
in neither, and the browser's bytes are what they were.
"""

import signal
from pathlib import Path

import pytest

from candidates.domain.archive import archive_folder
from candidates.models import Chunk, Manifest, Recording
from candidates.queries.ledger import totals_of
from exams.domain.audit import verify_chain
from exams.models import AuditEntry, Exhibit
from tests.builders import forks
from tests.builders.archives import make_sealed_recording, make_take, part_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

POINTS = [
    "archive.after_read",
    "archive.after_remux",
    "archive.after_manifest_file",
    "ledger.after_fold",
    "archive.after_commit",
]
JOB = """
from candidates.tasks import archive_recording
print(archive_recording(recording=argv[0]))
"""


def run_job(recording: Recording, *, kill_at: str = "") -> tuple[int, str]:
    return forks.run(JOB, str(recording.code), KAOWU_KILL_AT=kill_at)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def outcome_of(recording: Recording) -> dict[str, object]:
    recording.refresh_from_db()
    return {
        "state": recording.state,
        "due": recording.archive_due,
        "rows": Chunk.objects.filter(segment__recording=recording).count(),
        "manifests": Manifest.objects.filter(recording=recording).count(),
        "exhibits": Exhibit.objects.filter(attempt=recording.attempt).count(),
        "audited": AuditEntry.objects.filter(
            action="recording.verified", subject=f"recording:{recording.code}"
        ).count(),
        "leftovers": [p.name for p in archive_folder(recording).glob(".work-*")],
    }


DONE = {
    "state": "verified",
    "due": False,
    "rows": 0,
    "manifests": 1,
    "exhibits": 1,
    "audited": 1,
    "leftovers": [],
}


@pytest.mark.parametrize("point", POINTS)
def test_archive_killed_at_a_point_and_run_again_is_done_once(point):
    takes = [make_take(3), make_take(2, first=30)]
    recording = make_sealed_recording(takes)

    killed = [run_job(recording, kill_at=point)[0]]
    before_commit = point != "archive.after_commit"
    recording.refresh_from_db()
    half = (recording.state, Manifest.objects.count(), Chunk.objects.count())
    if before_commit:
        killed.append(run_job(recording, kill_at=point)[0])
    code, said = run_job(recording)

    assert killed == [-signal.SIGKILL] * (2 if before_commit else 1)
    assert half == (("sealed", 0, 5) if before_commit else ("verified", 1, 0))
    assert (code, said) == (0, "verified")
    assert outcome_of(recording) == DONE
    assert totals_of(recording) == (5, sum(len(take.content) for take in takes))
    assert [part_of(recording, take).read_bytes() for take in takes] == [
        take.content for take in takes
    ]
    assert verify_chain(recording.attempt.session.code) >= 1


def test_archive_killed_everywhere_in_turn_ends_with_the_files_of_a_calm_run():
    takes = [make_take(3)]
    recording = make_sealed_recording(takes)
    for point in POINTS:
        assert run_job(recording, kill_at=point)[0] == -signal.SIGKILL
    after_kills = files_of(archive_folder(recording))

    assert run_job(recording) == (0, "verified")

    assert outcome_of(recording) == DONE
    assert files_of(archive_folder(recording)) == after_kills


def test_archive_killed_amid_writing_leaves_no_half_file_behind():
    recording = make_sealed_recording()
    folder = archive_folder(recording)
    folder.mkdir(parents=True)
    (folder / ".work-0123456789abcdef-1.webm").write_bytes(b"half a film")

    assert run_job(recording) == (0, "verified")

    assert outcome_of(recording) == DONE


def test_archive_in_five_processes_at_once_has_one_effect():
    recording = make_sealed_recording([make_take(3)])

    jobs = [forks.start(JOB, str(recording.code)) for _ in range(5)]
    codes = [job.wait() for job in jobs]
    said = [job.said for job in jobs]

    assert codes == [0] * 5
    assert "verified" in said
    assert set(said) <= {"verified", "later"}
    assert outcome_of(recording) == DONE
