"""The recorder of batches: any order, any repetition, the same recording."""

import json
import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candidates.backends.chunk_store import BytesMissing, LocalChunkStore
from candidates.domain import chain, segments
from candidates.domain.offers import SegmentHeader
from candidates.domain.uploads import ChunkRecorder, Stored
from candidates.edge import wire
from candidates.models import Chunk, Observation, Segment
from candidates.queries.ledger import ledger_of, missing_of, ranges_of, recordings_state
from tests.builders.archives import offer_of
from tests.builders.candidates import STARTED_MS, Take, make_recording
from tests.builders.exams import START, make_attempt, make_session

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "recording.json").read_text("utf-8")
)


def read_back(store, uuid):
    segment = Segment.objects.select_related("recording").get(uuid=uuid)
    return b"".join(
        store.read(segment, chunk) for chunk in segment.chunks.order_by("seq")
    )


@pytest.fixture
def store(tmp_path):
    return LocalChunkStore(tmp_path / "recordings")


@pytest.mark.parametrize("segment", VECTORS["segments"], ids=lambda one: one["mime"])
def test_chain_and_headers_match_the_published_vectors(segment):
    uuid, mime = UUID(segment["uuid"]), segment["mime"]
    head = chain.genesis(uuid, mime=mime)

    heads, headers = [head], []
    for chunk in segment["chunks"]:
        read = wire.read_chunk_headers(
            {
                b"content-digest": chunk["content_digest"].encode(),
                b"kaowu-span": chunk["span"].encode(),
                b"kaowu-chain": chunk["chain"].encode(),
            }
        )
        head = chain.link(
            head,
            seq=chunk["seq"],
            digest=chunk["digest"],
            start_ms=chunk["start_ms"],
            duration_ms=chunk["duration_ms"],
        )
        heads.append(head)
        headers.append((read.digest, read.start_ms, read.duration_ms, read.head))

    assert heads == [
        segment["genesis"],
        *(chunk["chain"] for chunk in segment["chunks"]),
    ]
    assert headers == [
        (one["digest"], one["start_ms"], one["duration_ms"], one["chain"])
        for one in segment["chunks"]
    ]
    assert wire.read_segment_header(segment["header"].encode()) == SegmentHeader(
        mime, segment["device"], segment["reason"], segment["started_ms"]
    )


def test_take_of_the_builders_makes_the_published_chain():
    published = VECTORS["segments"][0]
    sizes = [one["duration_ms"] for one in published["chunks"][:1]]
    take = Take(uuid=UUID(published["uuid"]), mime=published["mime"])

    take.record(b"\x1aE\xdf\xa3header", duration_ms=sizes[0])

    assert take.head == published["chunks"][0]["chain"]


@pytest.mark.parametrize("text", VECTORS["spans"]["bad"])
def test_bad_span_of_the_vectors_is_refused(text):
    assert_bad(
        {**good_headers(), b"kaowu-span": text.encode("utf-8")}, header="Kaowu-Span"
    )


@pytest.mark.parametrize("text", VECTORS["digests"]["bad"])
def test_bad_digest_of_the_vectors_is_refused(text):
    assert_bad(
        {**good_headers(), b"content-digest": text.encode()}, header="Content-Digest"
    )


@pytest.mark.parametrize("text", VECTORS["chains"]["bad"])
def test_bad_chain_of_the_vectors_is_refused(text):
    assert_bad({**good_headers(), b"kaowu-chain": text.encode()}, header="Kaowu-Chain")


@pytest.mark.parametrize("text", VECTORS["segment_headers"]["bad"])
def test_bad_segment_header_of_the_vectors_is_refused(text):
    with pytest.raises(wire.BadHeader):
        wire.read_segment_header(text.encode())


@pytest.mark.parametrize(("text", "start_ms", "duration_ms"), VECTORS["spans"]["good"])
def test_good_span_of_the_vectors_is_read(text, start_ms, duration_ms):
    read = wire.read_chunk_headers({**good_headers(), b"kaowu-span": text.encode()})

    assert (read.start_ms, read.duration_ms) == (start_ms, duration_ms)


