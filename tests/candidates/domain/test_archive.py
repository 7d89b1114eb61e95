"""The archive believes no byte that it has not read again."""

import hashlib
import json
import os
from pathlib import Path

import av
import pytest
from django.conf import settings

from candidates.domain.archive import archive_folder, archive_recording, clear_review
from candidates.models import Manifest
from candidates.queries.archive import PROBLEMS, problem_lines
from candidates.simulation.media import read_counter
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor
from exams.kernel import canonical
from exams.kernel.errors import Conflict, IllegalMove
from exams.models import AuditEntry, Event, Exhibit
from tests.builders.archives import (
    flip_byte,
    make_sealed_recording,
    make_take,
    part_of,
    send_late,
)
from tests.builders.candidates import STARTED_MS, Take
from tests.builders.events import misshapen_events
from tests.builders.exams import after_start

pytestmark = pytest.mark.django_db
AT = after_start(4000)
OFFICIAL = Actor("staff", "7")
SAMPLES = Path(__file__).parents[2] / "samples"


def root() -> Path:
    return Path(settings.RECORDINGS_ROOT)


def counters_in(path: Path) -> list[int | None]:
    with av.open(str(path)) as film:
        return [read_counter(frame) for frame in film.decode(video=0)]


def kinds(manifest: Manifest) -> list[tuple[str, list]]:
    return [(p["kind"], p["ranges"]) for p in manifest.body["problems"]]


def test_archive_of_a_whole_recording_verifies_and_plays_every_picture():
    recording = make_sealed_recording([make_take(4)])

    manifest = archive_recording(recording, at=AT)

    recording.refresh_from_db()
    film = manifest.media[0]
    assert (recording.state, recording.archive_due) == ("verified", False)
    assert counters_in(root() / film["path"]) == list(range(20))
    assert (film["frames"], film["mime"], manifest.body["problems"]) == (
        20,
        "video/webm",
        [],
    )
    assert (
        hashlib.sha256((root() / film["path"]).read_bytes()).hexdigest()
        == film["digest"]
    )


def test_archive_manifest_file_is_canonical_and_names_every_chunk():
    take = make_take(3)
    recording = make_sealed_recording([take])

    manifest = archive_recording(recording, at=AT)

    text = (root() / manifest.path).read_bytes()
    whole = json.loads(text)
    chunks = whole.pop("chunks")
    assert hashlib.sha256(text).hexdigest() == manifest.digest
    assert whole == manifest.body
    assert canonical.encode({**whole, "chunks": chunks}) == text
    assert [row[3] for row in chunks[str(take.uuid)]] == [s.digest for s in take.slices]


def test_archive_writes_audit_and_event_and_a_contact_sheet():
    recording = make_sealed_recording()

    manifest = archive_recording(recording, at=AT)

    entry = AuditEntry.objects.get(action="recording.verified")
    event = Event.objects.filter(topic__name=f"attempt:{recording.attempt.code}").last()
    with av.open(str(root() / manifest.contact_sheet)) as sheet:
        width = sheet.streams.video[0].width
    assert (entry.actor_kind, entry.actor_ref) == ("job", "archive")
    assert entry.facts["manifest"] == manifest.digest
    assert (event.type, event.payload["to"]) == ("recording.moved", "verified")
    assert width == 3 * 160
    assert misshapen_events() == []


def test_archive_of_two_segments_joins_them_and_names_the_gap_as_no_fault():
    one = make_take(3)
    two = make_take(2, first=15, started_ms=STARTED_MS + 10_000, reason="resume")
    recording = make_sealed_recording([one, two])

    manifest = archive_recording(recording, at=AT)

    assert recording.state == "verified"
    assert manifest.body["gaps"] == [
        {
            "after_segment": str(one.uuid),
            "before_segment": str(two.uuid),
            "from_ms": STARTED_MS + 3000,
            "to_ms": STARTED_MS + 10_000,
        }
    ]
    assert counters_in(root() / manifest.media[0]["path"]) == list(range(25))
    assert [s["uuid"] for s in manifest.media[0]["segments"]] == [
        str(one.uuid),
        str(two.uuid),
    ]


def test_archive_of_segments_of_two_shapes_makes_two_films():
    one, two = make_take(2), make_take(2, audio=False, first=10)
    recording = make_sealed_recording([one, two])

    manifest = archive_recording(recording, at=AT)

    counters = [counters_in(root() / film["path"]) for film in manifest.media]
    assert counters == [list(range(10)), list(range(10, 20))]


