"""An attempt that is over, and who judges what was seen."""

import pytest

from tests.builders.cases import make_court
from tests.builders.exams import make_attempt


@pytest.fixture
def attempt():
    return make_attempt(state="sealed")


@pytest.fixture
def court(attempt):
    return make_court(attempt.session)
