"""PUT and HEAD of chunks, whole requests against real rows and real files."""

import base64
import hashlib
import json
import os
import uuid
from datetime import timedelta

import pytest

from candidates.backends.chunk_store import LocalChunkStore
from candidates.models import Chunk, Observation, Segment
from exams.kernel import clock, tokens
from tests.builders.asgi import Call, ask, ask_all, chunk_path, edge_token, put_chunk
from tests.builders.candidates import Take, make_recording, make_segment
from tests.builders.exams import START, make_attempt

GUARDS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def stored_bytes(settings, segment_uuid):
    segment = Segment.objects.select_related("recording").get(uuid=segment_uuid)
    store = LocalChunkStore(settings.RECORDINGS_ROOT)
    return b"".join(
        store.read(segment, chunk) for chunk in segment.chunks.order_by("seq")
    )


def observed():
    return list(
        Observation.objects.order_by("pk").values_list("stream", "kind", "facts")
    )


def files_under(root):
    return sorted(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()
    )


def test_chunk_of_a_new_segment_is_stored_and_registered(edge, settings):
    recording = make_recording()
    take = Take().record(b"header" * 30_000)

    answer = ask(edge, put_chunk(recording, take, take.slices[0], epoch=3))

    assert answer.status == 201
    assert answer.json == {"seq": 0, "digest": take.slices[0].digest}
    assert GUARDS.items() <= answer.headers.items()
    assert stored_bytes(settings, take.uuid) == take.content
    assert list(
        Segment.objects.values_list(
            "uuid", "mime", "reason", "device", "started_ms", "lease_epoch"
        )
    ) == [(take.uuid, take.mime, "start", "Fake camera", take.started_ms, 3)]
    assert list(
        Chunk.objects.values_list(
            "seq", "size", "digest", "head", "offset", "start_ms", "duration_ms"
        )
    ) == [(0, 180_000, take.slices[0].digest, take.head, 0, 0, 1000)]


def test_chunk_sent_again_is_held_once(edge, settings):
    recording = make_recording()
    take = Take().record(b"one", b"two")
    calls = [put_chunk(recording, take, one) for one in take.slices]

    answers = [ask(edge, call) for call in calls + calls]

    assert [answer.status for answer in answers] == [201, 201, 200, 200]
    assert answers[2].body == answers[0].body
    part = settings.RECORDINGS_ROOT / recording.code.hex / f"{take.uuid.hex}.part"
    assert part.read_bytes() == b"onetwo"


def test_same_chunk_twice_in_one_batch_is_held_once(edge, settings):
    recording = make_recording()
    take = Take().record(b"one")
    call = put_chunk(recording, take, take.slices[0])

    answers = ask_all(edge, [call] * 8)

    assert {answer.status for answer in answers} <= {200, 201}
    assert [answer.status for answer in answers].count(201) == 1
    assert Chunk.objects.count() == 1
    assert stored_bytes(settings, take.uuid) == b"one"


def test_chunks_in_any_order_are_one_recording(edge, settings):
    recording = make_recording()
    take = Take().record(*(bytes([n]) * 1000 for n in range(20)))
    calls = [put_chunk(recording, take, one) for one in reversed(take.slices)]

    answers = ask_all(edge, calls)

    assert {answer.status for answer in answers} == {201}
    assert stored_bytes(settings, take.uuid) == take.content
    assert observed() == []


def test_other_bytes_under_a_number_are_kept_aside_and_observed(edge, settings):
    recording = make_recording()
    take = Take().record(b"first take")
    other = Take(uuid=take.uuid).record(b"better take")
    ask(edge, put_chunk(recording, take, take.slices[0]))
    conflicting = put_chunk(recording, other, other.slices[0])

    answers = [ask(edge, conflicting) for _ in range(2)]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [
        (409, "chunk_conflict")
    ] * 2
    digest = other.slices[0].digest
    folder = settings.RECORDINGS_ROOT / recording.code.hex / "quarantine"
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [
        (f"{take.uuid.hex}.0.{digest}", b"better take")
    ]
    assert observed() == [
        (
            "camera",
            "chunk_conflict",
            {"segment": str(take.uuid), "seq": 0, "digest": digest},
        )
    ]
    assert stored_bytes(settings, take.uuid) == b"first take"


def test_chunk_that_breaks_the_chain_is_stored_and_observed(edge, settings):
    recording = make_recording()
    take = Take().record(b"one", b"two", b"three")
    wrong = {"kaowu-chain": "0" * 64}

    answers = [
        ask(edge, put_chunk(recording, take, take.slices[0])),
        ask(edge, put_chunk(recording, take, take.slices[1], headers=wrong)),
    ]

    assert [answer.status for answer in answers] == [201, 201]
    assert observed() == [
        ("camera", "chain_break", {"segment": str(take.uuid), "seq": 1})
    ]
    assert stored_bytes(settings, take.uuid) == b"onetwo"


def test_chain_break_is_seen_from_the_later_neighbour_too(edge):
    recording = make_recording()
    take = Take().record(b"one", b"two")
    replaced = Take(uuid=take.uuid).record(b"another one")
    ask(edge, put_chunk(recording, take, take.slices[1]))

    ask(edge, put_chunk(recording, replaced, replaced.slices[0]))

    assert observed() == [
        ("camera", "chain_break", {"segment": str(take.uuid), "seq": 0})
    ]


def test_skipped_chain_check_lets_a_break_pass(edge, monkeypatch):
    monkeypatch.setenv("KAOWU_SABOTAGE", "skip_chain")

    with pytest.raises(AssertionError):
        test_chain_break_is_seen_from_the_later_neighbour_too(edge)