def test_number_of_the_path_follows_the_vectors():
    def path(text):
        return f"/api/v1/recordings/{uuid4()}/segments/{uuid4()}/chunks/{text}"

    good = [wire.read_chunk_path(path(text)).seq for text, _ in VECTORS["seqs"]["good"]]
    bad = [wire.read_chunk_path(path(text)) for text in VECTORS["seqs"]["bad"]]

    assert good == [seq for _, seq in VECTORS["seqs"]["good"]]
    assert bad == [None] * len(bad)


@pytest.mark.parametrize("case", VECTORS["ledgers"])
def test_ranges_and_gaps_match_the_published_vectors(case):
    ranges = ranges_of(case["seqs"])

    missing = missing_of(ranges, stated_count=case["stated_count"])

    assert (ranges, missing) == (case["ranges"], case["missing"])


@given(st.sets(st.integers(0, 60)), st.none() | st.integers(0, 70))
def test_ranges_and_gaps_are_exact_complements(seqs, stated):
    ranges = ranges_of(seqs)
    missing = missing_of(ranges, stated_count=stated)

    end = stated if stated is not None else max(seqs, default=-1) + 1
    assert spread(ranges) == seqs
    assert spread(missing) == set(range(end)) - seqs


def spread(ranges):
    return {seq for first, last in ranges for seq in range(first, last + 1)}


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
def test_ledger_names_what_is_missing_and_the_gap_between_segments(store):
    recording = make_recording()
    first = Take().record(*(bytes([n]) * 3 for n in range(5)))
    second = Take(started_ms=STARTED_MS + 7500, reason="resume").record(b"later")
    recorder = ChunkRecorder(store)
    recorder.record(
        [offer_of(recording, first, one) for one in first.slices if one.seq != 2]
        + [offer_of(recording, second, second.slices[0])]
    )

    ledger = ledger_of(recording)

    assert ledger == {
        "recording": str(recording.code),
        "stream": "camera",
        "state": "open",
        "segments": [
            {
                "uuid": str(first.uuid),
                "mime": first.mime,
                "reason": "start",
                "started_ms": STARTED_MS,
                "ranges": [[0, 1], [3, 4]],
                "missing": [[2, 2]],
                "bytes": 12,
                "stated_count": None,
                "span_ms": 5000,
            },
            {
                "uuid": str(second.uuid),
                "mime": second.mime,
                "reason": "resume",
                "started_ms": STARTED_MS + 7500,
                "ranges": [[0, 0]],
                "missing": [],
                "bytes": 5,
                "stated_count": None,
                "span_ms": 1000,
            },
        ],
        "gaps": [
            {
                "after_segment": str(first.uuid),
                "before_segment": str(second.uuid),
                "from_ms": STARTED_MS + 5000,
                "to_ms": STARTED_MS + 7500,
            }
        ],
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keeps", "state", "may_forget"),
    [
        (False, "published", True),
        (True, "published", False),
        (True, "scoring", False),
        (True, "released", True),
        (True, "archived", True),
    ],
)
def test_browser_keeps_its_copy_until_the_results_where_asked(keeps, state, may_forget):
    session = make_session(keep_until_release=keeps, state=state)
    recording = make_recording(make_attempt(session), state="verified")

    (found,) = recordings_state(recording.attempt)

    assert found["purge_ok"] is may_forget


@pytest.mark.django_db
def test_recordings_state_counts_chunks_and_bytes(store):
    recording = make_recording()
    make_recording(recording.attempt, stream="screen", state="verified", complete=True)
    take = Take().record(b"one", b"three")
    ChunkRecorder(store).record([offer_of(recording, take, one) for one in take.slices])

    found = recordings_state(recording.attempt)

    assert [
        (one["stream"], one["state"], one["chunks"], one["bytes"], one["purge_ok"])
        for one in found
    ] == [("camera", "open", 2, 8, False), ("screen", "verified", 0, 0, True)]


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


def good_headers():
    one = Take().record(b"abc").slices[0]
    return {name.encode(): text.encode() for name, text in one.headers.items()}


def assert_bad(headers, *, header):
    with pytest.raises(wire.BadHeader) as caught:
        wire.read_chunk_headers(headers)
    assert caught.value.facts == {"header": header}
