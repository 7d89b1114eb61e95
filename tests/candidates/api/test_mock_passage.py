"""A mock over HTTP, from the press to the archive: the formal passage, step by step."""

import pytest

from candidates.domain.archive import archive_recording
from candidates.models import DeviceLease, Recording
from candidates.queries.mocks import mock_outcomes
from exams.domain.audit import verify_chain
from exams.models import Attempt, Draw, DrawnNumber, Event, Exhibit
from exams.queries.draws import practice_number
from tests.builders.archives import make_take, store_take
from tests.builders.events import misshapen_events
from tests.builders.exams import (
    after_start,
    make_document,
    make_ready_session,
)
from tests.builders.passages import make_person
from tests.candidates.api.test_whole_passage import (
    Person,
    enter,
    prove_identity,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.RECORDINGS_ROOT = tmp_path / "recordings"


@pytest.fixture
def session():
    """A mock session of a project whose exam is tomorrow, with things to read."""
    session = make_ready_session(kind="mock", answer=600, keep_until_release=True)
    make_person(
        make_ready_session(project=session.project, starts_at=after_start(86_400))
    )
    for kind in ("flow", "rules"):
        make_document(session.project, kind=kind)
    return session


@pytest.fixture
def person(session, at_time):
    """Somebody who has just pressed the button."""
    at_time(after_start(1))
    person = Person()
    person.sign_in(session.project.slug)
    page = f"/p/{session.project.slug}/mock/{session.code}/"
    assert person.client.post(page).status_code == 302
    return person


def test_whole_mock_from_the_press_to_the_archive(session, helpdesk, person, at_time):
    attempt = Attempt.objects.get(session=session)

    come_in_to_the_mock(person, session)
    prove_identity(person, helpdesk)
    prepare(person, attempt)
    at_time(after_start(120))
    enter(person)
    at_time(after_start(400))
    assert person.state()["may"]["paper_key"]["open"] is True
    assert person.act("submit", {"confirm": True})["stage"] == "upload"
    takes = upload(attempt)
    sealed = person.act("seal", statement_of(takes))
    for recording in takes:
        recording.refresh_from_db()
        archive_recording(recording, at=after_start(500))

    assert [row["complete"] for row in sealed["recordings"]] == [True, True]
    attempt.refresh_from_db()
    assert attempt.state == "sealed"
    [line] = mock_outcomes(session, at=after_start(600))
    assert (line.outcome.end, line.outcome.has_entered) == ("complete", True)
    assert len(line.outcome.stages_done) == line.outcome.stages_total == 9
    assert person.state()["purge_ok"] is True
    assert (Draw.objects.count(), DrawnNumber.objects.count()) == (0, 0)
    assert Exhibit.objects.count() == 0
    assert verify_chain(session.code) > 0
    assert Event.objects.count() > 15
    assert misshapen_events() == []


def test_steps_of_a_mock_are_those_of_the_exam_and_open_at_once(session, person):
    state = person.state()

    assert [stage["key"] for stage in state["stages"]] == session.stages
    assert (state["stage"], state["phase"]) == ("devices", "entry")
    assert state["attempt"]["kind"] == "mock"
    assert state["may"]["check_in"]["why_not"]["code"] == "stage_missing"
    assert state["may"]["enter"]["why_not"]["code"] == "not_verified"
    assert state["deadlines"]["starts"] - state["server_ms"] <= 300_000


def test_late_candidate_does_not_enter_and_the_outcome_says_so(
    session, helpdesk, person, at_time
):
    come_in_to_the_mock(person, session)
    prove_identity(person, helpdesk)
    prepare(person, Attempt.objects.get(session=session))
    at_time(after_start(400))

    state = person.state()

    assert state["may"]["enter"]["why_not"]["code"] == "window_closed"
    [line] = mock_outcomes(session, at=after_start(400))
    assert (line.outcome.end, line.outcome.has_entered) == ("not_entered", False)


def come_in_to_the_mock(person, session):
    assert person.state()["stage"] == "devices"
    state = person.act("stages/devices", {"without_headphones": True})
    assert state["stage"] == "check_in"


def prepare(person, attempt):
    assert person.read("flow")["stage"] == "draw"
    assert person.state()["attempt"]["sequence_number"] is None
    drawn = person.act("draw", {"nonce": "ab" * 16})
    again = person.act("draw", {"nonce": "cd" * 16})
    number = practice_number(attempt)
    assert (drawn["number"], drawn["receipt"]) == (number, None)
    assert again["number"] == number
    assert drawn["state"]["attempt"]["sequence_number"] == number
    state = person.read("attachments")
    assert (state["stage"], state["may"]["enter"]["open"]) == ("enter", True)


def upload(attempt):
    """Put real media of both streams on the server; return them by recording."""
    epoch = DeviceLease.objects.get(attempt=attempt).epoch
    assert epoch == 1
    takes = {}
    for recording in Recording.objects.filter(attempt=attempt).order_by("stream"):
        take = make_take(2, audio=recording.stream == "camera")
        store_take(recording, take, lost=set())
        takes[recording] = take
    return takes


def statement_of(takes):
    return {
        "recordings": [
            {"code": str(recording.code), "segments": [take.statement()]}
            for recording, take in takes.items()
        ]
    }
