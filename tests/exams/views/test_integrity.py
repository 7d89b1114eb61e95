"""The public pages of proof, and the command that checks what they published."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from exams.domain.audit import Actor
from exams.domain.draw import add_late, close_draw, draw_number
from exams.domain.freezing import freeze
from exams.kernel import seals
from tests.builders.exams import (
    before_start,
    make_attempt,
    make_attempts,
    make_ready_session,
)
from tests.builders.tampering import changed, paths_of

pytestmark = pytest.mark.django_db
OFFICER = Actor("staff", "1")


def make_drawn_session(attempts=8, by_hand=4):
    session = make_ready_session()
    rows = make_attempts(session, attempts, state="checked_in")
    freeze(session, by=OFFICER, at=before_start(3600))
    for place, attempt in enumerate(rows[:by_hand]):
        draw_number(
            attempt,
            nonce=f"{place:032x}",
            by=Actor.of_candidate(attempt),
            at=before_start(1200),
        )
    return session


def make_closed_session():
    session = make_drawn_session()
    add_late(make_attempt(session), by=OFFICER, at=before_start(1000))
    close_draw(session, at=before_start(600))
    return session


def draw_url(session):
    return reverse("integrity:draw", args=[session.code])


@pytest.fixture
def published(client, tmp_path):
    """The transcript of a closed draw and the keys, as an outsider saves them."""
    transcript = client.get(draw_url(make_closed_session())).json()
    keys = tmp_path / "keys.json"
    keys.write_bytes(client.get("/integrity/keys.json").content)

    def check(changed, receipt=None):
        path = tmp_path / "transcript.json"
        path.write_text(json.dumps(changed), "utf-8")
        call_command("verify_draw", path, keys=keys, receipt=receipt)

    return transcript, check


def test_keys_are_public_and_verify_a_seal(client):
    reply = client.get("/integrity/keys.json")

    assert reply.status_code == 200
    assert reply.json() == {"keys": seals.public_keys()}


def test_transcript_before_closing_shows_neither_seed_nor_numbers(client):
    session = make_drawn_session()

    reply = client.get(f"/integrity/draws/{session.code}.json")

    body = reply.json()
    assert reply.status_code == 200
    assert (body["seed"], body["numbers"], body["closed_ms"]) == (None, [], None)
    assert body["commitment"] == session.draw.commitment
    assert session.draw.seed not in reply.content.decode()


def test_transcript_after_closing_shows_everything_but_people(client):
    session = make_closed_session()

    body = client.get(draw_url(session)).json()

    assert body["seed"] == session.draw.seed
    assert len(body["numbers"]) == 8
    assert len(body["late"]) == 1
    assert set(body["numbers"][0]) == {
        "position", "attempt", "number", "nonce", "origin", "drawn_ms", "receipt",
    }  # fmt: skip


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_refuse_unsafe_methods(client, method):
    session = make_drawn_session()

    replies = [
        getattr(client, method)(url)
        for url in (draw_url(session), "/integrity/keys.json")
    ]

    assert [reply.status_code for reply in replies] == [405, 405]


def test_transcript_of_nothing_is_not_found(client):
    unfrozen = make_ready_session()

    replies = [
        client.get(draw_url(unfrozen)),
        client.get("/integrity/draws/nosuchcode.json"),
    ]

    assert [reply.status_code for reply in replies] == [404, 404]


def test_verify_draw_accepts_what_was_published(published, capsys):
    transcript, check = published

    check(transcript)

    assert capsys.readouterr().out == "The draw holds: 9 numbers recomputed.\n"


def test_verify_draw_finds_every_single_changed_value(published):
    transcript, check = published
    undetected, tried = [], 0

    for path in paths_of(transcript):
        tried += 1
        try:
            check(changed(transcript, path))
            undetected.append(path)
        except CommandError:
            continue

    assert tried > 90
    assert undetected == []


def test_verify_draw_before_closing_says_that_the_seed_is_secret(client, published):
    _, check = published
    transcript = client.get(draw_url(make_drawn_session())).json()

    with pytest.raises(CommandError, match="not revealed yet"):
        check(transcript)


def test_verify_draw_finds_a_candidates_receipt_or_says_no(published, tmp_path):
    transcript, check = published
    mine, other = tmp_path / "mine.json", tmp_path / "other.json"
    mine.write_text(json.dumps(transcript["numbers"][3]["receipt"]))
    other.write_text(json.dumps(seals.seal({"kind": "kaowu/draw/1"})))

    check(transcript, receipt=mine)

    with pytest.raises(CommandError, match="receipt is not in the transcript"):
        check(transcript, receipt=other)


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"seed": "00"}'])
def test_verify_draw_of_another_file_fails_cleanly(tmp_path, text):
    path = tmp_path / "transcript.json"
    path.write_text(text)

    with pytest.raises(CommandError):
        call_command("verify_draw", path)


def test_verify_draw_of_a_missing_file_fails_cleanly(tmp_path):
    with pytest.raises(CommandError):
        call_command("verify_draw", tmp_path / "none.json")
