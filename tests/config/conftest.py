"""Long after the results: a person of whom something of every class is held."""

from datetime import UTC, datetime

import pytest

from tests.builders import retention as made
from tests.builders.exams import make_administrator


@pytest.fixture
def later(settings, tmp_path, monkeypatch):
    """The portal's clock stands where all is due; a media folder of the test's own."""
    for name in ("MEDIA_ROOT", "RECORDINGS_ROOT", "TICKETS_ROOT"):
        setattr(settings, name, tmp_path / name)
    ahead = made.LATER - datetime.now(UTC)
    (tmp_path / "offset").write_text(str(ahead.total_seconds()), encoding="ascii")
    monkeypatch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(tmp_path / "offset"))


@pytest.fixture
def people(later, db):
    return [make_administrator(), make_administrator()]


@pytest.fixture
def person(later, project):
    return made.make_held_person(made.make_released_session(project))
