"""PUT and HEAD of chunks, whole requests against real rows and real files."""

import base64
import hashlib
import json
import os

import pytest

from candidates.domain.archive import archive_recording
from candidates.models import Chunk, Segment
from tests.builders.archives import SEALED_AT, make_sealed_recording, make_take
from tests.builders.asgi import (
    Call,
    ask,
    ask_all,
    bearing,
    chunk_path,
    edge_token,
    put_chunk,
)
from tests.builders.candidates import Take, make_recording
from tests.builders.exams import make_attempt
from tests.candidates.edge.stored import GUARDS, files_under, observed, stored_bytes


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


def test_archived_chunks_are_told_and_recognised_as_before(edge):
    take = make_take(3)
    recording = make_sealed_recording([take])
    token = bearing(edge_token(recording.attempt.code))
    calls = [
        *(
            Call("HEAD", chunk_path(recording.code, take.uuid, seq), token)
            for seq in (2, 3)
        ),
        Call("GET", f"/api/v1/recordings/{recording.code}/ledger", token),
    ]
    before = [ask(edge, call) for call in calls]
    archive_recording(recording, at=SEALED_AT)

    after = [ask(edge, call) for call in calls]
    again = ask(edge, put_chunk(recording, take, take.slices[1]))

    assert [one.status for one in before] == [200, 404, 200]
    assert [(one.status, one.headers) for one in after[:2]] == [
        (one.status, one.headers) for one in before[:2]
    ]
    assert after[2].json == {**before[2].json, "state": "verified"}
    assert again.status == 200
    assert Chunk.objects.count() == 0


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


def test_digest_of_the_wire_is_the_digest_of_the_ledger(edge):
    recording = make_recording()
    take = Take().record(b"abc")
    raw = base64.b64decode(take.slices[0].headers["content-digest"][9:-1])

    answer = ask(edge, put_chunk(recording, take, take.slices[0]))

    assert json.loads(answer.body)["digest"] == raw.hex()
    assert Chunk.objects.get().digest == hashlib.sha256(b"abc").hexdigest()
