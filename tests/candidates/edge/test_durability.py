"""The order behind a 2xx: bytes synced, folder synced, row committed, then the reply."""

import asyncio
import os
import stat

import pytest
from django.db import connections, transaction

from tests.builders.asgi import answer, put_chunk
from tests.builders.candidates import Take, make_recording


@pytest.fixture
def steps(monkeypatch):
    """What the process asked of disk and database, in order, done for real."""
    seen = []
    sync_data, sync, commit = os.fdatasync, os.fsync, transaction.Atomic.__exit__

    def fdatasync(descriptor):
        sync_data(descriptor)
        seen.append("file synced")

    def fsync(descriptor):
        sync(descriptor)
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append("folder synced" if is_folder else "file synced")

    def leave(self, *error):
        commit(self, *error)
        if not connections["default"].in_atomic_block:
            seen.append("committed")

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(transaction.Atomic, "__exit__", leave)
    return seen


def test_reply_comes_after_sync_and_commit(edge, steps):
    recording = make_recording()
    take = Take().record(b"abc")
    call = put_chunk(recording, take, take.slices[0])
    steps.clear()

    async def noting(scope, receive, send):
        async def note(message):
            if message["type"] == "http.response.start":
                steps.append("replied")
            await send(message)

        await edge(scope, receive, note)

    asyncio.run(answer(noting, call))

    written = steps[steps.index("file synced") :]
    assert written[0] == "file synced"
    assert set(written[1:-2]) == {"folder synced"}
    assert written[-2:] == ["committed", "replied"]


def test_reply_before_durability_is_caught(edge, steps, monkeypatch):
    monkeypatch.setenv("KAOWU_SABOTAGE", "ack_early")

    with pytest.raises(AssertionError):
        test_reply_comes_after_sync_and_commit(edge, steps)
