"""One candidate and one member of staff, from the door to the end, over HTTP."""

import json

import pytest
from django.test import Client

from candidates.access import COOKIE
from candidates.models import CheckIn
from exams.domain.audit import Actor, verify_chain
from exams.domain.freezing import freeze
from exams.models import Attempt, Event
from tests.builders.events import misshapen_events
from tests.builders.exams import (
    after_start,
    before_start,
    make_document,
    make_ready_session,
)
from tests.builders.passages import SUFFIX, TICKET, make_person, photo

pytestmark = pytest.mark.django_db
ME = "/api/v1/attempts/me"
OUR_PAGE = {"HTTP_KAOWU_CLIENT": "1", "HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


class Person:
    """The candidate's browser."""

    def __init__(self):
        self.client = Client()

    def sign_in(self, slug):
        return self.client.post(
            f"/p/{slug}/", {"ticket_number": TICKET, "id_suffix": SUFFIX}
        )

    def state(self):
        return self.client.get(f"{ME}/state").json()

    def act(self, path, body=None):
        reply = self.client.post(
            f"{ME}/{path}",
            json.dumps(body or {}),
            content_type="application/json",
            **OUR_PAGE,
        )
        assert reply.status_code == 200, reply.content
        return reply.json()

    def documents(self, stage):
        return self.client.get(f"{ME}/documents?stage={stage}").json()

    def read(self, stage):
        ids = [row["id"] for row in self.documents(stage)]
        return self.act(f"stages/{stage}", {"documents": ids})

    def has_read(self):
        shown = [*self.documents("flow"), *self.documents("attachments")]
        return {row["id"] for row in shown if row["read_ms"] is not None}


@pytest.fixture
def session():
    """A frozen session with a flow and rules to read, and one person on its roster."""
    session = make_ready_session(state="published")
    make_person(session)
    for kind in ("flow", "rules"):
        make_document(session.project, kind=kind)
    freeze(session, by=Actor.job("test"), at=before_start(7200))
    return session


def test_whole_passage_from_sign_in_to_submit(session, helpdesk, at_time):
    person = Person()

    at_time(before_start(1700))
    come_in(person, session)
    prove_identity(person, helpdesk)
    prepare(person)
    at_time(before_start(500))
    enter(person)
    at_time(after_start(60))
    assert person.state()["may"]["paper_key"]["open"] is True
    state = person.act("submit", {"confirm": True})

    assert (state["stage"], state["may"]["seal"]["open"]) == ("upload", True)
    stored = Attempt.objects.get(session=session)
    assert (stored.state, stored.submitted_by) == ("submitted", "candidate")
    assert [stage["key"] for stage in state["stages"] if stage["state"] == "done"] == [
        *("devices", "check_in", "flow", "draw", "attachments", "enter"),
        *("device_confirmation", "information", "paper_check", "answer"),
    ]
    documents = session.project.documents.values_list("pk", flat=True)
    assert person.has_read() == {*documents}
    assert verify_chain(session.code) > 0
    assert Event.objects.count() > 15
    assert misshapen_events() == []


def come_in(person, session):
    door = person.sign_in(session.project.slug)
    assert door.headers["Location"] == f"/p/{session.project.slug}/home/"
    assert "HttpOnly" in str(door.cookies[COOKIE])
    assert "SameSite=Strict" in str(door.cookies[COOKIE])
    assert person.state()["stage"] == "devices"
    state = person.act("stages/devices", {"without_headphones": True})
    assert state["stage"] == "check_in"


def prove_identity(person, helpdesk):
    sent = person.client.post(
        f"{ME}/check-ins",
        {"consent": "on", "consent_version": "1", "photos": [photo(), photo()]},
        **OUR_PAGE,
    )
    assert (sent.status_code, sent.json()) == (201, {"state": "waiting"})
    assert person.state()["check_in"]["state"] == "waiting"
    page = f"/checkins/{CheckIn.objects.get().pk}/"
    decided = helpdesk.post(page, {"decision": "approve"})
    assert decided.headers["Location"] == "/checkins/"
    state = person.state()
    assert state["attempt"]["state"] == "checked_in"
    assert state["lease"]["level"] == "verified"
    assert [row["stream"] for row in state["recordings"]] == ["camera", "screen"]


def prepare(person):
    assert person.read("flow")["stage"] == "draw"
    drawn = person.act("draw", {"nonce": "ab" * 16})
    assert drawn["number"] == 1
    assert drawn["state"]["attempt"]["sequence_number"] == 1
    state = person.read("attachments")
    assert (state["stage"], state["may"]["enter"]["open"]) == ("enter", False)


def enter(person):
    assert person.state()["may"]["enter"]["open"] is True
    assert person.act("enter")["attempt"]["state"] == "entered"
    devices = {"camera": "HD", "microphone": "Array", "surface": "monitor"}
    person.act("stages/device_confirmation", devices)
    person.act("stages/information", {"confirmed": True})
    state = person.act("stages/paper_check", {"confirmed": True})
    assert state["stage"] == "answer"
    assert state["may"]["paper_key"]["open"] is False
