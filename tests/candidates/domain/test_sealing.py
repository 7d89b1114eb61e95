import uuid
from datetime import timedelta

import pytest
from django_q.models import OrmQ

from candidates.domain.sealing import (
    NotEnded,
    RecordingStatement,
    SegmentStatement,
    seal_as_held,
    seal_recordings,
)
from candidates.models import Observation, Recording, Segment
from exams.domain import audit
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor
from exams.kernel import clock, seals
from exams.kernel.errors import BadInput, Conflict, NotFound
from exams.models import AuditEntry
from tests.builders.candidates import Take, make_chunk, make_recording, make_segment
from tests.builders.exams import START, after_start, make_attempt

AT = after_start(1300)
BY = Actor.job("test")


def held(recording, take, *, without=()):
    """Put a take into the ledger, without its bytes."""
    segment = make_segment(
        recording, uuid=take.uuid, mime=take.mime, started_ms=take.started_ms
    )
    for one in take.slices:
        if one.seq not in without:
            make_chunk(
                segment,
                seq=one.seq,
                size=len(one.body),
                digest=one.digest,
                head=one.head,
            )
    return segment


def stated(recording, *takes, **changes):
    segments = [
        SegmentStatement(**{**take.statement(), "uuid": take.uuid, **changes})
        for take in takes
    ]
    return RecordingStatement(recording.code, tuple(segments))


def submitted_attempt(**columns):
    return make_attempt(state="submitted", submitted_at=after_start(1200), **columns)


def seal(recording, *takes, **changes):
    return seal_recordings(
        recording.attempt,
        statement=[stated(recording, *takes, **changes)],
        by=BY,
        at=AT,
    )


@pytest.mark.django_db
def test_sealing_a_complete_recording_signs_a_receipt_and_moves_the_attempt(
    django_capture_on_commit_callbacks,
):
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one", b"three")
    held(recording, take)

    with django_capture_on_commit_callbacks(execute=True):
        entries = seal(recording, take)

    receipt = entries[0].pop("receipt")
    assert entries == [
        {"code": str(recording.code), "complete": True, "missing": {}, "broken": []}
    ]
    assert seals.open_seal(receipt) == {
        "kind": "receipt/1",
        "recording": str(recording.code),
        "attempt": recording.attempt.code,
        "stream": "camera",
        "segments": [
            {"uuid": str(take.uuid), "count": 2, "head": take.head, "bytes": 8}
        ],
        "sealed_ms": clock.milliseconds(AT),
    }
    recording.refresh_from_db()
    recording.attempt.refresh_from_db()
    assert (
        recording.state,
        recording.complete,
        recording.sealed_at,
        recording.archive_due,
        recording.attempt.state,
    ) == ("sealed", True, AT, True, "sealed")
    assert OrmQ.objects.count() == 1
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "recording.sealed",
        "attempt.sealed",
    ]
    assert audit.verify_chain(recording.attempt.session.code) == 2


@pytest.mark.django_db
def test_sealing_with_a_withheld_tail_names_it_and_seals_nothing():
    recording = make_recording(submitted_attempt())
    take = Take().record(*(bytes([n]) for n in range(10)))
    held(recording, take, without=(3, 8, 9))

    entries = seal(recording, take)

    assert entries == [
        {
            "code": str(recording.code),
            "complete": False,
            "missing": {str(take.uuid): [[3, 3], [8, 9]]},
            "broken": [],
            "receipt": None,
        }
    ]
    recording.refresh_from_db()
    assert (recording.state, recording.complete) == ("open", None)


@pytest.mark.django_db
def test_sealing_names_a_segment_of_which_nothing_came():
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one", b"two")

    entries = seal(recording, take)

    assert entries[0]["missing"] == {str(take.uuid): [[0, 1]]}
    assert Segment.objects.get(uuid=take.uuid).stated_count == 2


@pytest.mark.django_db
def test_sealing_again_returns_the_first_receipt():
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one")
    held(recording, take)

    first, second = seal(recording, take), seal(recording, take)

    assert second == first


@pytest.mark.django_db
def test_stated_count_never_shrinks():
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one", b"two", b"three")
    short = Take(uuid=take.uuid).record(b"one", b"two")
    held(recording, take, without=(2,))
    seal(recording, take)

    entries = seal(recording, short)

    assert entries[0]["missing"] == {str(take.uuid): [[2, 2]]}


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["stated head", "stored chain"])
def test_sealing_a_broken_chain_seals_and_observes(what):
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one", b"two")
    segment = held(recording, take)
    changes = {"head": "0" * 64} if what == "stated head" else {}
    if what == "stored chain":
        segment.chunks.filter(seq=0).update(digest="1" * 64)

    entries = seal(recording, take, **changes)

    assert entries[0]["broken"] == [str(take.uuid)]
    assert entries[0]["receipt"] is not None
    assert list(Observation.objects.values_list("kind", "facts")) == [
        ("chain_break", {"segment": str(take.uuid), "at": "sealing"})
    ]


