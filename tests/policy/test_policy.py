"""Default deny: every URL of the portal has its row, and every row is asked for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.views.generic import View

from exams.models import Staff
from tests.builders.passages import photo
from tests.policy.admin_rows import ADMIN
from tests.policy.personas import ACCOUNTS, DOOR, EVERYBODY, LEASES, PHONES
from tests.policy.replies import is_denial, missing_headers
from tests.policy.row import Row
from tests.policy.table import JSON_API, ROWS
from tests.policy.world import PAGE, World, become

PEOPLE = sorted(EVERYBODY - {"edge"})
PLACELESS = ("", "stage", "stream", "app", "stray")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = {"GET", "HEAD", "OPTIONS"}


def names_of(resolver: URLResolver, space: str = "", route: str = "") -> Iterator[str]:
    """Yield the full name of every URL; an unnamed one is called by its route."""
    for one in resolver.url_patterns:
        here = route + str(one.pattern).lstrip("^")
        if isinstance(one, URLPattern):
            yield space + one.name if one.name else here
        else:
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from names_of(one, inner, here)


def unregistered(resolver: URLResolver) -> set[str]:
    return set(names_of(resolver)) - {row.name for row in ROWS}


class Undo(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """Run one cell and put every row back as it was."""
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


def url_of(world: World, row: Row, place: str) -> str:
    targets = world.targets[place]
    arguments = targets.get(f"admin:{row.target}", targets.get(row.target))
    if not row.name.startswith("admin"):
        arguments = targets[row.target]
    if row.name.startswith("admin/"):
        fill = str(arguments[0])
        return "/" + row.name.replace("<path:object_id>", fill).replace(
            "(?P<url>.*)$", fill
        )
    return reverse(row.name, args=arguments)


def ask(world: World, row: Row, persona: str, place: str = "here", **how):
    """Send the row's request as the persona; the reply has to be guarded."""
    client = world.browser(persona, **how)
    become(persona)
    url = url_of(world, row, place)
    if row.method == "GET":
        response = client.get(url, row.body)
    elif names := [name for name in ("photos", "frames") if name in row.body]:
        files = {name: [photo() for _ in range(row.body[name])] for name in names}
        response = client.post(url, row.body | files)
    elif row in JSON_API:
        response = client.generic(
            row.method, url, json.dumps(row.body), content_type="application/json"
        )
    else:
        response = client.post(url, row.body)
    assert missing_headers(response.headers) == [], (row, persona, place)
    return response


def verdict(world: World, row: Row, persona: str, place: str) -> str:
    """Return `yes`, `no`, or what else came back."""
    with undone():
        how = PAGE if row in JSON_API else {}
        response = ask(world, row, persona, place, **how)
        if is_yes(row, response):
            return "yes"
        if response.status_code == row.past.get(persona):
            return "past"
        return "no" if is_denial(response) else f"{response.status_code}"


def is_yes(row: Row, response) -> bool:
    if response.status_code != row.gives:
        return False
    public = row.who >= EVERYBODY - ACCOUNTS
    return public or not is_denial(response)


def places_of(row: Row) -> dict[str, frozenset[str]]:
    """Return who may where; a page without a target is the same everywhere."""
    asked = {"here": row.who, "beside": row.beside, "there": row.there}
    return {"here": row.who} if row.target in PLACELESS else asked


def people_of(row: Row, place: str) -> list[str]:
    """Return whom to ask: those without the admin's door are sent off before any row."""
    if row in ADMIN and place != "here":
        return sorted(DOOR)
    return PEOPLE


def expected_of(row: Row, who: frozenset[str], persona: str) -> str:
    if persona in row.past:
        return "past"
    return "yes" if persona in who else "no"


def test_every_url_has_a_row():
    assert unregistered(get_resolver()) == set()


def test_every_row_has_a_url():
    assert {row.name for row in ROWS} - set(names_of(get_resolver())) == set()


