"""The archive believes no byte that it has not read again."""

import hashlib
import json
from pathlib import Path

import av
import pytest

from candidates.domain.archive import archive_folder, archive_recording, clear_review
from candidates.models import Manifest
from exams.domain.audit import Actor
from exams.kernel import canonical
from exams.kernel.errors import Conflict
from exams.models import AuditEntry, Event, Exhibit
from tests.builders.archives import (
    forget_archive,
    make_sealed_recording,
    make_take,
    part_of,
    send_late,
)
from tests.builders.candidates import STARTED_MS, Take
from tests.builders.events import misshapen_events
from tests.builders.exams import after_start
from tests.candidates.domain.archived import counters_in, root

pytestmark = pytest.mark.django_db


AT = after_start(4000)


OFFICIAL = Actor("staff", "7")


SAMPLES = Path(__file__).parents[2] / "samples"


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
    forget_archive(recording)

    again = archive_recording(recording, at=after_start(9000))

    assert again.digest == manifest.digest
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert Exhibit.objects.count() == 1
