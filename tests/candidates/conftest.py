"""The portal's clock, moved; and a browser that acts as the exam page does."""

import time
from datetime import datetime

import pytest
from django.test import Client

from candidates.access import COOKIE
from candidates.backends.chunk_store import LocalChunkStore
from tests.builders.passages import COOKIE as TOKEN

PAGE = {"HTTP_KAOWU_CLIENT": "1", "HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def at_time(tmp_path, monkeypatch):
    """Move the portal's clock: `at_time(instant)`; it runs on from there."""
    path = tmp_path / "clock-offset"
    monkeypatch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(path))

    def move(instant: datetime) -> None:
        path.write_text(str(instant.timestamp() - time.time()), encoding="ascii")

    return move


@pytest.fixture
def store(tmp_path) -> LocalChunkStore:
    """The bytes of recordings, in a folder of the test's own."""
    return LocalChunkStore(tmp_path / "recordings")


@pytest.fixture
def page() -> Client:
    """A browser on the exam page whose cookie holds the builders' lease."""
    client = Client(**PAGE)
    client.cookies[COOKIE] = TOKEN
    return client
