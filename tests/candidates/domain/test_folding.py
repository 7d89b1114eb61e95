"""What is verified lives in its manifest, and nobody who asks can tell."""

import json
import os

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candidates.backends.chunk_store import LocalChunkStore
from candidates.backends.manifest_file import ManifestUnreadable, known_pieces
from candidates.domain.archive import archive_recording, clear_review
from candidates.domain.folding import unfold
from candidates.domain.uploads import ChunkConflict, ChunkRecorder, Stored
from candidates.models import Chunk, Observation, Recording
from candidates.queries.ledger import digest_at, ledger_of, recordings_state, totals_of
from exams.domain.audit import Actor
from exams.models import Exhibit
from tests.builders.archives import (
    flip_byte,
    make_sealed_recording,
    make_take,
    offer_of,
    send_late,
)
from tests.builders.candidates import Take, make_recording
from tests.builders.exams import after_start, make_attempt
from tests.candidates.domain.archived import root

pytestmark = pytest.mark.django_db

AT = after_start(4000)
OFFICIAL = Actor("staff", "7")


@pytest.fixture
def chunk_path(settings):
    """A recorder of batches that has seen nothing yet, as after a restart."""
    store = LocalChunkStore(settings.RECORDINGS_ROOT)
    yield ChunkRecorder(store)
    store.abandon()


def make_folded(takes=None, **lost):
    recording = make_sealed_recording(takes, **lost)
    manifest = archive_recording(recording, at=AT)
    if recording.state == "needs_review":
        clear_review(recording, by=OFFICIAL, at=AT, reason="network outage")
    return recording, manifest


def rows_of(recording):
    rows = Chunk.objects.filter(segment__recording=recording)
    return [
        {name: value for name, value in row.items() if name != "id"}
        for row in rows.order_by("segment_id", "seq").values()
    ]


def told(recording):
    """Everything that a reader may ask of the ledger."""
    recording.refresh_from_db()
    ledger = {**ledger_of(recording), "state": ""}
    (state,) = recordings_state(recording.attempt)
    digests = [
        digest_at(recording.pk, segment=segment.uuid, seq=seq)
        for segment in recording.segments.order_by("pk")
        for seq in range(6)
    ]
    return ledger, (state["chunks"], state["bytes"]), totals_of(recording), digests


def test_verified_recording_has_no_rows_and_tells_what_it_told():
    takes = [make_take(4), make_take(2, first=30)]
    recording = make_sealed_recording(takes)
    before = told(recording)

    archive_recording(recording, at=AT)

    assert (recording.folded, rows_of(recording)) == (True, [])
    assert told(recording) == before
    assert before[2] == (6, sum(len(take.content) for take in takes))


def test_accepted_recording_folds_and_still_names_what_is_missing():
    recording = make_sealed_recording([make_take(5)], lost={0: {1, 3}})
    before = told(recording)

    archive_recording(recording, at=AT)
    kept = (recording.folded, len(rows_of(recording)))
    clear_review(recording, by=OFFICIAL, at=AT, reason="network outage")

    assert kept == (False, 3)
    assert (recording.folded, rows_of(recording)) == (True, [])
    assert told(recording) == before
    assert before[0]["segments"][0]["missing"] == [[1, 1], [3, 3]]


def test_fold_and_unfold_give_back_the_same_rows():
    recording = make_sealed_recording([make_take(3), make_take(2, first=30)])
    before = rows_of(recording)
    archive_recording(recording, at=AT)

    with transaction.atomic():
        unfold([recording.pk])

    assert rows_of(recording) == before
    assert len(before) == 5


def test_late_chunk_brings_the_rows_back_until_it_is_archived_too():
    take = make_take(4)
    recording, first = make_folded([take], lost={0: {1}})

    send_late(recording, take, seqs=[1])
    unfolded = (recording.state, recording.folded, len(rows_of(recording)))
    second = archive_recording(recording, at=after_start(9000))

    assert unfolded == ("sealed", False, 4)
    assert (recording.folded, rows_of(recording)) == (True, [])
    assert (first.version, second.version) == (1, 2)
    assert second.body["segments"][0]["ranges"] == [[0, 3]]
    assert ledger_of(recording)["segments"][0]["missing"] == []


def test_repeated_chunk_of_a_folded_ledger_is_known_and_changes_nothing(chunk_path):
    take = make_take(4)
    recording, _ = make_folded([take])
    offers = [offer_of(recording, take, one) for one in take.slices]

    assert chunk_path.record(offers) == [Stored(new=False)] * 4

    recording.refresh_from_db()
    assert (recording.state, recording.folded, rows_of(recording)) == (
        "verified",
        True,
        [],
    )
    assert Observation.objects.count() == 0


def test_other_bytes_under_a_folded_number_are_kept_aside(chunk_path):
    take = make_take(3)
    recording, _ = make_folded([take])
    other = Take(uuid=take.uuid, mime=take.mime).record(b"other")

    (outcome,) = chunk_path.record([offer_of(recording, other, other.slices[0])])

    (kept,) = (root() / recording.code.hex / "quarantine").iterdir()
    recording.refresh_from_db()
    assert isinstance(outcome, ChunkConflict)
    assert (recording.state, recording.folded) == ("verified", True)
    assert kept.read_bytes() == b"other"
    assert Observation.objects.get().kind == "chunk_conflict"


