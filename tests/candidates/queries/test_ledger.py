"""What has arrived and what is missing, as the browser is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates.domain.uploads import ChunkRecorder
from candidates.queries.ledger import ledger_of, missing_of, ranges_of, recordings_state
from tests.builders.archives import offer_of
from tests.builders.candidates import STARTED_MS, Take, make_recording
from tests.builders.exams import make_attempt, make_session
from tests.builders.vectors import read_vectors

VECTORS = read_vectors("recording")


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
