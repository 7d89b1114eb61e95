"""The API for other systems: tokens, scopes, pages, and what it never tells."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exams.api.systems import TokenThrottle
from exams.domain.api_tokens import make_token, revoke_token
from exams.domain.audit import Actor
from exams.enums import Scope
from exams.kernel import clock
from exams.kernel.errors import BadInput, Conflict
from exams.models import ApiToken, AuditEntry, Result
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.exams import (
    START,
    make_administrator,
    make_attempt,
    make_project,
    make_room,
    make_session,
)
from tests.builders.scoring import make_number

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    cache.clear()


def token(project, *scopes, **more):
    columns = {"name": "HR", "days": 30, "by": make_administrator(), "at": clock.now()}
    return make_token(project, scopes=scopes or Scope.values, **columns | more)


def system(project, *scopes, **more):
    secret = token(project, *scopes)[1]
    return Client(headers={"Authorization": f"Bearer {secret}", **more})


def enrolled(session, **columns):
    attempt = make_attempt(session, **columns)
    make_enrolment(make_candidate(session.project, name="林知远"), attempt)
    return attempt


def released(attempt, value="83.03"):
    return Result.objects.create(
        attempt=attempt,
        value=value,
        working={"value": value},
        computed_at=START,
        released_at=START,
    )


def url(session, name):
    return reverse(f"reading:{name}", args=[session.code])


def test_project_and_sessions_are_the_tokens_own(project):
    session = make_session(project=project, title="上午场")
    make_session()
    client = system(project)

    found = client.get(reverse("reading:projects")).json()["results"]
    sessions = client.get(reverse("reading:sessions")).json()["results"]

    assert [row["slug"] for row in found] == [project.slug]
    assert sessions == [
        {
            "code": session.code,
            "project": project.slug,
            "title": "上午场",
            "kind": "formal",
            "state": "draft",
            "time_zone": "Asia/Shanghai",
            "starts_at": "2030-05-20T01:00:00Z",
            "ends_at": "2030-05-20T01:20:00Z",
            "frozen_at": None,
        }
    ]


def test_states_and_results_carry_the_ticket_number_and_no_sequence_number(project):
    session = make_session(project=project)
    attempt = enrolled(session, room=make_room(session, name="一"), state="released")
    make_number(attempt, 173)
    released(attempt)
    absent = enrolled(session, state="absent")
    client = system(project)

    states = client.get(url(session, "attempts"))
    results = client.get(url(session, "results"))

    by_code = {row["code"]: row for row in states.json()["results"]}
    assert by_code[attempt.code]["room"] == "一"
    assert by_code[absent.code]["state"] == "absent"
    (result,) = results.json()["results"]
    assert (result["code"], result["value"]) == (attempt.code, "83.03")
    assert result["ticket_number"] == by_code[attempt.code]["ticket_number"]
    for reply in (states, results):
        text = reply.content.decode()
        assert "173" not in re.sub(r"\d{9,}", "", text)
        assert "林知远" not in text
        assert reply["Cache-Control"] == "no-store"


def test_results_that_are_not_released_are_not_there(project):
    session = make_session(project=project)
    row = released(enrolled(session))
    Result.objects.filter(pk=row.pk).update(released_at=None)

    assert system(project).get(url(session, "results")).json()["results"] == []


@pytest.mark.parametrize("name", ["attempts", "results"])
def test_session_of_another_project_does_not_exist(project, name):
    reply = system(project).get(url(make_session(), name))

    assert reply.status_code == 404
    assert reply.json()["code"] == "not_found"


@pytest.mark.parametrize("scope", Scope.values)
def test_token_reads_within_its_scopes_only(project, scope):
    session = make_session(project=project)
    client = system(project, scope)
    paths = {
        "projects": reverse("reading:projects"),
        "sessions": reverse("reading:sessions"),
        "states": url(session, "attempts"),
        "results": url(session, "results"),
    }

    statuses = {name: client.get(path).status_code for name, path in paths.items()}

    assert statuses == {name: 200 if name == scope else 403 for name in paths}


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "This needs a valid API token."), ("en", "lacks the scope")],
)
def test_refusals_speak_the_language_of_the_asker(project, language, words):
    path = reverse("reading:projects")
    asked = {"Accept-Language": language}
    replies = [
        Client().get(path, headers=asked),
        system(project, Scope.RESULTS).get(path, headers=asked),
    ]

    assert [reply.status_code for reply in replies] == [401, 403]
    assert replies[0]["WWW-Authenticate"].startswith("Bearer")
    assert any(words in reply.json()["title"] for reply in replies)
    assert [reply.json()["code"] for reply in replies] == [
        "token_refused",
        "scope_missing",
    ]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp4", "Bearer kaowu_" + "a" * 200]
)
def test_request_without_a_token_is_refused(project, header):
    token(project)

    reply = Client(headers={"Authorization": header}).get(reverse("reading:projects"))

    assert reply.status_code == 401


def test_expired_and_revoked_tokens_are_refused_alike(project):
    row, secret = token(project)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    path = reverse("reading:projects")
    assert client.get(path).status_code == 200

    ApiToken.objects.update(expires_at=clock.now())
    expired = client.get(path)
    ApiToken.objects.update(expires_at=START)
    revoke_token(row, by=Actor("system", "t"), at=clock.now())
    revoked = client.get(path)

    assert expired.status_code == revoked.status_code == 401
    assert expired.content == revoked.content
    with pytest.raises(Conflict):
        revoke_token(row, by=Actor("system", "t"), at=clock.now())


def test_secret_is_kept_as_a_digest_and_its_use_is_noted(project):
    row, secret = token(project)
    assert secret not in str(list(ApiToken.objects.values()))
    assert secret not in str(list(AuditEntry.objects.values()))
    assert row.last_used_at is None

    Client(headers={"Authorization": f"Bearer {secret}"}).get(
        reverse("reading:projects")
    )

    row.refresh_from_db()
    assert row.last_used_at is not None
    assert AuditEntry.objects.get().action == "token.made"


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["write"]}, {"days": 0}, {"days": 367}]
)
def test_senseless_token_is_not_made(project, wrong):
    columns = {"scopes": ["results"], "days": 1, "name": "x", **wrong}

    with pytest.raises(BadInput):
        make_token(project, by=make_administrator(), at=clock.now(), **columns)

    assert ApiToken.objects.count() == 0


def test_pages_follow_each_other_without_a_gap_or_a_key(project):
    session = make_session(project=project)
    attempts = [enrolled(session) for _ in range(5)]
    client, path, found = system(project), url(session, "attempts") + "?limit=2", []

    sizes = []
    while path:
        page = client.get(path).json()
        sizes.append(len(page["results"]))
        found += [row["code"] for row in page["results"]]
        path = page["next"]

    assert sizes == [2, 2, 1]
    assert found == sorted(attempt.code for attempt in attempts)


def test_page_is_capped_and_a_broken_cursor_is_refused(project):
    session = make_session(project=project)
    client = system(project)

    capped = client.get(url(session, "attempts"), {"limit": "100000"})
    broken = client.get(url(session, "attempts"), {"cursor": "bz14"})

    assert capped.status_code == 200
    assert (broken.status_code, broken.json()["code"]) == (404, "not_found")


def test_token_is_slowed_down_and_told_when_to_come_again(project, monkeypatch):
    monkeypatch.setattr(TokenThrottle, "THROTTLE_RATES", {"api-token": "2/min"})
    client, other = system(project), system(project)
    path = reverse("reading:projects")

    statuses = [client.get(path).status_code for _ in range(3)]
    refused = client.get(path)

    assert statuses == [200, 200, 429]
    assert int(refused["Retry-After"]) > 0
    assert refused.json()["code"] == "throttled"
    assert other.get(path).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("attempts", 4), ("results", 4)])
def test_lists_ask_the_same_number_of_queries(project, name, queries, number):
    session = make_session(project=project)
    for _ in range(number):
        released(enrolled(session))
    client = system(project)

    with CaptureQueriesContext(connection) as asked:
        client.get(url(session, name))

    assert len(asked) == queries


def test_nothing_is_written_through_the_api(project):
    session, client = make_session(project=project), system(project)

    for path in (reverse("reading:projects"), url(session, "results")):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(path).status_code == 405


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_description_lists_every_endpoint_and_nothing_from_elsewhere(client, language):
    asked = {"accept-language": language}
    schema = client.get(reverse("reading:schema"), headers=asked).json()
    page = client.get(reverse("reading:docs"), headers=asked).content.decode()

    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) == {
        "/api/v1/projects",
        "/api/v1/sessions",
        "/api/v1/sessions/{code}/attempts",
        "/api/v1/sessions/{code}/results",
    }
    assert all(path in page for path in schema["paths"])
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    json.dumps(schema)


def test_token_is_made_shown_once_and_revoked_in_the_admin(client, boss, project):
    body = {"project": project.pk, "name": "HR", "scopes": ["results"], "days": 30}

    page = client.post(reverse("admin:exams_apitoken_add"), body).content.decode()
    secret = re.search(r"data-secret>(kaowu_[\w-]+)<", page)[1]
    row = ApiToken.objects.get()
    one = reverse("admin:exams_apitoken_change", args=[row.pk])
    listed = client.get(reverse("admin:exams_apitoken_changelist")).content.decode()
    revoke = reverse("admin:exams_apitoken_revoke-token", args=[row.pk])
    client.post(revoke, {"reason": "left the project"})

    assert row.head in listed
    assert secret not in listed
    assert secret not in client.get(one).content.decode()
    asked = Client(headers={"Authorization": f"Bearer {secret}"})
    path = url(make_session(project=project), "results")
    assert asked.get(path).status_code == 401


def test_administrator_makes_tokens_of_the_own_projects_only(
    client, administrator, project
):
    body = {"name": "HR", "scopes": ["results"], "days": 30}
    add = reverse("admin:exams_apitoken_add")

    client.post(add, body | {"project": make_project().pk})
    assert ApiToken.objects.count() == 0
    client.post(add, body | {"project": project.pk})

    assert ApiToken.objects.get().project == project
