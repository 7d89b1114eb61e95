import pytest
from django.test import Client

from candidates.access import COOKIE
from candidates.backends.faces.fake import marked
from candidates.domain.face_login import CONSENT_VERSION
from candidates.domain.leases import Browser, claim_lease
from candidates.models import Candidate, FaceCheck
from tests.builders.exams import before_start
from tests.builders.faces import ME, NEARLY_ME, NOT_ME, at_door, challenge, frames_for
from tests.builders.passages import photo

pytestmark = pytest.mark.django_db
API = "/api/v1/attempts/me"


@pytest.fixture(autouse=True)
def _faces(settings, tmp_path, at_time):
    settings.FACE_BACKEND = "fake"
    settings.MEDIA_ROOT = tmp_path / "media"
    at_time(before_start(1500))


def browser_of(lease):
    """The page of this person: it claims the attempt anew, in the older one's place."""
    attempt = lease.attempt
    type(lease).objects.filter(pk=lease.pk).update(state="ended")
    claim = claim_lease(attempt, browser=Browser(cookie=""), at=before_start(1500))
    client = Client(HTTP_KAOWU_CLIENT="1", HTTP_ACCEPT_LANGUAGE="en")
    client.cookies[COOKIE] = claim.cookie
    return client


def start(client, version=CONSENT_VERSION):
    body = {"consent_version": version}
    return client.post(f"{API}/face-challenges", body, content_type="application/json")


def answer(client, code, frames):
    files = [photo(frame, "frame.png") for frame in frames]
    return client.post(f"{API}/face-answers", {"challenge": code, "frames": files})


def check_of(reply):
    return FaceCheck.objects.get(code=reply.json()["challenge"])


def test_challenge_tells_its_steps_and_how_long_it_is_good():
    reply = start(browser_of(at_door()))

    told = reply.json()
    assert reply.status_code == 201
    assert set(told) == {"challenge", "steps", "seconds", "expires_ms"}
    assert sorted(told["steps"]) == ["centre", "left", "right"]
    assert told["seconds"] == 20
    assert reply.headers["Cache-Control"] == "no-store"


def test_pass_opens_the_next_stage_and_tells_no_number():
    client = browser_of(at_door())
    check = check_of(start(client))

    reply = answer(client, check.code, frames_for(check)).json()

    assert set(reply) == {"outcome", "reasons", "state"}
    assert (reply["outcome"], reply["reasons"]) == ("passed", [])
    assert reply["state"]["lease"]["level"] == "verified"
    assert reply["state"]["stage"] == "flow"
    for word in ("distance", "embedding", "threshold"):
        assert word not in str(reply)


def test_failure_says_why_and_how_many_tries_are_left():
    client = browser_of(at_door())
    for left in (2, 1, 0):
        check = check_of(start(client))
        reply = answer(client, check.code, frames_for(check, who=NOT_ME)).json()

        assert [reason["code"] for reason in reply["reasons"]] == ["other_person"]
        assert "does not resemble" in reply["reasons"][0]["message"]
        face = reply["state"]["check_in"]["face"]
        assert (face["state"], face["tries_left"]) == ("failed", left)

    may = reply["state"]["may"]
    assert may["face_check"]["why_not"]["code"] == "face_tries_used"
    assert may["check_in"]["open"]
    assert start(client).json()["code"] == "face_tries_used"


def test_review_waits_in_the_queue():
    client = browser_of(at_door())
    check = check_of(start(client))

    reply = answer(client, check.code, frames_for(check, who=NEARLY_ME)).json()

    assert reply["outcome"] == "review"
    assert reply["state"]["check_in"]["state"] == "waiting"


def test_challenge_of_another_attempt_does_not_exist():
    client, other = browser_of(at_door()), challenge(at_door(ticket="other"))

    reply = answer(client, other.code, frames_for(other))

    assert reply.status_code == 404
    other.refresh_from_db()
    assert other.state == "open"


@pytest.mark.parametrize(
    ("frames", "status", "code"),
    [
        ([marked(ME)] * 7, 422, "bad_input"),
        ([], 422, "bad_input"),
        ([marked(ME)] * 2 + [b"GIF89a" + bytes(99)], 422, "bad_photo"),
        ([marked(ME)] * 2 + [bytes(2**20 + 1)], 413, "photo_too_large"),
    ],
)
def test_frames_of_wrong_kind_or_number_are_refused(frames, status, code):
    client = browser_of(at_door())
    check = check_of(start(client))

    reply = answer(client, check.code, frames)

    assert (reply.status_code, reply.json()["code"]) == (status, code)
    check.refresh_from_db()
    assert check.state == "open"


@pytest.mark.parametrize(
    ("backend", "with_photo", "code"),
    [
        ("manual", True, "face_unavailable"),
        ("fake", False, "roster_photo_missing"),
    ],
)
def test_state_says_why_a_person_looks_instead(settings, backend, with_photo, code):
    settings.FACE_BACKEND = backend
    client = browser_of(at_door())
    if not with_photo:
        Candidate.objects.update(photo="")

    may = client.get(f"{API}/state").json()["may"]

    assert may["check_in"]["open"]
    assert may["face_check"]["why_not"]["code"] == code


def test_consent_of_another_version_is_refused():
    assert start(browser_of(at_door()), "face-0").json()["code"] == "consent_missing"
