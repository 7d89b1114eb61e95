import time

import pytest

from candidates.presence import BOARD
from tests.builders.exams import START


@pytest.fixture(autouse=True)
def _during_the_exam(tmp_path, monkeypatch, settings):
    """The clock stands one minute after the start; nobody was heard before."""
    path = tmp_path / "offset"
    path.write_text(str(START.timestamp() + 60 - time.time()), encoding="ascii")
    monkeypatch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(path))
    settings.RECORDINGS_ROOT = tmp_path / "recordings"
    BOARD._newest.clear()
