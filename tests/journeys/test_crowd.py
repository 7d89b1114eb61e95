"""Synthetic candidates over the real protocol, with the real worker behind it."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.portal import ROOT, Portal

CANDIDATES, START_IN, ANSWER = 5, 38, 20
STREAMS = ("camera", "screen", "companion")
STOPPED = 130


@contextlib.contextmanager
def crowded(folder: Path, *, candidates: int) -> Iterator[tuple[Portal, Path]]:
    """A portal that serves, and the file with the accounts of its crowd."""
    portal = Portal(folder / "data")
    portal.found()
    portal.start()
    try:
        base = f"http://127.0.0.1:{portal.port}"
        accounts = portal.prepare(
            "crowd", base=base, candidates=candidates, start_in=START_IN, answer=ANSWER
        )
        file = folder / "accounts.json"
        file.write_text(json.dumps(accounts), "utf-8")
        yield portal, file
    finally:
        portal.stop()


@pytest.mark.journey
def test_crowd_walks_from_sign_in_to_the_archive_with_nothing_lost(tmp_path):
    with crowded(tmp_path, candidates=CANDIDATES) as (portal, file):
        report_file = tmp_path / "report.json"

        portal.manage("simulate", str(file), "--report", str(report_file))

        report = json.loads(report_file.read_text("utf-8"))
        assert report["problems"] == {}
        assert report["passed"] == report["archived"] == CANDIDATES
        assert report["approved"] == CANDIDATES
        assert report["receipts"] == len(STREAMS) * CANDIDATES
        assert report["chunks_acknowledged"] == report["chunks_sent"]
        assert report["chunks_sent"] >= CANDIDATES * ANSWER * len(STREAMS) - 10
        assert report["numbers"] == list(range(1, CANDIDATES + 1))


@pytest.mark.journey
def test_crowd_stopped_while_answering_goes_on_in_a_second_run(tmp_path):
    with crowded(tmp_path, candidates=2) as (portal, file):
        report_file, memories = tmp_path / "report.json", tmp_path / "memories"
        command = ("simulate", str(file), "--memories", str(memories))
        log = tmp_path / "first.log"
        with log.open("wb") as out:
            first = subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=portal.environment,
                stdout=out,
                stderr=out,
            )
            until = time.monotonic() + 90
            while "paper 2" not in log.read_text("utf-8"):
                assert first.poll() is None
                assert time.monotonic() < until
                time.sleep(0.2)
            first.terminate()
            assert first.wait(15) == STOPPED

        portal.manage(*command, "--report", str(report_file))

        report = json.loads(report_file.read_text("utf-8"))
        assert report["problems"] == {}
        assert report["approved"] == 0
        assert report["archived"] == 2
        assert report["receipts"] == 2 * len(STREAMS)
