"""An examiner at the desk, with one sheet."""

import pytest

from tests.builders.scoring import (
    make_examiner,
    make_scoring_session,
    make_sealed_attempt,
    make_sheet,
)


@pytest.fixture
def session():
    return make_scoring_session()


@pytest.fixture
def examiner(session, client):
    examiner = make_examiner(session)
    client.force_login(examiner)
    return examiner


@pytest.fixture
def sheet(session, examiner):
    return make_sheet(make_sealed_attempt(session, number=17), examiner, state="draft")
