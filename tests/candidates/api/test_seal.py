import uuid

import pytest

from candidates.models import Recording
from exams.kernel import seals
from tests.builders.candidates import (
    Take,
    make_chunk,
    make_lease,
    make_recording,
    make_segment,
)
from tests.builders.exams import after_start, make_attempt, make_session

URL = "/api/v1/attempts/me/seal"
OWN_PAGE = {"Kaowu-Client": "1", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def recording(db):
    """A recording of an ended attempt."""
    attempt = make_attempt(make_session(), state="submitted")
    make_lease(attempt, token="cookie-of-the-browser")
    return make_recording(attempt)


def post(client, body, *, headers=OWN_PAGE):
    client.cookies["kaowu_lease"] = "cookie-of-the-browser"
    return client.post(URL, body, content_type="application/json", headers=headers)


def statement(recording, take):
    return {
        "recordings": [{"code": str(recording.code), "segments": [take.statement()]}]
    }


def held(recording, take):
    segment = make_segment(recording, uuid=take.uuid, mime=take.mime)
    for one in take.slices:
        make_chunk(segment, seq=one.seq, digest=one.digest, head=one.head)


def test_seal_of_a_complete_recording_returns_a_receipt(client, recording):
    take = Take().record(b"one", b"two")
    held(recording, take)

    reply = post(client, statement(recording, take))

    [entry] = reply.json()["recordings"]
    receipt = seals.open_seal(entry.pop("receipt"))
    assert reply.status_code == 200
    assert entry == {
        "code": str(recording.code),
        "complete": True,
        "missing": {},
        "broken": [],
    }
    assert receipt["segments"] == [
        {"uuid": str(take.uuid), "count": 2, "head": take.head, "bytes": 2}
    ]


def test_seal_names_what_is_missing(client, recording):
    take = Take().record(b"one", b"two", b"three")
    held(recording, Take(uuid=take.uuid).record(b"one"))

    reply = post(client, statement(recording, take))

    assert reply.json()["recordings"][0]["missing"] == {str(take.uuid): [[1, 2]]}
    assert Recording.objects.get().state == "open"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"recordings": []},
        {"recordings": [{"code": "x", "segments": []}]},
        {"recordings": [{"code": str(uuid.uuid4()), "segments": [{"count": 1}]}]},
    ],
)
def test_seal_with_a_wrong_shape_is_refused(client, recording, body):
    reply = post(client, body)

    assert reply.status_code == 400
    assert reply["Content-Type"] == "application/problem+json"


def test_seal_of_an_unknown_recording_is_not_found(client, recording):
    body = {"recordings": [{"code": str(uuid.uuid4()), "segments": []}]}

    assert post(client, body).status_code == 404


def test_seal_without_a_lease_is_refused(client, recording):
    reply = client.post(URL, {}, content_type="application/json", headers=OWN_PAGE)

    assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")


def test_seal_from_another_site_is_refused(client, recording):
    reply = post(client, {}, headers={"Sec-Fetch-Site": "cross-site"})

    assert (reply.status_code, reply.json()["code"]) == (403, "foreign_request")


def test_seal_by_a_browser_that_waits_for_takeover_is_refused(client, recording):
    make_lease(recording.attempt, token="waiting", state="waiting", epoch=None)
    client.cookies["kaowu_lease"] = "waiting"

    reply = client.post(URL, {}, content_type="application/json", headers=OWN_PAGE)

    assert (reply.status_code, reply.json()["code"]) == (403, "lease_waiting")


def test_seal_of_a_running_attempt_is_refused(client, db):
    attempt = make_attempt(state="entered", entered_at=after_start(-10))
    make_lease(attempt, token="cookie-of-the-browser")
    recording = make_recording(attempt)
    take = Take().record(b"one")

    reply = post(client, statement(recording, take))

    assert (reply.status_code, reply.json()["code"]) == (409, "attempt_not_ended")