def test_chunk_after_sealing_is_stored_and_flagged(edge, settings):
    recording = make_recording(state="sealed")
    take = Take().record(b"one", b"two")

    answers = ask_all(edge, [put_chunk(recording, take, one) for one in take.slices])

    assert [answer.status for answer in answers] == [201, 201]
    assert stored_bytes(settings, take.uuid) == b"onetwo"
    seqs = [seq for _, kind, facts in observed() for seq in facts["seqs"]]
    assert {kind for _, kind, _ in observed()} == {"late_chunk"}
    assert sorted(seqs) == [0, 1]  # two requests at once: either may be first


def test_superseded_lease_stores_under_its_own_epoch(edge):
    recording = make_recording()
    old, new = Take().record(b"old"), Take().record(b"new")

    answers = [
        ask(edge, put_chunk(recording, new, new.slices[0], epoch=2)),
        ask(edge, put_chunk(recording, old, old.slices[0], epoch=1)),
    ]

    assert [answer.status for answer in answers] == [201, 201]
    assert set(Chunk.objects.values_list("segment__uuid", "lease_epoch")) == {
        (new.uuid, 2),
        (old.uuid, 1),
    }


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


def test_head_tells_the_digest_or_not_found(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    ask(edge, put_chunk(recording, take, take.slices[0]))
    token = bearing(edge_token(recording.attempt.code))

    answers = [
        ask(edge, Call("HEAD", chunk_path(recording.code, take.uuid, seq), token))
        for seq in (0, 1)
    ]

    assert [one.status for one in answers] == [200, 404]
    assert answers[0].headers["kaowu-digest"] == take.slices[0].digest
    assert answers[0].body == b""


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(edge, method):
    recording = make_recording()

    answers = [
        ask(edge, Call(method, chunk_path(recording.code, uuid.uuid4(), 0))),
        ask(edge, Call(method, f"/api/v1/recordings/{recording.code}/ledger")),
    ]

    assert [one.status for one in answers] == [405, 405]


def test_full_disk_acknowledges_nothing_and_recovers(edge, settings):
    recording = make_recording()
    take = Take().record(b"abc")
    call = put_chunk(recording, take, take.slices[0])
    settings.RECORDINGS_ROOT.parent.mkdir(exist_ok=True)
    settings.RECORDINGS_ROOT.write_bytes(b"a file where the folder should be")

    failed = ask(edge, call)
    settings.RECORDINGS_ROOT.unlink()
    served = ask(edge, call)

    assert (failed.status, failed.json["code"]) == (503, "store_failed")
    assert failed.headers["retry-after"] == "2"
    assert served.status == 201
    assert stored_bytes(settings, take.uuid) == b"abc"


def test_file_removed_behind_our_back_is_not_written_into_the_void(edge, settings):
    recording = make_recording()
    take = Take().record(b"one", b"two")
    ask(edge, put_chunk(recording, take, take.slices[0]))
    part = settings.RECORDINGS_ROOT / recording.code.hex / f"{take.uuid.hex}.part"
    part.unlink()

    ask(edge, put_chunk(recording, take, take.slices[1]))

    assert part.read_bytes() == b"two"
    assert files_under(settings.RECORDINGS_ROOT) == [
        f"{recording.code.hex}/{take.uuid.hex}.part"
    ]


def test_two_processes_append_to_one_file_without_overlap(edge, settings):
    """Another store object with descriptors of its own stands for the process."""
    recording = make_recording()
    take = Take().record(*(os.urandom(5000) for _ in range(6)))
    other = type(edge)()

    for one in take.slices:
        ask(edge if one.seq % 2 else other, put_chunk(recording, take, one))
    other.stop()

    assert stored_bytes(settings, take.uuid) == take.content


def test_same_chunk_at_two_processes_is_stored_once(edge, settings):
    recording = make_recording()
    take = Take().record(*(os.urandom(500) for _ in range(30)))
    other = type(edge)()
    calls = [put_chunk(recording, take, one) for one in take.slices]

    async def both(scope, receive, send):
        application = edge if scope["headers"][-1] == (b"x", b"a") else other
        await application(scope, receive, send)

    marked = [
        Call(call.method, call.path, [*call.headers, ("x", name)], call.pieces)
        for call in calls
        for name in "ab"
    ]
    answers = ask_all(both, marked)
    other.stop()

    statuses = [one.status for one in answers]
    assert (statuses.count(201), statuses.count(200)) == (30, 30)
    assert stored_bytes(settings, take.uuid) == take.content


def test_segment_header_of_another_language_is_kept(edge):
    recording = make_recording(make_attempt(state="entered"))
    take = Take(device="前置摄像头").record(b"abc")

    ask(edge, put_chunk(recording, take, take.slices[0]))

    assert Segment.objects.get().device == "前置摄像头"


def test_token_signature_of_another_body_is_refused(edge):
    recording, foreign = make_recording(), make_recording()
    take = Take().record(b"abc")
    body, _, _ = edge_token(foreign.attempt.code).partition(".")
    _, _, signature = edge_token(recording.attempt.code).partition(".")

    answer = ask(
        edge, put_chunk(foreign, take, take.slices[0], token=f"{body}.{signature}")
    )

    assert answer.status == 401


def bearing(token):
    return [("authorization", f"Bearer {token}")]


def test_digest_of_the_wire_is_the_digest_of_the_ledger(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    raw = base64.b64decode(take.slices[0].headers["content-digest"][9:-1])

    answer = ask(edge, put_chunk(recording, take, take.slices[0]))

    assert json.loads(answer.body)["digest"] == raw.hex()
    assert Chunk.objects.get().digest == hashlib.sha256(b"abc").hexdigest()
