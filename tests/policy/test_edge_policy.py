"""The edge: a token of the own attempt opens its own recordings and paper only."""

import re
from datetime import timedelta

import pytest

from candidates.edge import wire
from candidates.edge.app import Edge
from candidates.models import Recording
from exams.domain import papers
from exams.domain.audit import Actor
from exams.kernel import clock, tokens
from exams.models import Attempt
from tests.architecture.source import ROOT
from tests.builders.asgi import Call, ask, chunk_path, edge_token, put_chunk
from tests.builders.candidates import Take, make_lease, make_recording
from tests.builders.exams import make_attempt, make_ready_session
from tests.policy.replies import missing_headers
from tests.policy.table import EDGE_ROWS

METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")
PEOPLE = ("edge", "neighbour", "public", "cookie", "aged", "other_audience", "forged")


@pytest.fixture
def attempts(edge) -> tuple[Attempt, Attempt]:
    """Two who sit in the same session, in its first seconds."""
    now = clock.now()
    session = make_ready_session(starts_at=now - timedelta(seconds=5))
    papers.seal_paper(session.paper, by=Actor.job("test"), at=now)
    mine, other = (make_attempt(session, state="entered") for _ in range(2))
    make_lease(mine, token="the-cookie")
    return mine, other


def headers_of(persona: str, mine: Attempt, other: Attempt) -> list[tuple[str, str]]:
    good = edge_token(mine.code)
    if persona == "public":
        return []
    if persona == "cookie":
        return [("cookie", "kaowu_lease=the-cookie; sessionid=x")]
    at, claims = clock.now(), {"a": mine.code, "e": 1}
    token = {
        "edge": good,
        "neighbour": edge_token(other.code),
        "aged": tokens.issue(
            "edge", claims, at=at - timedelta(hours=13), lifetime=timedelta(hours=12)
        ),
        "other_audience": tokens.issue(
            "phone", claims, at=at, lifetime=timedelta(hours=12)
        ),
        "forged": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
    }[persona]
    return [("authorization", f"Bearer {token}")]


def calls_of(recording: Recording, attempt: Attempt, take: Take, method: str) -> dict:
    """Return one call per kind of path, without any authorization."""
    put = put_chunk(recording, take, take.slices[0])
    plain = [pair for pair in put.headers if pair[0] != "authorization"]
    paths = {
        "ledger": f"/api/v1/recordings/{recording.code}/ledger",
        "paper": f"/api/v1/attempts/{attempt.code}/paper",
        "paper-key": f"/api/v1/attempts/{attempt.code}/paper-key",
    }
    calls = {name: Call(method, path) for name, path in paths.items()}
    chunk = chunk_path(recording.code, take.uuid, 0)
    pieces = put.pieces if method == "PUT" else ()
    calls["chunk"] = Call(method, chunk, plain if method == "PUT" else (), pieces)
    return calls


def answer(edge: Edge, call: Call, headers: list[tuple[str, str]]):
    reply = ask(
        edge, Call(call.method, call.path, [*call.headers, *headers], call.pieces)
    )
    assert missing_headers(reply.headers) == [], call.path
    assert reply.headers["cache-control"] == "no-store"
    return reply


def test_every_path_of_the_edge_has_a_row():
    patterns = {
        name
        for name, value in vars(wire).items()
        if name.endswith("_PATH") and isinstance(value, re.Pattern)
    }

    assert patterns == {"CHUNK_PATH", "LEDGER_PATH", "PAPER_PATH"}
    assert wire.PAPER_PATH.pattern.endswith("(paper|paper-key)")
    assert set(EDGE_ROWS) == {"chunk", "ledger", "paper", "paper-key"}


def test_edge_answers_the_tokens_holder_and_nobody_else(edge, attempts):
    mine, other = attempts
    recording, take = make_recording(mine), Take().record(b"x" * 100)
    expected, found = {}, {}

    for method in ("PUT", "GET", "HEAD"):
        for name, call in calls_of(recording, mine, take, method).items():
            if method not in EDGE_ROWS[name]:
                continue
            for persona in PEOPLE:
                reply = answer(edge, call, headers_of(persona, mine, other))
                found[name, method, persona] = reply.status
                expected[name, method, persona] = {
                    "edge": 201 if method == "PUT" else 200,
                    "neighbour": 403,
                }.get(persona, 401)

    assert found == expected


def test_method_without_a_row_is_refused(edge, attempts):
    mine, other = attempts
    recording, take = make_recording(mine), Take().record(b"x")

    found = {
        (name, method): answer(edge, call, headers_of("edge", mine, other)).status
        for method in METHODS
        for name, call in calls_of(recording, mine, take, method).items()
        if method not in EDGE_ROWS[name]
    }

    assert found
    assert {cell: status for cell, status in found.items() if status != 405} == {}


@pytest.mark.parametrize(
    "path",
    ["/api/v1/recordings/", "/api/v1/recordings/../admin/", "/api/v1/recordings/x"],
)
def test_unknown_path_of_the_edge_is_nothing_and_guarded(edge, path):
    assert wire.is_edge(path)
    assert answer(edge, Call("GET", path), []).status == 404


def test_edge_is_the_only_application_before_django():
    source = (ROOT / "config" / "asgi.py").read_text("utf-8")

    assert source.count("is_edge(") == 1
    assert source.count("await ") == 2
