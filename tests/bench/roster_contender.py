"""One contender of `bench_roster`: `python -m tests.bench.roster_contender WHAT …`.

Prints `{wall, cpu, peak, …}`: seconds, seconds with children and database backend, MiB
of this process and its children together, `base` of it before.
"""

import gc
import json
import os
import sys
import threading
import time
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from candidates.domain.roster import commit_roster, preview_roster  # noqa: E402
from candidates.models import Candidate, Enrolment, RosterImport  # noqa: E402
from exams.domain.audit import Actor  # noqa: E402
from exams.kernel import clock  # noqa: E402
from exams.models import Attempt, Room, Session, Staff  # noqa: E402

TABLES = (Room, Candidate, Attempt, Enrolment)
TICKS = os.sysconf("SC_CLK_TCK")


def preview(session: Session, path: Path) -> dict:
    staff, _ = Staff.objects.get_or_create(username="bench")
    with Timed() as found, path.open("rb") as file:
        made = preview_roster(
            session, file=file, filename=path.name, by=staff, at=clock.now()
        )
    return {**found, "bad": made.counts["bad"]}


def commit(session: Session, _path: Path) -> dict:
    roster_import = RosterImport.objects.get(session=session)
    with Timed() as found:
        commit_roster(roster_import, by=Actor("staff", "1"), at=clock.now())
    assert (
        Enrolment.objects.filter(session=session).count() == roster_import.counts["new"]
    )
    return found


def dump(session: Session, folder: Path) -> dict:
    """Write what the commit wrote as ready files."""
    mine = {
        Room: "session_id = {}",
        Candidate: f"project_id = {session.project_id}",
        Attempt: "session_id = {}",
        Enrolment: "session_id = {}",
    }
    for model, where in mine.items():
        table = model._meta.db_table
        rows = f"SELECT * FROM {table} WHERE {where.format(session.pk)}"
        with (
            connection.cursor() as cursor,
            (folder / f"{table}.copy").open("wb") as file,
            cursor.copy(f"COPY ({rows}) TO STDOUT") as copy,
        ):
            for block in copy:
                file.write(block)
    return {}


def limit(_session: Session, folder: Path) -> dict:
    """COPY the ready files in one transaction, keys checked at its end."""
    with Timed() as found, transaction.atomic():
        for model in TABLES:
            table = model._meta.db_table
            with (
                connection.cursor() as cursor,
                (folder / f"{table}.copy").open("rb") as file,
                cursor.copy(f"COPY {table} FROM STDIN") as copy,
            ):
                while block := file.read(2**16):
                    copy.write(block)
    return found


def peer(session: Session, path: Path) -> dict:
    from tests.bench.peers.import_export_roster import import_workbook

    with Timed() as found:
        import_workbook(path, session)
    return found


class Timed:
    """Seconds of wall and CPU of a block, and the peak of memory inside it."""

    def __enter__(self) -> dict:
        connection.ensure_connection()
        self._found: dict = {"base": resident("self")}
        self._peak, self._over = 0, threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        self._cpu, self._wall = cpu(), time.perf_counter()
        return self._found

    def __exit__(self, *_: object) -> None:
        self._found["wall"] = round(time.perf_counter() - self._wall, 3)
        self._found["cpu"] = round(cpu() - self._cpu, 3)
        self._over.set()
        self._watch.join()
        self._found["peak"] = self._peak

    def _look(self) -> None:
        # What a child shows before it has become another program is its parent's.
        while not self._over.wait(0.02):
            now = resident("self") + sum(map(resident, readers()))
            self._peak = max(self._peak, now)


def readers() -> list[str]:
    """Return the children of this process that are another program by now."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    own = Path("/proc/self/cmdline").read_bytes()
    return [
        pid
        for pid in path.read_text("ascii").split()
        if Path(f"/proc/{pid}/cmdline").exists()
        and Path(f"/proc/{pid}/cmdline").read_bytes() != own
    ]


def resident(pid: str) -> int:
    """Return MiB of memory that the process holds; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    kib = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
    return kib[0] // 1024 if kib else 0


def cpu() -> float:
    own = os.times()
    pid = connection.connection.info.backend_pid
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(own[:4]) + (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    what, pk, place = sys.argv[1:]
    gc.freeze()  # as the server does (`config.asgi`)
    found = globals()[what](Session.objects.get(pk=int(pk)), Path(place))
    print(json.dumps(found))
