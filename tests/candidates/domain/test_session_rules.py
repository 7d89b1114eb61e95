"""The rules of a session that the candidates' floor obeys (requirements 2.3)."""

import pytest

from candidates.queries.companions import is_panned
from candidates.queries.rights import FaceUnavailable, MockMissing, refusal_to
from candidates.queries.standing import standing_of
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import before_start, make_attempt, make_session
from tests.builders.passages import make_stages

pytestmark = pytest.mark.django_db
AT = before_start(1200)


def make_person(**columns):
    session = make_session(state="published", **columns)
    attempt = make_attempt(session)
    candidate = make_candidate(session.project)
    make_enrolment(candidate, attempt)
    make_stages(attempt, "devices")
    return make_lease(attempt, level="claimed"), candidate


def refusal(lease, action="check_in"):
    return refusal_to(action, standing_of(lease), at=AT)


@pytest.mark.parametrize(
    ("state", "allowed"), [("submitted", True), ("sealed", True), ("entered", False)]
)
def test_required_mock_has_to_be_finished_before_the_check_in(state, allowed):
    lease, candidate = make_person(mock_required=True)
    project = lease.attempt.session.project
    assert isinstance(refusal(lease), MockMissing)

    mock = make_attempt(make_session(project=project, kind="mock"), state=state)
    make_enrolment(candidate, mock)

    assert isinstance(refusal(lease), MockMissing) is not allowed


def test_mock_of_another_person_does_not_count():
    lease, _candidate = make_person(mock_required=True)
    project = lease.attempt.session.project
    mock = make_attempt(make_session(project=project, kind="mock"), state="sealed")
    make_enrolment(make_candidate(project), mock)

    assert isinstance(refusal(lease), MockMissing)


def test_mock_that_is_not_required_may_be_skipped():
    lease, _candidate = make_person()

    assert not isinstance(refusal(lease), MockMissing)


def test_face_is_not_compared_where_the_session_does_not_ask_for_it(settings):
    settings.FACE_BACKEND = "fake"
    lease, _candidate = make_person(identity_methods=["human"])

    assert isinstance(refusal(lease, "face_check"), FaceUnavailable)
    assert not isinstance(refusal(lease), FaceUnavailable)


@pytest.mark.parametrize(("required", "panned"), [(True, False), (False, True)])
def test_room_is_shown_only_where_the_session_asks_for_it(required, panned):
    attempt = make_attempt(make_session(room_pan_required=required))

    assert is_panned(attempt) is panned
