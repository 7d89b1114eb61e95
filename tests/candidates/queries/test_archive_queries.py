"""What the archive says of itself."""

import pytest

from candidates.domain.archive import archive_recording
from candidates.queries.archive import (
    ArchiveTotals,
    archive_totals,
    archived_at,
    recordings_due,
    recordings_to_review,
)
from tests.builders.archives import make_sealed_recording, make_take
from tests.builders.candidates import make_recording
from tests.builders.exams import after_start, make_attempt, make_session

pytestmark = pytest.mark.django_db
AT = after_start(4000)


def in_session(session):
    return make_attempt(session, state="submitted")


def test_totals_of_a_session_count_each_state_and_no_other_session(
    django_assert_num_queries,
):
    session = make_session()
    make_recording(in_session(session))
    make_sealed_recording(attempt=in_session(session))
    archive_recording(make_sealed_recording(attempt=in_session(session)), at=AT)
    broken = make_sealed_recording(
        [make_take(3)], lost={0: {1}}, attempt=in_session(session)
    )
    archive_recording(broken, at=AT)
    make_sealed_recording()

    with django_assert_num_queries(1):
        totals = archive_totals(session)

    assert totals == ArchiveTotals(open=1, waiting=1, verified=1, needs_review=1)
    assert list(recordings_to_review(session)) == [broken]


def test_recordings_due_are_the_sealed_ones_oldest_first():
    later = make_sealed_recording(sealed_at=after_start(5000))
    earlier = make_sealed_recording(sealed_at=after_start(4500))
    archive_recording(make_sealed_recording(), at=AT)
    make_recording()

    assert list(recordings_due()) == [earlier, later]


def test_archived_at_is_the_manifest_s_time_or_none():
    recording = make_sealed_recording()

    before = archived_at(recording)
    archive_recording(recording, at=AT)

    assert (before, archived_at(recording)) == (None, AT)
