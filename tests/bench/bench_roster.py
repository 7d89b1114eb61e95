"""A roster of 100,000 rows, from a workbook to committed people, attempts, enrolments.

Beside django-import-export writing the same tables (scaled from 5,000 rows; its default
settings) and COPY of ready files into the same tables with the same indexes and keys.
Every contender is a process of its own, so that its peak of memory is its own; CPU is
that of the process, its children and its database backend. Needs
`pip install -r tests/bench/requirements.txt`.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from psycopg import sql

from tests.bench.roster_files import PLANTED, write_workbook
from tests.bench.stage import DATA, ROOT, Stage

ROWS = int(os.environ.get("ROWS", "100000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PEER_ROWS = min(ROWS, 5000)
LONGEST = 1800


def measure() -> list[dict]:
    """Return the figures; prints each contender as it is measured."""
    with Stage() as stage:
        DATA.mkdir(parents=True, exist_ok=True)
        sound, spoilt = DATA / "roster.xlsx", DATA / "spoilt.xlsx"
        write_workbook(sound, rows=ROWS)
        write_workbook(spoilt, rows=ROWS, spoil=True)
        write_workbook(DATA / "peer.xlsx", rows=PEER_ROWS)
        sessions = [_make_session(number) for number in range(ROUNDS + 2)]
        errors = _run("preview", sessions[0], spoilt)
        previews, commits, limits = [], [], []
        for session in sessions[1 : ROUNDS + 1]:
            _clone(stage)
            previews.append(_run("preview", session, sound))
            commits.append(_run("commit", session, sound))
            _run("dump", session, DATA)
            limits.append(_run("limit", session, DATA, database=f"{stage.name}_limit"))
        peer = _run("peer", sessions[-1], DATA / "peer.xlsx")
        _drop(stage)
    return _figures(errors, previews, commits, limits, peer)


def _figures(errors, previews, commits, limits, peer) -> list[dict]:
    commit = median(one["wall"] for one in commits)
    preview = median(one["cpu"] for one in previews)
    limit = median(one["wall"] for one in limits)
    peer_wall = peer["wall"] * ROWS / PEER_ROWS
    cpu = median(one["cpu"] for one in commits)
    peer_cpu = peer["cpu"] * ROWS / PEER_ROWS
    limit_cpu = median(one["cpu"] for one in limits)
    peak = max(one["peak"] for one in (*previews, *commits))
    beside = f"COPY {limit:.2f} s, import-export {peer_wall:.0f} s"
    return [
        _row("roster.commit", commit, "s", beside, "<= 5", commit <= 5),
        _row(
            "roster.commit_cpu",
            cpu,
            "s",
            f"COPY {limit_cpu:.2f} s, import-export {peer_cpu:.0f} s",
            "beside the limit, not judged",
            None,
        ),
        _row("roster.preview_cpu", preview, "s", "", "<= 3", preview <= 3),
        _row("roster.peak", peak, "MiB", "", "<= 250", peak <= 250),
        _row(
            "roster.over_import_export",
            peer_wall / commit,
            "x",
            f"by CPU {peer_cpu / cpu:.0f}x",
            ">= 25",
            peer_wall >= 25 * commit,
        ),
        _row(
            "roster.planted_errors_found",
            errors["bad"],
            "rows",
            "",
            f"= {PLANTED}",
            errors["bad"] == PLANTED,
        ),
    ]


def _run(what: str, session: int, path: Path, *, database: str = "") -> dict:
    environment = {**os.environ}
    if database:
        server = environment["DATABASE_URL"].rpartition("/")[0]
        environment["DATABASE_URL"] = f"{server}/{database}"
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "tests.bench.roster_contender"),
            *(what, str(session), str(path)),
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        timeout=LONGEST,
        check=True,
        text=True,
    )
    print(what, done.stdout.strip(), flush=True)
    return json.loads(done.stdout)


def _make_session(number: int) -> int:
    # Only now is Django ready.
    from exams.models import Project, Session

    starts = datetime(2030, 5, 20, 1, tzinfo=UTC)
    project = Project.objects.create(
        slug=f"bench-{number}",
        title=f"Bench {number}",
        access_opens_at=starts - timedelta(days=9),
        access_closes_at=starts + timedelta(days=9),
    )
    session = Session.objects.create(project=project, title="S", starts_at=starts)
    return session.pk


def _clone(stage: Stage) -> None:
    """Copy the database as it is before the round's import, for the limit."""
    from django.db import connection

    connection.close()
    _drop(stage)
    with stage._administer() as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(f"{stage.name}_limit"), sql.Identifier(stage.name)
            )
        )


def _drop(stage: Stage) -> None:
    with stage._administer() as admin:
        admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(f"{stage.name}_limit")
            )
        )


def _row(name, value, unit, peer, goal, holds) -> dict:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "peer": peer,
        "goal": goal,
        "holds": holds,
    }
