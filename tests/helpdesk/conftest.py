"""A conversation to listen to."""

import pytest

from tests.builders.candidates import make_lease
from tests.builders.exams import (
    make_attempt,
    make_room,
    make_session,
)
from tests.builders.helpdesk import make_request


@pytest.fixture
def request_here():
    """A request of an attempt in a room, whose lease's secret is `mine`."""
    session = make_session(state="published")
    attempt = make_attempt(session, room=make_room(session))
    make_lease(attempt, token="mine")
    return make_request(attempt)