def test_archive_of_a_camera_makes_one_exhibit_whose_names_tell_nothing():
    recording = make_sealed_recording([make_take(3)])

    manifest = archive_recording(recording, at=AT)

    exhibit = Exhibit.objects.get(attempt=recording.attempt)
    path = exhibit.parts[0]["path"]
    folder, name = path.removeprefix("exhibits/").split("/")
    own = {recording.code.hex, str(recording.code), recording.attempt.code}
    assert (name, len(folder), exhibit.source_digest) == (
        "1.webm",
        36,
        manifest.body["source"],
    )
    assert [word for word in own if word in path] == []
    assert (root() / path).read_bytes() == (
        root() / manifest.media[0]["path"]
    ).read_bytes()
    assert exhibit.duration_ms == manifest.media[0]["duration_ms"]


def test_archive_of_a_screen_makes_no_exhibit():
    recording = make_sealed_recording([make_take(2, audio=False)], stream="screen")

    archive_recording(recording, at=AT)

    assert (recording.state, Exhibit.objects.count()) == ("verified", 0)


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


@pytest.mark.parametrize(
    ("name", "mime", "frames"),
    [
        ("camera_fake_vp8_opus_8s_raw.webm", "video/webm", 120),
        ("camera_fake_h264_opus_5s_raw.mp4", "video/mp4", 75),
        ("screen_real_xvfb_vp8_4s_raw.webm", "video/webm", 71),
    ],
)
def test_archive_of_a_browser_recording_verifies(name, mime, frames):
    data = (SAMPLES / name).read_bytes()
    cuts = range(0, len(data), 40_000)
    take = Take(mime=mime).record(*(data[at : at + 40_000] for at in cuts))
    recording = make_sealed_recording([take])

    manifest = archive_recording(recording, at=AT)

    film = manifest.media[0]
    assert (recording.state, film["mime"], film["frames"]) == ("verified", mime, frames)
    assert b"Chrome" not in (root() / film["path"]).read_bytes()


def test_archive_run_again_returns_the_same_manifest_and_changes_no_file():
    recording = make_sealed_recording()
    first = archive_recording(recording, at=AT)
    files = {p: p.read_bytes() for p in archive_folder(recording).iterdir()}

    again = archive_recording(recording, at=after_start(9000))

    assert again == first
    assert {p: p.read_bytes() for p in archive_folder(recording).iterdir()} == files
    assert Manifest.objects.count() == 1


def test_archive_after_late_chunks_makes_the_next_versions():
    take = make_take(4)
    recording = make_sealed_recording([take], lost={0: {1}})
    first = archive_recording(recording, at=AT)
    clear_review(recording, by=OFFICIAL, at=AT, reason="network outage")
    assert (recording.state, first.body["complete"]) == ("verified", False)

    send_late(recording, take, seqs=[1])
    waits = (recording.state, recording.archive_due)
    second = archive_recording(recording, at=after_start(9000))

    assert waits == ("sealed", True)
    assert (second.version, second.body["problems"]) == (2, [])
    assert counters_in(root() / second.media[0]["path"]) == list(range(20))
    assert (recording.state, recording.complete) == ("verified", True)
    assert [*Exhibit.objects.order_by("version").values_list("version", flat=True)] == [
        1,
        2,
    ]
    assert Manifest.objects.get(version=1).body == first.body


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


def test_archive_of_an_open_recording_does_nothing():
    recording = make_sealed_recording(state="open", sealed_at=None, complete=None)

    assert archive_recording(recording, at=AT) is None
    assert not archive_folder(recording).exists()


def test_archive_by_a_loser_of_the_race_changes_nothing():
    recording = make_sealed_recording()
    slow = type(recording).objects.get(pk=recording.pk)
    archive_recording(recording, at=AT)

    with pytest.raises(Conflict):
        archive_recording(slow, at=AT)

    assert (Manifest.objects.count(), Exhibit.objects.count()) == (1, 1)


def test_archive_leaves_the_sources_as_they_were():
    take = make_take(3)
    recording = make_sealed_recording([take])

    archive_recording(recording, at=AT)

    assert part_of(recording, take).read_bytes() == take.content


def test_archive_twice_elsewhere_gives_the_same_film_and_manifest():
    recording = make_sealed_recording()
    manifest = archive_recording(recording, at=AT)
    folder = archive_folder(recording)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    Manifest.objects.all().delete()
    type(recording).objects.update(state="sealed", archive_due=True)
    recording.refresh_from_db()

    again = archive_recording(recording, at=after_start(9000))

    assert again.digest == manifest.digest
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert Exhibit.objects.count() == 1


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
