"""Chunks that are refused, each by its code, and nothing stored."""

import uuid
from datetime import timedelta

import pytest

from candidates.models import Chunk, Segment
from exams.kernel import clock, tokens
from tests.builders.asgi import Call, ask, bearing, chunk_path, edge_token, put_chunk
from tests.builders.candidates import Take, make_recording, make_segment
from tests.builders.exams import START
from tests.candidates.edge.stored import GUARDS


def test_changed_bytes_store_nothing(edge, settings):
    recording = make_recording()
    take = Take().record(b"genuine bytes")
    call = put_chunk(recording, take, take.slices[0], body=b"genuine bytez")

    answer = ask(edge, call)

    assert answer.status == 422
    assert answer.json["code"] == "digest_mismatch"
    assert answer.headers["content-type"] == "application/problem+json"
    assert GUARDS.items() <= answer.headers.items()
    assert Chunk.objects.count() == 0
    assert not settings.RECORDINGS_ROOT.exists()


def test_skipped_digest_check_lets_changed_bytes_in(edge, settings, monkeypatch):
    monkeypatch.setenv("KAOWU_SABOTAGE", "skip_digest")

    with pytest.raises(AssertionError):
        test_changed_bytes_store_nothing(edge, settings)


@pytest.mark.parametrize("length", range(0, 65, 8))
def test_interrupted_body_stores_nothing_and_answers_nothing(edge, settings, length):
    recording = make_recording()
    take = Take().record(bytes(range(65)))

    answer = ask(
        edge,
        put_chunk(
            recording, take, take.slices[0], body=take.content[:length], cut=True
        ),
    )

    assert answer.status == 0
    assert Chunk.objects.count() == 0
    assert not settings.RECORDINGS_ROOT.exists()


@pytest.mark.parametrize("body", [b"", b"shor", b"longer than announced"])
def test_body_of_another_length_is_refused(edge, body):
    recording = make_recording()
    take = Take().record(b"short")

    answer = ask(edge, put_chunk(recording, take, take.slices[0], body=body))

    assert (answer.status, answer.json["code"]) == (422, "length_mismatch")
    assert Chunk.objects.count() == 0


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-length": None}, 411, "length_required"),
        ({"transfer-encoding": "chunked"}, 411, "length_required"),
        ({"content-length": "4194305"}, 413, "too_large"),
        ({"content-length": "99999999999999999999"}, 413, "too_large"),
        ({"content-length": "-1"}, 422, "bad_header"),
        ({"content-length": "1e3"}, 422, "bad_header"),
        ({"content-length": "３"}, 422, "bad_header"),
        ({"content-length": "0"}, 422, "length_mismatch"),
        ({"content-encoding": "gzip"}, 415, "content_encoding"),
        ({"content-encoding": "identity"}, 415, "content_encoding"),
        ({"content-digest": None}, 422, "bad_header"),
        ({"kaowu-span": None}, 422, "bad_header"),
        ({"kaowu-chain": None}, 422, "bad_header"),
        ({"kaowu-segment": None}, 422, "bad_header"),
        ({"authorization": None}, 401, "bad_token"),
        ({"authorization": "Basic eDp5"}, 401, "bad_token"),
        ({"authorization": "Bearer e30.e30"}, 401, "bad_token"),
        ({"authorization": "Bearer ÿ.ÿ"}, 401, "bad_token"),
    ],
)
def test_bad_request_is_refused_by_code(edge, headers, status, code):
    recording = make_recording()
    take = Take().record(b"abc")

    answer = ask(edge, put_chunk(recording, take, take.slices[0], headers=headers))

    assert (answer.status, answer.json["status"], answer.json["code"]) == (
        status,
        status,
        code,
    )
    assert Chunk.objects.count() == 0