def test_url_without_a_row_is_found():
    planted = path("planted/", View.as_view(), name="planted")
    resolver = URLResolver(
        get_resolver().pattern, [*get_resolver().url_patterns, planted]
    )

    assert unregistered(resolver) == {"planted"}


def test_rows_are_asked_once():
    keys = [(row.name, row.method) for row in ROWS]

    assert sorted({key for key in keys if keys.count(key) > 1}) == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row_answers_those_who_may_and_nobody_else(db, world, row):
    expected, found = {}, {}
    for place, who in places_of(row).items():
        for persona in people_of(row, place):
            expected[persona, place] = expected_of(row, who, persona)
            found[persona, place] = verdict(world, row, persona, place)

    assert {cell: found[cell] for cell in found if found[cell] != expected[cell]} == {}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.method not in SAFE and row.who], ids=str
)
def test_unsafe_request_from_elsewhere_is_refused(db, world, row):
    persona = sorted(row.who & (LEASES | PHONES | ACCOUNTS) - {"ended", "public"})[-1]
    forged = (
        ({}, {"HTTP_KAOWU_CLIENT": "1", "HTTP_ORIGIN": "https://evil.example"})
        if row in JSON_API
        else ({}, {"HTTP_ORIGIN": "https://evil.example"})
    )

    replies = []
    for headers in forged:
        with undone():
            replies.append(ask(world, row, persona, csrf=True, **headers).status_code)

    assert replies == [403, 403]


@pytest.mark.parametrize(
    "name", sorted({row.name for row in ROWS if not row.name.startswith("admin")})
)
def test_method_without_a_row_is_refused(db, world, name):
    rows = {row.method: row for row in ROWS if row.name == name}
    row = next(iter(rows.values()))
    persona = sorted(row.who)[-1] if row.who else "superuser"

    found = {}
    for method in METHODS:
        if method in rows:
            continue
        with undone():
            client = world.browser(persona, **PAGE)
            become(persona)
            response = client.generic(method, url_of(world, row, "here"))
            assert missing_headers(response.headers) == []
            found[method] = response.status_code

    assert {method for method in found if found[method] not in (403, 404, 405)} == set()


def test_denied_page_of_another_project_tells_nothing_of_it(db, world):
    row = next(row for row in ROWS if str(row) == "GET admin:exams_paper_change")

    with undone():
        reply = ask(world, row, "administrator", "there")
        nothing = world.browser("administrator").get(
            "/admin/exams/paper/999999/change/"
        )

    assert reply.status_code == nothing.status_code
    assert reply.headers["Location"] == nothing.headers["Location"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere/", 404), ("/static/css/tokens.css", 200), ("/static/none.css", 404)],
)
def test_reply_without_a_row_is_guarded(db, world, path, status):
    response = world.browser("public").get(path)

    assert response.status_code == status
    assert missing_headers(response.headers) == []


def test_reply_to_a_fault_is_guarded_and_in_words(db, world, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("candidates.views.candidate.render", fail)
    response = world.browser("public").get("/")

    assert response.status_code == 500
    assert missing_headers(response.headers) == []
    assert "k-cand__body" in response.content.decode()


def test_weak_headers_are_found():
    strong = Client().get("/healthz").headers
    weak = {**strong, "Content-Security-Policy": "default-src 'none' 'unsafe-inline'"}

    assert missing_headers(strong) == []
    assert missing_headers(weak) == ["Content-Security-Policy", "frame-ancestors"]
    assert missing_headers({}) == [
        *("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"),
        *("Content-Security-Policy", "frame-ancestors", "Permissions-Policy"),
    ]


def test_seen_account_shows_nothing_of_its_password(db, world):
    row = next(row for row in ROWS if str(row) == "GET admin:exams_staff_change")
    account = Staff.objects.get(username="stranger")
    account.set_password("password-for-tests")
    account.save()

    page = ask(world, row, "administrator", "there").content.decode()

    salt, digest = account.password.split("$")[-2:]
    assert account.username in page
    assert salt not in page
    assert digest not in page
