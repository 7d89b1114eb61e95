"""The computer's and the phone's side of one pairing, over HTTP (R44, R45, R73)."""

import json
from urllib.parse import urlsplit

import pytest
from django.test import Client

from candidates.domain import companions
from candidates.models import Companion, Recording
from candidates.phone_access import COOKIE
from exams.kernel import seals, tokens
from exams.kernel.clock import milliseconds
from exams.models import Attempt
from tests.builders.exams import after_start
from tests.builders.passages import picture
from tests.builders.phones import (
    AT,
    bind_phone,
    film,
    make_pairing_lease,
    make_pan,
    phone_client,
)

pytestmark = pytest.mark.django_db
ME = "/api/v1/attempts/me"


@pytest.fixture(autouse=True)
def now(at_time, settings, tmp_path):
    settings.RECORDINGS_ROOT = tmp_path
    at_time(AT)


@pytest.fixture
def lease():
    return make_pairing_lease()


def post(client, path, body=None):
    return client.post(path, json.dumps(body or {}), content_type="application/json")


def test_whole_pairing_over_http(page, lease):
    shown = post(page, f"{ME}/companion").json()
    assert shown["expires_ms"] == milliseconds(Companion.objects.get().expires_at)
    assert page.get(f"{ME}/companion").json() == shown
    assert "<svg" in shown["svg"]

    phone = Client()
    link = urlsplit(shown["link"]).path
    assert phone.get(link).status_code == 200
    # Looking at the link opened nothing: a preview of a chat program may come first.
    assert Companion.objects.get().state == "offered"
    answer = phone.post(link)
    assert (answer.status_code, answer["Location"]) == (302, "/phone/film/")

    offer = page.get(f"{ME}/state").json()["companion"]["offer"]
    phone.defaults |= {"HTTP_KAOWU_CLIENT": "1"}
    told = phone.get("/phone/api/state").json()
    assert told["companion"]["cross_check"] == offer["cross_check"]
    assert told["edge_token"] is None
    matched = post(
        page, f"{ME}/companion/match", {"code": offer["code"], "match": True}
    )
    assert matched.json()["companion"]["state"] == "bound"

    early = post(phone, "/phone/api/film")
    make_pan(lease.attempt)
    late = post(phone, "/phone/api/film")
    assert (early.status_code, early.json()["code"]) == (409, "pan_missing")
    assert late.json()["companion"]["state"] == "filming"


def test_phones_cookie_is_its_own_and_stays_below_its_path(page, lease):
    shown = post(page, f"{ME}/companion").json()
    phone = Client()

    phone.post("/phone/", {"digits": shown["digits"]})

    cookie = phone.cookies[COOKIE]
    assert (cookie["path"], cookie["samesite"]) == ("/phone/", "Strict")
    assert cookie["httponly"]
    stored = Companion.objects.get().phone_digest
    assert stored == tokens.digest(cookie.value)


def test_door_says_that_digits_are_wrong_and_when_there_were_too_many(page, lease):
    post(page, f"{ME}/companion")
    phone = Client()

    tries = [
        phone.post("/phone/", {"digits": "xxxxxx"}).status_code
        for _ in range(companions.SOURCE_TRIES + 1)
    ]

    assert tries == [403] * companions.SOURCE_TRIES + [429]
    assert Companion.objects.get().state == "offered"


def test_revoked_phone_is_told_and_keeps_the_token_for_what_it_captured(lease):
    opened = film(lease)
    phone = phone_client(opened.secret)
    companions.revoke(opened.companion, by=companions.Actor("staff", "1"), at=AT)

    beat = post(phone, "/phone/api/beat", {"heads": {}, "facts": {}})
    state = phone.get("/phone/api/state").json()

    assert (beat.status_code, beat.json()["code"]) == (403, "phone_closed")
    assert state["companion"]["state"] == "revoked"
    assert state["edge_token"]


def test_phones_token_names_its_epoch_and_its_stream(lease):
    opened = bind_phone(lease)

    token = phone_client(opened.secret).get("/phone/api/state").json()["edge_token"]

    assert tokens.check(token, audience="edge", at=AT) == {
        "a": lease.attempt.code,
        "e": 1,
        "s": "companion",
    }