@pytest.mark.django_db
def test_attempt_is_sealed_with_its_last_recording():
    attempt = submitted_attempt()
    camera, screen = make_recording(attempt), make_recording(attempt, stream="screen")
    take = Take().record(b"one")
    held(camera, take)

    seal(camera, take)
    attempt.refresh_from_db()
    between = attempt.state
    seal(screen)
    attempt.refresh_from_db()

    assert (between, attempt.state) == ("submitted", "sealed")


@pytest.mark.django_db
def test_sealing_after_the_deadline_stores_the_end_first():
    recording = make_recording(make_attempt(state="entered"))
    take = Take().record(b"one")
    held(recording, take)

    seal(recording, take)

    recording.attempt.refresh_from_db()
    assert (
        recording.attempt.state,
        recording.attempt.submitted_by,
        recording.attempt.submitted_at,
    ) == ("sealed", "deadline", after_start(1200))


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["enrolled", "checked_in", "entered", "absent"])
def test_sealing_before_the_end_is_refused(state):
    recording = make_recording(make_attempt(state=state))

    with pytest.raises(NotEnded):
        seal_recordings(
            recording.attempt,
            statement=[stated(recording)],
            by=BY,
            at=after_start(1200) - timedelta(milliseconds=1),
        )

    assert Recording.objects.get().state == "open"


@pytest.mark.django_db
def test_sealing_somebody_elses_recording_is_not_found():
    mine, foreign = make_recording(submitted_attempt()), make_recording()

    with pytest.raises(NotFound):
        seal_recordings(mine.attempt, statement=[stated(foreign)], by=BY, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"count": -1},
        {"count": 50_001},
        {"head": "A" * 64},
        {"head": ""},
        {"mime": ""},
        {"mime": "v" * 101},
        {"mime": "video/mp4"},
    ],
)
def test_statement_of_the_wrong_shape_is_refused(changes):
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one")
    held(recording, take)

    with pytest.raises(BadInput):
        seal(recording, take, **changes)


@pytest.mark.django_db
def test_statement_naming_another_recordings_segment_is_refused():
    recording = make_recording(submitted_attempt())
    foreign = make_segment()

    with pytest.raises(BadInput):
        seal(recording, Take(uuid=foreign.uuid).record(b"one"))


@pytest.mark.django_db
def test_statement_naming_a_segment_twice_is_refused():
    recording = make_recording(submitted_attempt())
    take = Take().record(b"one")

    with pytest.raises(BadInput):
        seal(recording, take, take)


@pytest.mark.django_db
def test_seal_as_held_names_the_gaps_and_is_incomplete():
    recording = make_recording(submitted_attempt())
    take = Take(started_ms=clock.milliseconds(START)).record(b"one", b"two", b"three")
    held(recording, take, without=(1,))

    seal_as_held(recording, by=BY, at=AT, reason="upload cap")

    entry = AuditEntry.objects.get(action="recording.sealed")
    assert (recording.state, recording.complete) == ("sealed", False)
    assert entry.facts == {
        "from": "open",
        "stream": "camera",
        "complete": False,
        "missing": {str(take.uuid): [[1, 1]]},
        "reason": "upload cap",
    }
    recording.attempt.refresh_from_db()
    assert recording.attempt.state == "sealed"


@pytest.mark.django_db
def test_seal_as_held_without_a_reason_is_refused():
    recording = make_recording(submitted_attempt())

    with pytest.raises(ReasonMissing):
        seal_as_held(recording, by=BY, at=AT, reason=" ")

    assert Recording.objects.get().state == "open"


@pytest.mark.django_db
def test_seal_as_held_of_a_sealed_recording_is_a_conflict():
    recording = make_recording(submitted_attempt(), state="sealed")

    with pytest.raises(Conflict):
        seal_as_held(recording, by=BY, at=AT, reason="upload cap")


@pytest.mark.django_db
def test_empty_statement_of_an_unknown_recording_is_not_found():
    recording = make_recording(submitted_attempt())

    with pytest.raises(NotFound):
        seal_recordings(
            recording.attempt,
            statement=[RecordingStatement(uuid.uuid4(), ())],
            by=BY,
            at=AT,
        )
