"""The recorder of batches: any order, any repetition, the same recording."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candidates.backends.chunk_store import BytesMissing, LocalChunkStore
from candidates.domain import segments
from candidates.domain.uploads import ChunkRecorder, Stored
from candidates.models import Chunk, Observation, Segment
from candidates.queries.ledger import ledger_of
from tests.builders.archives import offer_of
from tests.builders.candidates import STARTED_MS, Take, make_recording, read_back
from tests.builders.exams import START


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_order_with_repetitions_gives_the_same_recording(data, tmp_path_factory):
    """Arrival order, repetition and batching change nothing (F-12, §5.4)."""
    store = LocalChunkStore(tmp_path_factory.mktemp("store"))
    recording = make_recording()
    takes = [
        Take(started_ms=STARTED_MS + 60_000 * number).record(
            *data.draw(
                st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=9)
            )
        )
        for number in range(2)
    ]
    offers = [offer_of(recording, take, one) for take in takes for one in take.slices]
    repeated = data.draw(st.lists(st.sampled_from(range(len(offers))), max_size=8))
    order = data.draw(st.permutations([*range(len(offers)), *repeated]))
    size = data.draw(st.integers(1, 8))
    recorder = ChunkRecorder(store)

    outcomes = []
    for start in range(0, len(order), size):
        batch = [
            offer_of(recording, *slice_at(takes, number))
            for number in order[start : start + size]
        ]
        outcomes += recorder.record(batch)

    assert [outcomes.count(Stored(new=True)), outcomes.count(Stored(new=False))] == [
        len(offers),
        len(repeated),
    ]
    assert [read_back(store, take.uuid) for take in takes] == [
        take.content for take in takes
    ]
    assert Observation.objects.filter(attempt=recording.attempt).count() == 0
    entries = ledger_of(recording)["segments"]
    assert [entry["ranges"] for entry in entries] == [
        [[0, len(take.slices) - 1]] for take in takes
    ]


def slice_at(takes, number):
    flat = [(take, one) for take in takes for one in take.slices]
    return flat[number]


@pytest.mark.django_db
def test_first_chunk_completes_a_segment_known_from_a_statement(store):
    recording = make_recording()
    take = Take().record(b"one")
    segments.open_stated_segment(recording, uuid=take.uuid, mime=take.mime, at=START)

    outcomes = ChunkRecorder(store).record(
        [offer_of(recording, take, take.slices[0], epoch=4)]
    )

    assert outcomes == [Stored(new=True)]
    assert Segment.objects.values_list(
        "reason", "device", "started_ms", "lease_epoch"
    ).get() == ("start", "Fake camera", STARTED_MS, 4)


@pytest.mark.django_db
def test_batch_of_any_size_takes_a_constant_number_of_queries(
    store, django_assert_num_queries, django_assert_max_num_queries
):
    recording = make_recording()
    take = Take().record(*(os.urandom(9) for _ in range(66)))
    recorder = ChunkRecorder(store)
    recorder.record([offer_of(recording, take, take.slices[0])])
    one = [offer_of(recording, take, take.slices[1])]
    many = [offer_of(recording, take, piece) for piece in take.slices[2:]]

    # Savepoint, states under lock, rows, release; COPY is not counted.
    with django_assert_max_num_queries(4):
        recorder.record(one)
    with django_assert_max_num_queries(4):
        recorder.record(many)
    # What does not continue the last chunk is compared with its neighbours.
    with django_assert_num_queries(1):
        again = recorder.record(many)

    assert again == [Stored(new=False)] * 64
    assert Chunk.objects.count() == 66


@pytest.mark.django_db
def test_failed_sync_leaves_no_row_and_the_retry_succeeds(store, monkeypatch):
    recording = make_recording()
    take = Take().record(b"one")
    recorder = ChunkRecorder(store)
    offer = offer_of(recording, take, take.slices[0])
    real = os.fdatasync

    def failing(descriptor):
        monkeypatch.setattr(os, "fdatasync", real)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", failing)
    with pytest.raises(OSError, match="Input/output"):
        recorder.record([offer])
    rows_after_failure = Chunk.objects.count()
    outcomes = recorder.record([offer])

    assert (rows_after_failure, outcomes) == (0, [Stored(new=True)])
    assert read_back(store, take.uuid) == b"one"


@pytest.mark.django_db
def test_half_written_chunk_is_cut_off_again(store, monkeypatch):
    recording = make_recording()
    take = Take().record(b"one", b"two")
    recorder = ChunkRecorder(store)
    recorder.record([offer_of(recording, take, take.slices[0])])
    real = os.writev

    def half(descriptor, pieces):
        if len(bytes(pieces[0])) < 3:
            raise OSError(28, "No space left on device")
        return real(descriptor, [pieces[0][:1]])

    monkeypatch.setattr(os, "writev", half)
    with pytest.raises(OSError, match="No space"):
        recorder.record([offer_of(recording, take, take.slices[1])])

    path = store.path(recording.code, take.uuid)
    assert path.read_bytes() == b"one"


@pytest.mark.django_db
def test_reading_bytes_that_are_gone_is_a_fault(store):
    recording = make_recording()
    take = Take().record(b"one")
    ChunkRecorder(store).record([offer_of(recording, take, take.slices[0])])
    store.path(recording.code, take.uuid).unlink()

    with pytest.raises(BytesMissing):
        read_back(store, take.uuid)


@pytest.mark.django_db
def test_more_segments_than_open_files_are_all_written(tmp_path):
    store = LocalChunkStore(tmp_path / "few", open_files=3)
    recording = make_recording()
    takes = [Take().record(b"one", b"two") for _ in range(10)]
    recorder = ChunkRecorder(store)

    for turn in range(2):
        recorder.record(
            [offer_of(recording, take, take.slices[turn]) for take in takes]
        )

    assert [read_back(store, take.uuid) for take in takes] == [b"onetwo"] * 10
