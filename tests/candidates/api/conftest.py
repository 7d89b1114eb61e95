"""Who decides about check-ins, beside the candidate whose passage is walked."""

import pytest
from django.test import Client

from tests.builders.exams import make_assignment
from tests.builders.proctoring import signed_in


@pytest.fixture
def helpdesk(session) -> Client:
    """The helpdesk's browser, signed in; the test says of which `session`."""
    return signed_in(make_assignment(role="helpdesk", session=session).staff)
