import json

import pytest
from django.test import Client
from django.urls import reverse

from candidates.access import COOKIE
from candidates.api.urls import urlpatterns
from tests.builders.candidates import make_lease
from tests.builders.exams import before_start
from tests.builders.passages import COOKIE as TOKEN
from tests.builders.passages import make_person, make_verified, photo

pytestmark = pytest.mark.django_db
ME = "/api/v1/attempts/me"
POSTS = (
    "check-ins",
    "stages/flow",
    "draw",
    "enter",
    "submit",
    "seal",
    "observations",
    "companion",
    "companion/match",
    "inbox/x/read",
    "inbox/x/acknowledge",
    "face-challenges",
    "face-answers",
    "identity-code",
    "upload-leave",
)


def post(client, path, body=None, **headers):
    return client.post(
        f"{ME}/{path}",
        json.dumps(body or {}),
        content_type="application/json",
        **headers,
    )


def test_posts_listed_here_are_all_posts_of_the_api():
    views = {route.pattern._route: route.callback.cls for route in urlpatterns}

    found = {
        route.removeprefix("attempts/me/")
        .replace("<str:stage>", "flow")
        .replace("<str:code>", "x")
        for route, view in views.items()
        if hasattr(view, "post")
    }

    assert found == set(POSTS)
    assert reverse("api:state") == "/api/v1/attempts/me/state"


@pytest.mark.parametrize("path", POSTS)
def test_post_of_a_stranger_is_refused(path):
    reply = post(Client(HTTP_KAOWU_CLIENT="1"), path)

    assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_KAOWU_CLIENT": "0"},
        {"HTTP_KAOWU_CLIENT": "1", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_KAOWU_CLIENT": "1", "HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_KAOWU_CLIENT": "1", "HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_KAOWU_CLIENT": "1", "HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_KAOWU_CLIENT": "1", "HTTP_ORIGIN": "null"},
    ],
)
def test_post_that_is_not_our_pages_is_refused(path, headers):
    make_verified(make_person())
    client = Client()
    client.cookies[COOKIE] = TOKEN

    reply = post(client, path, **headers)

    assert (reply.status_code, reply.json()["code"]) == (403, "foreign_request")
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_post_of_our_page_with_its_origin_passes(at_time):
    lease = make_verified(make_person())
    client = Client(HTTP_KAOWU_CLIENT="1", HTTP_ORIGIN="http://testserver")
    client.cookies[COOKIE] = TOKEN
    at_time(before_start(1200))

    reply = post(client, "stages/flow", {"documents": []})

    assert reply.status_code == 200
    assert reply.json()["attempt"]["code"] == lease.attempt.code


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("stages/draw", {}, "stage_missing"),
        ("stages/nonsense", {}, "not_found"),
        ("stages/enter", {}, "not_your_step"),
        ("draw", {"nonce": "ab" * 16}, "stage_missing"),
        ("enter", {}, "stage_missing"),
        ("submit", {}, "confirm_missing"),
        ("submit", {"confirm": "yes"}, "confirm_missing"),
        ("submit", {"confirm": True}, "not_entered"),
        ("observations", {"items": "x"}, "bad_input"),
        ("check-ins", {}, "consent_missing"),
    ],
)
def test_post_out_of_turn_is_a_problem_with_its_code(page, at_time, path, body, code):
    make_verified(make_person())
    at_time(before_start(1200))

    reply = post(page, path, body)

    problem = reply.json()
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == reply.status_code
    assert problem["title"]


@pytest.mark.parametrize("body", ["[1]", '"x"', "not json", ""])
def test_post_that_is_no_json_object_is_a_problem(page, at_time, body):
    make_verified(make_person())
    at_time(before_start(1200))

    reply = page.post(f"{ME}/submit", body, content_type="application/json")

    assert reply.status_code in (400, 422)
    assert reply.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["stages/flow", "draw", "enter", "submit"])
@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "superseded"}, "lease_lost"),
        ({"state": "waiting", "epoch": None}, "lease_waiting"),
        ({"level": "claimed"}, "not_verified"),
    ],
)
def test_post_of_a_browser_without_control_is_refused(
    page, at_time, path, columns, code
):
    make_lease(make_person(state="checked_in"), token=TOKEN, **columns)
    at_time(before_start(1200))

    reply = post(page, path, {"confirm": True, "nonce": "ab" * 16})

    assert (reply.status_code, reply.json()["code"]) == (403, code)


def test_check_ins_form_without_consent_is_refused(page, at_time):
    make_lease(make_person(), token=TOKEN, level="claimed")
    at_time(before_start(1200))

    reply = page.post(
        f"{ME}/check-ins", {"consent_version": "1", "photos": [photo(), photo()]}
    )

    assert (reply.status_code, reply.json()["code"]) == (422, "consent_missing")


def test_information_is_given_to_the_verified_browser_only(page, at_time):
    lease = make_lease(make_person(), token=TOKEN, level="claimed")
    at_time(before_start(1200))

    refused = page.get(f"{ME}/information")
    type(lease).objects.filter(pk=lease.pk).update(level="verified")
    given = page.get(f"{ME}/information").json()

    assert refused.json()["code"] == "not_verified"
    assert set(given) == {
        *("name", "masked_id", "post", "ticket_number", "session"),
        "sequence_number",
    }
    assert given["masked_id"].count("*") == 13


def test_documents_of_an_unknown_stage_are_refused(page, at_time):
    make_verified(make_person())
    at_time(before_start(1200))

    assert page.get(f"{ME}/documents?stage=answer").json()["code"] == "bad_input"