def test_late_chunk_that_does_not_fit_its_folded_neighbour_is_seen(chunk_path):
    take = make_take(3)
    recording, _ = make_folded([take], lost={0: {2}})
    other = Take(uuid=take.uuid, mime=take.mime).record(b"a", b"b", b"c")

    (outcome,) = chunk_path.record([offer_of(recording, other, other.slices[2])])

    kinds = Observation.objects.order_by("kind").values_list("kind", flat=True)
    assert outcome == Stored(new=True)
    assert [*kinds] == ["chain_break", "late_chunk"]


def test_new_segment_of_a_folded_recording_joins_the_others(chunk_path):
    old, new = make_take(3), make_take(2, first=30, reason="resume")
    recording, _ = make_folded([old])

    outcomes = chunk_path.record([offer_of(recording, new, one) for one in new.slices])
    recording.refresh_from_db()
    manifest = archive_recording(recording, at=after_start(9000))

    assert outcomes == [Stored(new=True)] * 2
    assert [entry["count"] for entry in manifest.body["segments"]] == [3, 2]
    assert totals_of(recording)[0] == 5


def test_damaged_manifest_refuses_its_own_chunks_and_nobody_elses(chunk_path):
    take, other = make_take(3), Take().record(b"one")
    recording, manifest = make_folded([take])
    bystander = make_recording(make_attempt())
    flip_byte(root() / manifest.path, at=100)
    known_pieces.cache_clear()

    refused, stored = chunk_path.record(
        [
            offer_of(recording, take, take.slices[0]),
            offer_of(bystander, other, other.slices[0]),
        ]
    )

    recording.refresh_from_db()
    assert isinstance(refused, ManifestUnreadable)
    assert stored == Stored(new=True)
    assert (recording.state, recording.folded) == ("verified", True)


def test_manifest_damaged_after_it_was_read_refuses_only_its_own_chunks(chunk_path):
    take, other = make_take(4), Take().record(b"one")
    recording, manifest = make_folded([take], lost={0: {1}})
    bystander = make_recording(make_attempt())
    chunk_path.record([offer_of(recording, take, take.slices[0])])
    flip_byte(root() / manifest.path, at=100)

    refused, stored = chunk_path.record(
        [
            offer_of(recording, take, take.slices[1]),
            offer_of(bystander, other, other.slices[0]),
        ]
    )

    recording.refresh_from_db()
    assert isinstance(refused, ManifestUnreadable)
    assert stored == Stored(new=True)
    assert (recording.state, recording.folded) == ("verified", True)


@pytest.mark.parametrize("damage", [lambda p: flip_byte(p, at=100), os.remove])
def test_accepting_with_a_damaged_manifest_is_refused_and_keeps_the_rows(damage):
    recording = make_sealed_recording([make_take(4)], lost={0: {1}})
    manifest = archive_recording(recording, at=AT)
    damage(root() / manifest.path)

    with pytest.raises(ManifestUnreadable):
        clear_review(recording, by=OFFICIAL, at=AT, reason="as it is")

    recording.refresh_from_db()
    assert (recording.state, len(rows_of(recording))) == ("needs_review", 3)
    assert Exhibit.objects.count() == 0


def test_rows_that_the_manifest_lacks_are_never_removed():
    recording = make_sealed_recording([make_take(4)], lost={0: {1}})
    archive_recording(recording, at=AT)
    Chunk.objects.filter(seq=2).update(offset=1)

    with pytest.raises(ManifestUnreadable):
        clear_review(recording, by=OFFICIAL, at=AT, reason="as it is")

    assert len(rows_of(recording)) == 3


def test_manifest_whose_rows_have_another_shape_is_unreadable():
    recording, manifest = make_folded()
    path = root() / manifest.path
    body = json.loads(path.read_bytes())
    body["chunks"] = {name: [[0, 0, 1]] for name in body["chunks"]}
    path.write_text(json.dumps(body))
    known_pieces.cache_clear()

    with pytest.raises(ManifestUnreadable):
        digest_at(recording.pk, segment=recording.segments.get().uuid, seq=0)


def test_only_verified_recordings_are_folded():
    recording, _ = make_folded()

    with pytest.raises(IntegrityError), transaction.atomic():
        Recording.objects.filter(pk=recording.pk).update(state="sealed")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.sets(st.integers(0, 5), min_size=1, max_size=3) | st.just("archive"),
        max_size=8,
    )
)
def test_any_order_of_chunks_and_archives_holds_what_was_acknowledged(steps):
    """Whatever folds and unfolds between them: first write wins, nothing is lost."""
    take = Take().record(*(bytes([number]) * 50 for number in range(6)))
    recording = make_sealed_recording([])
    held = set()
    for step in steps:
        if step == "archive":
            archive_recording(recording, at=AT)
            if recording.state == "needs_review":
                clear_review(recording, by=OFFICIAL, at=AT, reason="noise")
        else:
            send_late(recording, take, seqs=sorted(step))
            held |= step
        assert totals_of(recording) == (len(held), 50 * len(held))
        assert recording.folded == (recording.state == "verified")
        assert len(rows_of(recording)) == (0 if recording.folded else len(held))
        assert {
            seq
            for seq in range(6)
            if digest_at(recording.pk, segment=take.uuid, seq=seq)
            == take.slices[seq].digest
        } == held
