"""The process that forks for kill points ends with the tests."""

import pytest

from tests.builders import forks


@pytest.fixture(scope="session", autouse=True)
def _forks():
    yield
    forks.end()