def test_header_given_twice_is_refused(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    call = put_chunk(recording, take, take.slices[0])
    twice = Call(
        call.method, call.path, [*call.headers, ("kaowu-span", "0,1")], call.pieces
    )

    answer = ask(edge, twice)

    assert (answer.status, answer.json["facts"]) == (422, {"header": "kaowu-span"})


def test_expired_token_is_refused(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    old = tokens.issue(
        "edge",
        {"a": recording.attempt.code, "e": 1},
        at=clock.now() - timedelta(hours=13),
        lifetime=timedelta(hours=12),
    )

    answer = ask(edge, put_chunk(recording, take, take.slices[0], token=old))

    assert (answer.status, answer.json["code"]) == (401, "bad_token")


def test_token_of_another_audience_is_refused(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    other = tokens.issue(
        "socket",
        {"a": recording.attempt.code, "e": 1},
        at=clock.now(),
        lifetime=timedelta(hours=12),
    )

    answer = ask(edge, put_chunk(recording, take, take.slices[0], token=other))

    assert (answer.status, answer.json["code"]) == (401, "bad_token")


def test_recording_of_somebody_else_is_refused(edge):
    mine, foreign = make_recording(), make_recording()
    take = Take().record(b"abc")
    token = edge_token(mine.attempt.code)

    answers = [
        ask(edge, put_chunk(foreign, take, take.slices[0], token=token)),
        ask(edge, Call("HEAD", chunk_path(foreign.code, take.uuid, 0), bearing(token))),
        ask(
            edge,
            Call("GET", f"/api/v1/recordings/{foreign.code}/ledger", bearing(token)),
        ),
    ]

    assert [(one.status, one.json["code"]) for one in answers] == [
        (403, "wrong_recording")
    ] * 3
    assert Segment.objects.count() == 0


def test_segment_of_another_recording_is_refused(edge, settings):
    recording = make_recording()
    foreign = make_segment()
    take = Take(uuid=foreign.uuid).record(b"abc")

    answer = ask(edge, put_chunk(recording, take, take.slices[0]))

    assert (answer.status, answer.json["code"]) == (403, "wrong_recording")
    assert Chunk.objects.count() == 0
    assert not settings.RECORDINGS_ROOT.exists()


def test_segment_declared_with_another_type_is_refused(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    other = Take(uuid=take.uuid, mime="video/mp4").record(b"abc", b"def")
    ask(edge, put_chunk(recording, take, take.slices[0]))

    answer = ask(edge, put_chunk(recording, other, other.slices[1]))

    assert (answer.status, answer.json["code"]) == (422, "segment_mismatch")
    assert Chunk.objects.count() == 1


def test_unknown_recording_is_not_found(edge):
    recording = make_recording()
    take = Take().record(b"abc")

    answer = ask(
        edge,
        put_chunk(
            recording,
            take,
            take.slices[0],
            path=chunk_path(uuid.uuid4(), take.uuid, 0),
        ),
    )

    assert (answer.status, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "tail",
    [
        "segments/{s}/chunks/-1",
        "segments/{s}/chunks/01",
        "segments/{s}/chunks/1.0",
        "segments/{s}/chunks/NaN",
        "segments/{s}/chunks/１",
        "segments/{s}/chunks/9223372036854775808",
        "segments/{s}/chunks/0/",
        "segments/{s}/chunks/0/../1",
        "segments/../../../etc/passwd/chunks/0",
        "segments/{S}/chunks/0",
        "segments/{s}%00/chunks/0",
        "segments/{s}/chunks/0\n",
        "../{s}",
        "",
    ],
)
def test_path_tricks_are_not_found_and_touch_no_file(edge, settings, tail):
    recording = make_recording()
    take = Take().record(b"abc")
    tail = tail.format(s=take.uuid, S=str(take.uuid).upper())
    path = f"/api/v1/recordings/{recording.code}/{tail}"

    answer = ask(edge, put_chunk(recording, take, take.slices[0], path=path))

    assert answer.status in (404, 405)
    assert not settings.RECORDINGS_ROOT.exists()


def test_number_beyond_the_limit_is_refused(edge):
    recording = make_recording()
    take = Take().record(b"abc")

    answers = [
        ask(
            edge,
            put_chunk(
                recording,
                take,
                take.slices[0],
                path=chunk_path(recording.code, take.uuid, seq),
            ),
        )
        for seq in (50_000, 9_999_999_999)
    ]

    assert [(one.status, one.json["facts"]) for one in answers] == [
        (429, {"limit": "chunks"})
    ] * 2


def test_segments_beyond_the_limit_are_refused(edge):
    recording = make_recording()
    for _ in range(199):
        make_segment(recording)
    takes = [Take().record(b"abc"), Take().record(b"abc")]

    answers = [ask(edge, put_chunk(recording, take, take.slices[0])) for take in takes]

    assert [one.status for one in answers] == [201, 429]
    assert answers[1].json["code"] == "too_many"


def test_upload_is_open_to_the_cap_and_closed_from_it(edge, tmp_path, monkeypatch):
    recording = make_recording()
    take = Take().record(b"one", b"two")
    closes = START + timedelta(seconds=1200 + 7 * 86_400)
    moved = tmp_path / "offset"
    monkeypatch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(moved))

    answers = []
    for one, seconds in zip(take.slices, (-5, 0), strict=True):
        away = closes - clock.now() + clock.offset() + timedelta(seconds=seconds)
        moved.write_text(str(away.total_seconds()), encoding="ascii")
        answers.append(ask(edge, put_chunk(recording, take, one)))

    assert [one.status for one in answers] == [201, 403]
    assert answers[1].json["code"] == "window_closed"
    assert answers[1].json["facts"] == {"closes_ms": clock.milliseconds(closes)}


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(edge, method):
    recording = make_recording()

    answers = [
        ask(edge, Call(method, chunk_path(recording.code, uuid.uuid4(), 0))),
        ask(edge, Call(method, f"/api/v1/recordings/{recording.code}/ledger")),
    ]

    assert [one.status for one in answers] == [405, 405]


def test_token_signature_of_another_body_is_refused(edge):
    recording, foreign = make_recording(), make_recording()
    take = Take().record(b"abc")
    body, _, _ = edge_token(foreign.attempt.code).partition(".")
    _, _, signature = edge_token(recording.attempt.code).partition(".")

    answer = ask(
        edge, put_chunk(foreign, take, take.slices[0], token=f"{body}.{signature}")
    )

    assert answer.status == 401
