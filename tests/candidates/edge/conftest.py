import pytest

from candidates.edge.app import Edge


@pytest.fixture
def edge(transactional_db, settings, tmp_path):
    """An edge of its own, whose threads see the test's committed rows."""
    settings.RECORDINGS_ROOT = tmp_path / "recordings"
    application = Edge()
    yield application
    application.stop()
