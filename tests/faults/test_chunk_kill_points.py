"""A web process dies at every named point of a chunk's way (F-23).

Whatever was acknowledged is there, once, with its bytes; whatever was not is either
wholly there or wholly absent; the client's retry completes the recording.
"""

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.archive import archive_recording, clear_review
from candidates.edge.app import Edge
from candidates.models import Chunk, Recording, Segment
from candidates.queries.ledger import totals_of
from exams.domain.audit import Actor
from tests.builders.archives import SEALED_AT, make_sealed_recording, make_take
from tests.builders.asgi import ask_all, put_chunk
from tests.builders.candidates import Take, make_recording
from tests.faults.servers import Server

POINTS = ["chunk.after_write", "chunk.after_fsync", "chunk.after_commit"]
POINTS += ["chunk.before_reply"]
BEFORE, TOGETHER = 4, 12

pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def exam(transactional_db, settings, tmp_path):
    """A recording of which the first chunks are acknowledged already."""
    settings.RECORDINGS_ROOT = tmp_path / "recordings"
    return make_recording()


def held_bytes(take, root):
    """Return `{seq: bytes}` of every ledger row, read from the disk."""
    store = LocalChunkStore(root)
    rows = Chunk.objects.filter(segment__uuid=take.uuid)
    segments = Segment.objects.select_related("recording")
    segment = segments.filter(uuid=take.uuid).first()
    return {row.seq: store.read(segment, row) for row in rows}


def send_at_once(server, calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(server.send, calls))


def assert_survives(recording, root, switches):
    """Kill a process under load, restart, and compare with what was acknowledged."""
    take = Take().record(*(os.urandom(70_000) for _ in range(BEFORE + TOGETHER)))
    calls = [put_chunk(recording, take, one) for one in take.slices]
    inside = Edge()
    first = ask_all(inside, calls[:BEFORE])
    inside.stop()
    with Server(root.parent, switches) as armed:
        statuses = send_at_once(armed, calls[BEFORE:])
        died = armed.died_by_itself()
    statuses = [one.status for one in first] + statuses
    acknowledged = {seq for seq, status in enumerate(statuses) if status in (200, 201)}
    held = held_bytes(take, root)

    assert died
    assert acknowledged <= held.keys()
    assert held == {seq: take.slices[seq].body for seq in held}

    again = [seq for seq in range(len(calls)) if seq not in acknowledged]
    with Server(root.parent) as restarted:
        retried = send_at_once(restarted, [calls[seq] for seq in again])
    expected = [200 if seq in held else 201 for seq in again]
    assert retried == expected
    assert Chunk.objects.filter(segment__uuid=take.uuid).count() == len(calls)
    assert held_bytes(take, root) == {one.seq: one.body for one in take.slices}


@pytest.mark.parametrize("point", POINTS)
def test_death_at_a_named_point_loses_and_doubles_nothing(exam, settings, point):
    assert_survives(exam, settings.RECORDINGS_ROOT, {"KAOWU_KILL_AT": point})


@pytest.mark.parametrize("point", [*POINTS[:2], "ledger.after_unfold", *POINTS[2:]])
def test_death_while_a_ledger_comes_back_loses_and_doubles_nothing(
    transactional_db, settings, point
):
    """A late chunk of an archived recording, whose rows are in its manifest."""
    take = make_take(5)
    recording = make_sealed_recording([take], lost={0: {3, 4}})
    archive_recording(recording, at=SEALED_AT)
    clear_review(recording, by=Actor("staff", "7"), at=SEALED_AT, reason="outage")
    root = settings.RECORDINGS_ROOT
    calls = [put_chunk(recording, take, one) for one in take.slices[2:]]
    with Server(root.parent, {"KAOWU_KILL_AT": point}) as armed:
        status = armed.send(calls[1])
        died = armed.died_by_itself()
    recording.refresh_from_db()
    committed = point in POINTS[2:]
    rows = Chunk.objects.count()

    assert (died, status) == (True, 0)
    assert (recording.state, recording.folded, rows) == (
        ("sealed", False, 4) if committed else ("verified", True, 0)
    )
    assert totals_of(recording)[0] == (4 if committed else 3)

    with Server(root.parent) as restarted:
        retried = [restarted.send(call) for call in calls]
    manifest = archive_recording(Recording.objects.get(pk=recording.pk), at=SEALED_AT)

    assert retried == [200, 200 if committed else 201, 201]
    assert manifest.body["problems"] == []
    assert totals_of(recording) == (5, len(take.content))


@pytest.mark.parametrize("point", ["chunk.after_write", "chunk.after_fsync"])
def test_answer_before_durability_is_caught(exam, settings, point):
    """The negative control: with the guard off, the same check must be red."""
    switches = {"KAOWU_KILL_AT": point, "KAOWU_SABOTAGE": "ack_early"}

    with pytest.raises(AssertionError):
        assert_survives(exam, settings.RECORDINGS_ROOT, switches)


def test_random_deaths_under_load_lose_and_double_nothing(exam, settings):
    """Three kills at instants drawn from a seed, clients retrying all the while."""
    root = settings.RECORDINGS_ROOT
    draw = random.Random(20300520)
    takes = [Take().record(*(os.urandom(20_000) for _ in range(60))) for _ in range(3)]
    waiting = [(take, one) for take in takes for one in take.slices]
    total, deaths, acknowledged = len(waiting), 0, 0
    while waiting:
        with Server(root.parent) as server:
            if deaths < 3:
                deaths += 1
                killer = threading.Timer(draw.uniform(0.05, 0.25), server.kill)
                killer.start()
            with ThreadPoolExecutor(6) as pool:
                statuses = list(
                    pool.map(lambda pair: server.send(put_chunk(exam, *pair)), waiting)
                )
        done = [status in (200, 201) for status in statuses]
        acknowledged += sum(done)
        held = {take.uuid: held_bytes(take, root) for take in takes}
        for (take, one), acked in zip(waiting, done, strict=True):
            if acked:
                assert held[take.uuid][one.seq] == one.body
        waiting = [pair for pair, acked in zip(waiting, done, strict=True) if not acked]

    assert deaths == 3
    assert acknowledged == total
    assert [held_bytes(take, root) for take in takes] == [
        {one.seq: one.body for one in take.slices} for take in takes
    ]
