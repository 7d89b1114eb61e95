"""The sealed bundle and its key: who, when, and by whose clock."""

import base64
from datetime import timedelta

import pytest

from exams.domain import papers
from exams.domain.audit import Actor
from exams.kernel import clock
from tests.builders.asgi import Call, ask, edge_token
from tests.builders.candidates import make_recording
from tests.builders.exams import make_attempt, make_ready_session


def make_exam(*, starts_in, state="entered"):
    """An attempt of a session with a sealed paper that starts in so many seconds."""
    now = clock.now()
    session = make_ready_session(starts_at=now + timedelta(seconds=starts_in))
    papers.seal_paper(session.paper, by=Actor.job("test"), at=now)
    return make_attempt(session, state=state)


def get(edge, attempt, what, *, token=None):
    token = token or edge_token(attempt.code)
    path = f"/api/v1/attempts/{attempt.code}/{what}"
    return ask(edge, Call("GET", path, [("authorization", f"Bearer {token}")]))


def test_paper_and_key_open_the_questions_after_the_start(edge):
    attempt = make_exam(starts_in=-5)

    bundle, key = get(edge, attempt, "paper"), get(edge, attempt, "paper-key")

    questions = papers.open_bundle(bundle.body, base64.b64decode(key.json["key"]))
    assert (bundle.status, key.status) == (200, 200)
    assert bundle.headers["content-type"] == "application/octet-stream"
    assert bundle.headers["cache-control"] == key.headers["cache-control"] == "no-store"
    assert [one["number"] for one in questions] == [1, 2]


def test_bundle_is_given_before_the_start_and_the_key_is_not(edge):
    attempt = make_exam(starts_in=300)

    bundle, key = get(edge, attempt, "paper"), get(edge, attempt, "paper-key")

    assert (bundle.status, key.status) == (200, 403)
    assert key.json["code"] == "window_closed"
    starts = clock.milliseconds(attempt.session.starts_at)
    assert key.json["facts"] == {"opens_ms": starts}


@pytest.mark.parametrize(("starts_in", "opens_before"), [(900, 600), (-1300, 600)])
def test_bundle_outside_its_window_is_refused(edge, starts_in, opens_before):
    attempt = make_exam(starts_in=starts_in)

    answer = get(edge, attempt, "paper")

    opens = attempt.session.starts_at - timedelta(seconds=opens_before)
    assert (answer.status, answer.json["code"]) == (403, "window_closed")
    assert answer.json["facts"] == {"opens_ms": clock.milliseconds(opens)}


@pytest.mark.parametrize(
    "state", ["enrolled", "checked_in", "submitted", "sealed", "absent", "withdrawn"]
)
def test_who_did_not_enter_gets_neither(edge, state):
    attempt = make_exam(starts_in=-5, state=state)

    answers = [get(edge, attempt, what) for what in ("paper", "paper-key")]

    assert [(one.status, one.json["code"]) for one in answers] == [
        (403, "not_entered")
    ] * 2


def test_somebody_elses_paper_is_refused(edge):
    mine, other = make_exam(starts_in=-5), make_exam(starts_in=-5)

    answer = get(edge, other, "paper-key", token=edge_token(mine.code))

    assert (answer.status, answer.json["code"]) == (403, "not_allowed")


def test_paper_without_a_token_is_refused(edge):
    attempt = make_exam(starts_in=-5)

    answer = ask(edge, Call("GET", f"/api/v1/attempts/{attempt.code}/paper-key"))

    assert (answer.status, answer.json["code"]) == (401, "bad_token")


def test_session_without_a_paper_is_not_found(edge):
    attempt = make_attempt(state="entered")

    assert get(edge, attempt, "paper").status == 404


def test_unsealed_paper_is_refused(edge):
    now = clock.now()
    session = make_ready_session(starts_at=now)
    attempt = make_attempt(session, state="entered")

    answer = get(edge, attempt, "paper")

    assert (answer.status, answer.json["code"]) == (409, "paper_not_sealed")


def test_key_is_refused_while_the_databases_clock_is_behind(edge, monkeypatch):
    """The application's clock runs ten minutes fast; the database's does not."""
    attempt = make_exam(starts_in=300)
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=600))

    answer = get(edge, attempt, "paper-key")

    assert (answer.status, answer.json["code"]) == (403, "window_closed")


def test_key_follows_the_moved_clock_of_a_test(edge, monkeypatch, tmp_path):
    attempt = make_exam(starts_in=300)
    moved = tmp_path / "offset"
    moved.write_text("301", encoding="ascii")
    monkeypatch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(moved))

    assert get(edge, attempt, "paper-key").status == 200


def test_ledger_is_served_to_its_attempt(edge):
    recording = make_recording()
    token = edge_token(recording.attempt.code)
    path = f"/api/v1/recordings/{recording.code}/ledger"

    answer = ask(edge, Call("GET", path, [("authorization", f"Bearer {token}")]))

    assert answer.status == 200
    assert answer.json == {
        "recording": str(recording.code),
        "stream": "camera",
        "state": "open",
        "segments": [],
        "gaps": [],
    }
