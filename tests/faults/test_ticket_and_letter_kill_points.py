"""Jobs of tickets and letters die as by SIGKILL, and what was half done is known.

A real process on the real database and disk each time. Tickets are all there in the
end, each once; of a letter whose sender died nobody knows, and it is not sent again.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django_q.models import OrmQ

from candidates.domain.mail_sending import DEAD_AFTER
from candidates.domain.mailings import send_mailing
from candidates.domain.tickets import folder_of
from candidates.models import MailPermit, Recipient, Ticket, TicketBatch
from exams.domain.audit import verify_chain
from exams.kernel import clock
from exams.models import AuditEntry
from tests.builders import forks
from tests.builders.exams import make_session
from tests.builders.mail import make_draft
from tests.builders.processes import child_environment
from tests.builders.tickets import AT, BY, make_batch, make_person, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
TASK = """
from candidates import tasks
from django.conf import settings
settings.EMAIL_URL = settings.EMAIL_FILE_PATH = argv[2]
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
print(getattr(tasks, argv[0])(argv[1]))
"""
CLUSTER_SECONDS = 90


def run_task(
    name: str, code: str, letters: object = "", **more: str
) -> tuple[int, str]:
    """Run a job to its end or its death; `letters` is the folder of sent ones."""
    returned, said = forks.run(TASK, name, code, str(letters), **more)
    return returned, said.splitlines()[-1] if said else ""


def files_of(batch: TicketBatch) -> list[str]:
    found = folder_of(batch).iterdir()
    return sorted(path.name for path in found if path.name != ".lock")


def make_people(session, count):
    return [make_person(session, email=f"p{n}@example.org") for n in range(count)]


@pytest.mark.parametrize("point", ["tickets.after_file", "tickets.after_row"])
def test_ticket_job_killed_at_a_point_and_run_again_makes_each_file_once(point):
    session = make_session(state="published")
    people = make_people(session, 2)
    batch = make_batch(session)

    killed = [
        run_task("make_tickets", batch.code, KAOWU_KILL_AT=point)[0] for _ in range(2)
    ]
    half = batch.tickets.filter(made_at__isnull=False).count()
    code, said = run_task("make_tickets", batch.code)

    rows = Ticket.objects.filter(batch=batch)
    ready = AuditEntry.objects.filter(action="tickets.ready").order_by("pk")
    assert killed == [-signal.SIGKILL] * 2
    assert half == (0 if point == "tickets.after_file" else 2)
    assert (code, said, ready.count()) == (0, "ready", 1)
    assert files_of(batch) == sorted(Path(row.path).name for row in rows)
    assert rows.filter(made_at__isnull=True).count() == 0
    assert [
        one.candidate.ticket_number in text_of(rows.get(enrolment=one))
        for one in people
    ] == [True, True]
    assert verify_chain(session.code) >= 1


def test_killed_cluster_is_followed_by_one_that_finishes(tmp_path):
    """The worker that production runs; the wake-up of a killed one is gone for good."""
    session = make_session(state="published")
    make_people(session, 2)
    batch = make_batch(session, at=clock.now())

    first = start("qcluster", KAOWU_KILL_AT="tickets.after_file")
    wait_until(lambda: files_of(batch) if folder_of(batch).exists() else [])
    stop(first)
    OrmQ.objects.all().delete()
    second = start("qcluster")
    subprocess.run(
        [sys.executable, "manage.py", "sweep", "--once"],
        cwd=settings.BASE_DIR,
        env=child_environment(),
        capture_output=True,
        timeout=120,
        check=True,
    )
    try:
        wait_until(lambda: TicketBatch.objects.get().state == "ready")
    finally:
        stop(second)

    assert len(files_of(batch)) == 3


def start(command: str, **more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env=child_environment(**more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so) -> None:
    until = time.monotonic() + CLUSTER_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture
def mailbox(tmp_path, monkeypatch, settings):
    """Letters as files; here and in the children."""
    settings.EMAIL_URL = f"filemail://{tmp_path}/mail"
    monkeypatch.setenv("EMAIL_URL", settings.EMAIL_URL)
    (tmp_path / "mail").mkdir()

    def addresses() -> list[str]:
        text = "".join(p.read_text("utf-8") for p in (tmp_path / "mail").glob("*"))
        lines = [line for line in text.splitlines() if line.startswith("To: ")]
        return sorted(line.removeprefix("To: ") for line in lines)

    return addresses


@pytest.mark.parametrize(
    ("point", "left"), [("mail.after_claim", 0), ("mail.after_send", 1)]
)
def test_letter_whose_sender_was_killed_is_unknown_and_never_sent_again(
    mailbox, point, left, monkeypatch, tmp_path
):
    session = make_session(state="published")
    make_people(session, 3)
    mailing = send_mailing(make_draft(session), by=BY, at=AT)

    killed = run_task(
        "send_mailing", mailing.code, tmp_path / "mail", KAOWU_KILL_AT=point
    )[0]
    assert (killed, len(mailbox())) == (-signal.SIGKILL, left)
    assert run_task("send_mailing", mailing.code, tmp_path / "mail") == (0, "sending")
    (tmp_path / "clock").write_text(str((DEAD_AFTER + timedelta(1)).total_seconds()))
    monkeypatch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(tmp_path / "clock"))
    subprocess.run(
        [sys.executable, "manage.py", "sweep", "--once"],
        cwd=settings.BASE_DIR,
        env=child_environment(),
        capture_output=True,
        timeout=120,
        check=True,
    )

    assert run_task("send_mailing", mailing.code, tmp_path / "mail") == (0, "finished")
    states = Recipient.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["unknown", "sent", "sent"]
    assert len(mailbox()) == 2 + left
    assert len(set(mailbox())) == 2 + left


def test_letters_of_five_senders_at_once_go_to_each_once(mailbox, tmp_path):
    session = make_session(state="published")
    make_people(session, 12)
    mailing = send_mailing(make_draft(session), by=BY, at=AT)
    assert MailPermit.objects.get().allowed

    jobs = [
        forks.start(TASK, "send_mailing", mailing.code, str(tmp_path / "mail"))
        for _ in range(5)
    ]
    codes = {job.wait() for job in jobs}
    run_task("send_mailing", mailing.code, tmp_path / "mail")

    assert codes == {0}
    assert mailbox() == sorted(f"p{n}@example.org" for n in range(12))
    assert set(Recipient.objects.values_list("state", flat=True)) == {"sent"}
