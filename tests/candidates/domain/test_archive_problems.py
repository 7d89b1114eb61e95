"""What is wrong with a recording is named, and goes to a person."""

import os

import pytest

from candidates.domain.archive import archive_recording, clear_review
from candidates.queries.archive import PROBLEMS, problem_lines
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor
from exams.kernel.errors import Conflict, IllegalMove
from exams.models import AuditEntry, Exhibit
from tests.builders.archives import (
    flip_byte,
    make_sealed_recording,
    make_take,
    part_of,
    send_late,
)
from tests.builders.candidates import Take
from tests.builders.exams import after_start
from tests.candidates.domain.archived import counters_in, kinds, root

pytestmark = pytest.mark.django_db


AT = after_start(4000)


OFFICIAL = Actor("staff", "7")


def test_archive_of_a_missing_chunk_needs_review_and_names_its_number():
    recording = make_sealed_recording([make_take(5)], lost={0: {2}})

    manifest = archive_recording(recording, at=AT)

    recording.refresh_from_db()
    assert (recording.state, kinds(manifest)) == (
        "needs_review",
        [("missing", [[2, 2]])],
    )
    assert [*problem_lines(recording)] == [
        f"{PROBLEMS['missing']}: {recording.segments.get().uuid} 2–2"
    ]
    assert len(counters_in(root() / manifest.media[0]["path"])) == 20
    assert Exhibit.objects.count() == 0


def test_archive_of_a_tail_that_never_came_needs_review():
    recording = make_sealed_recording([make_take(5)], lost={0: {3, 4}})

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("missing", [[3, 4]])]


def test_archive_of_a_hole_below_more_than_was_stated_needs_review():
    recording = make_sealed_recording([make_take(5)], lost={0: {3}})
    recording.segments.update(stated_count=2, stated_head="")

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("missing", [[3, 3]])]


def test_archive_without_the_header_chunk_is_missing_and_undecodable():
    recording = make_sealed_recording([make_take(3)], lost={0: {0}})

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("missing", [[0, 0]]), ("undecodable", [])]
    assert manifest.media == []


def test_archive_of_one_changed_byte_needs_review_and_names_the_chunk():
    take = make_take(4)
    recording = make_sealed_recording([take])
    flip_byte(part_of(recording, take), at=-20)

    manifest = archive_recording(recording, at=AT)

    assert (recording.state, kinds(manifest)) == (
        "needs_review",
        [("hash_mismatch", [[3, 3]])],
    )


def test_archive_with_rehash_sabotaged_would_believe_the_changed_byte(monkeypatch):
    take = make_take(4)
    recording = make_sealed_recording([take])
    flip_byte(part_of(recording, take), at=-20)
    monkeypatch.setenv("KAOWU_SABOTAGE", "skip_rehash")

    archive_recording(recording, at=AT)

    assert recording.state == "verified", "the test above would be red"


def test_archive_of_a_truncated_file_needs_review_and_plays_the_rest():
    take = make_take(4)
    recording = make_sealed_recording([take])
    path = part_of(recording, take)
    os.truncate(path, path.stat().st_size - 10)

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("bytes_gone", [[3, 3]])]
    assert counters_in(root() / manifest.media[0]["path"]) == list(range(15))


def test_archive_of_a_file_that_is_gone_needs_review():
    take = make_take(3)
    recording = make_sealed_recording([take])
    part_of(recording, take).unlink()

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("bytes_gone", [[0, 2]]), ("undecodable", [])]


def test_archive_of_a_chain_that_does_not_fit_needs_review():
    take = make_take(4)
    recording = make_sealed_recording([take])
    chunk = recording.segments.get().chunks.get(seq=2)
    chunk.head = "ab" * 32
    chunk.save()

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("chain_break", [[2, 3]])]


def test_archive_of_a_head_other_than_stated_needs_review():
    recording = make_sealed_recording([make_take(3)])
    recording.segments.update(stated_head="cd" * 32)

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("chain_break", [[2, 2]])]


def test_archive_of_another_take_than_the_one_witnessed_needs_review():
    seen, take = make_take(4), make_take(4, first=40)
    again = Take(uuid=seen.uuid, mime=take.mime).record(*(s.body for s in take.slices))
    told = seen.slices[2]
    recording = make_sealed_recording([again])
    recording.segments.update(witnessed_count=told.seq + 1, witnessed_head=told.head)

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("chain_break", [[2, 2]])]


def test_archive_of_less_than_was_witnessed_needs_review():
    take = make_take(4)
    recording = make_sealed_recording([take], lost={0: {3}})
    recording.segments.update(
        stated_count=3, stated_head="", witnessed_count=4, witnessed_head=take.head
    )

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("missing", [[3, 3]])]


def test_archive_of_what_was_witnessed_verifies():
    take = make_take(4)
    recording = make_sealed_recording([take])
    told = take.slices[1]
    recording.segments.update(witnessed_count=2, witnessed_head=told.head)

    assert archive_recording(recording, at=AT).body["problems"] == []


def test_archive_of_bytes_that_are_no_film_needs_review():
    noise = Take().record(b"noise" * 100, b"more noise" * 100)
    recording = make_sealed_recording([make_take(2), noise])

    manifest = archive_recording(recording, at=AT)

    assert kinds(manifest) == [("undecodable", [])]
    assert [film["frames"] for film in manifest.media] == [10]


def test_archive_of_nothing_needs_review_and_has_no_film():
    recording = make_sealed_recording([], complete=False)

    manifest = archive_recording(recording, at=AT)

    assert (recording.state, kinds(manifest), manifest.media) == (
        "needs_review",
        [("empty", [])],
        [],
    )


def test_clear_review_of_what_grew_meanwhile_is_refused():
    take = make_take(4)
    recording = make_sealed_recording([take], lost={0: {1, 2}})
    archive_recording(recording, at=AT)
    seen = type(recording).objects.get(pk=recording.pk)
    send_late(recording, take, seqs=[2])

    with pytest.raises(Conflict):
        clear_review(seen, by=OFFICIAL, at=AT, reason="as it is")

    recording.refresh_from_db()
    assert (recording.state, Exhibit.objects.count()) == ("sealed", 0)


def test_clear_review_verifies_and_makes_the_exhibit():
    recording = make_sealed_recording([make_take(4)], lost={0: {1}})
    manifest = archive_recording(recording, at=AT)

    clear_review(
        recording, by=OFFICIAL, at=AT, reason=" network outage, heard on call "
    )

    exhibit = Exhibit.objects.get(attempt=recording.attempt)
    entry = AuditEntry.objects.get(action="recording.verified")
    assert recording.state == "verified"
    assert len(exhibit.parts) == len(manifest.media) == 1
    assert (entry.actor_ref, entry.facts["reason"]) == (
        "7",
        "network outage, heard on call",
    )


def test_clear_review_without_a_reason_is_refused():
    recording = make_sealed_recording([make_take(4)], lost={0: {1}})
    archive_recording(recording, at=AT)

    with pytest.raises(ReasonMissing):
        clear_review(recording, by=OFFICIAL, at=AT, reason="  ")

    assert (recording.state, Exhibit.objects.count()) == ("needs_review", 0)


def test_clear_review_of_a_verified_recording_is_refused():
    recording = make_sealed_recording()
    archive_recording(recording, at=AT)

    with pytest.raises(IllegalMove):
        clear_review(recording, by=OFFICIAL, at=AT, reason="again")