def test_phone_tells_nothing_of_the_person(lease):
    opened = bind_phone(lease)
    phone = phone_client(opened.secret)

    told = phone.get("/phone/api/state").content + phone.get("/phone/film/").content

    assert lease.attempt.code.encode() not in phone.get("/phone/film/").content
    assert "考生" not in told.decode()


def test_picture_goes_from_the_phone_to_the_computer(page, lease):
    opened = bind_phone(lease)
    jpeg = picture()
    assert page.get(f"{ME}/companion/picture").status_code == 404

    sent = phone_client(opened.secret).put(
        "/phone/api/thumbnail", jpeg, content_type="image/jpeg"
    )
    shown = page.get(f"{ME}/companion/picture")

    assert sent.status_code == 200
    assert (shown["Content-Type"], shown.content) == ("image/jpeg", jpeg)
    version = page.get(f"{ME}/state").json()["companion"]["thumbnail_version"]
    assert version == sent.json()["version"]


def test_computer_puts_no_picture_in_the_phones_place(page, lease):
    sent = page.put(f"{ME}/thumbnails/companion", picture(), content_type="image/jpeg")

    assert sent.status_code == 422


def statement(recording, *takes):
    segments = [take.statement() for take in takes]
    return {"recordings": [{"code": str(recording.code), "segments": segments}]}


@pytest.fixture
def stopped(lease):
    """A phone that was stopped after the end, its film arrived."""
    opened = bind_phone(lease)
    take = make_pan(lease.attempt)
    companions.start_filming(opened.companion, at=AT)
    Attempt.objects.filter(pk=lease.attempt_id).update(
        state="submitted", submitted_at=after_start(60)
    )
    phone = phone_client(opened.secret)
    assert post(phone, "/phone/api/stop").status_code == 200
    recording = Recording.objects.get(attempt=lease.attempt, stream="companion")
    return phone, recording, take


def test_phone_seals_its_own_film_and_gets_the_receipt(stopped):
    phone, recording, take = stopped

    (entry,) = post(phone, "/phone/api/seal", statement(recording, take)).json()[
        "recordings"
    ]

    assert seals.open_seal(entry["receipt"])["stream"] == "companion"
    recording.refresh_from_db()
    assert (recording.state, recording.complete) == ("sealed", True)


def test_attempt_is_sealed_when_computer_and_phone_have_sealed(page, stopped):
    phone, recording, take = stopped
    own = Recording.objects.filter(attempt=recording.attempt).exclude(pk=recording.pk)
    body = {"recordings": [{"code": str(one.code), "segments": []} for one in own]}

    assert post(page, f"{ME}/seal", body).status_code == 200
    before = Attempt.objects.get(pk=recording.attempt_id).state
    post(phone, "/phone/api/seal", statement(recording, take))

    assert before == "submitted"
    assert Attempt.objects.get(pk=recording.attempt_id).state == "sealed"


def test_neither_side_seals_for_the_other(page, stopped):
    phone, recording, take = stopped
    camera = Recording.objects.get(attempt=recording.attempt, stream="camera")

    by_phone = post(phone, "/phone/api/seal", statement(camera))
    by_computer = post(page, f"{ME}/seal", statement(recording, take))

    assert (by_phone.status_code, by_computer.status_code) == (404, 404)
    assert not Recording.objects.exclude(state="open").exists()


def test_phone_that_still_films_seals_nothing(lease):
    opened = film(lease)
    recording = Recording.objects.get(attempt=lease.attempt, stream="companion")

    sealed = post(phone_client(opened.secret), "/phone/api/seal", statement(recording))

    assert (sealed.status_code, sealed.json()["code"]) == (403, "phone_closed")


def test_phones_cookie_opens_no_page_of_the_candidate(lease):
    opened = film(lease)
    phone = phone_client(opened.secret)

    assert phone.get(f"{ME}/state").status_code == 401
    assert phone.get(f"/exam/{lease.attempt.code}/").status_code == 401
