"""Photos in bulk: read by a job, looked at, and taken all or none."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from candidates.backends.faces.fake import marked
from candidates.domain import photo_archive, roster_photos
from candidates.domain.photo_files import READ_WITHIN, sweep_files
from candidates.domain.roster_photos import (
    NoPhotos,
    PhotosDecided,
    commit_photos,
    discard_photos,
    read_photos,
    receive_photos,
    sweep_photos,
)
from candidates.models import Candidate, PhotoBatch, PhotoEntry, RosterChange
from candidates.tasks import read_photos as read_task
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.models import AuditEntry
from tests.builders.candidates import make_candidate
from tests.builders.exams import after_start, before_start, make_administrator
from tests.builders.photos import animated, make_photos, picture
from tests.builders.workbooks import encrypted, lying, make_zip

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
BY = Actor("staff", "1")


@pytest.fixture
def people(project):
    return [make_candidate(project, ticket_number=f"2030000{n}") for n in range(4)]


def receive(project, data, *, read=True) -> PhotoBatch:
    batch = receive_photos(
        project,
        file=io.BytesIO(data),
        filename="照片.zip",
        by=make_administrator(),
        at=AT,
    )
    if read:
        read_photos(batch, at=AT)
    return batch


def statuses(batch):
    rows = batch.entries.order_by("position").values_list("name", "status", "problem")
    return {name: problem or status for name, status, problem in rows}


def commit(batch, *, replace=False):
    return commit_photos(batch, replace=replace, by=BY, at=AT)


def photos():
    return dict(Candidate.objects.values_list("ticket_number", "photo"))


def test_photos_are_matched_cleaned_and_taken_at_once(project, people):
    batch = receive(project, make_photos("20300000.jpg", "甲/20300001.JPG", "x/９.png"))

    assert batch.state == "preview"
    assert statuses(batch) == {
        "20300000.jpg": "ready",
        "20300001.JPG": "ready",
        "９.png": "unmatched",
    }
    assert set(photos().values()) == {""}
    assert commit(batch) == {"set": 2, "replaced": 0, "kept": 0}
    held = photos()
    with default_storage.open(held["20300001"]) as file:
        assert Image.open(file).format == "JPEG"
    assert held["20300002"] == ""
    assert not PhotoEntry.objects.exists()
    assert not PhotoBatch.objects.get().archive
    entry = AuditEntry.objects.get(action="roster.photos_committed")
    assert entry.facts.keys() == {"set", "replaced", "kept", "sha256"}


def test_photo_that_is_there_is_replaced_only_when_said_so(project, people):
    commit(receive(project, make_photos("20300000.jpg")))
    before = photos()

    again = receive(project, make_photos("20300000.jpg", "20300001.jpg"))
    assert again.counts["replacing"] == 1
    assert commit(again) == {"set": 1, "replaced": 0, "kept": 1}
    assert photos()["20300000"] == before["20300000"]

    third = receive(project, make_photos("20300000.jpg"))
    with pytest.raises(NoPhotos):
        commit(third)
    assert commit(third, replace=True) == {"set": 0, "replaced": 1, "kept": 0}
    assert photos()["20300000"] != before["20300000"]
    noted = RosterChange.objects.order_by("pk").values_list("kind", "photo_batch")
    assert [*noted] == [
        ("photo_set", PhotoBatch.objects.order_by("pk")[0].pk),
        ("photo_set", again.pk),
        ("photo_replaced", third.pk),
    ]
    sweep_files(at=AT + READ_WITHIN)
    assert not default_storage.exists(before["20300000"])


def test_unusable_and_repeated_files_are_listed_by_name(project, people):
    data = make_zip(
        {
            "20300000.jpg": b"no picture",
            "20300001.jpg": picture(),
            "b/20300001.png": picture("PNG"),
            "20300002.jpg": picture(size=(50, 50)),
            "__MACOSX/._20300003.jpg": b"x",
            "Thumbs.db": b"x",
        }
    )

    batch = receive(project, data)

    assert statuses(batch) == {
        "20300000.jpg": "bad_photo",
        "20300001.jpg": "duplicate",
        "20300001.png": "duplicate",
        "20300002.jpg": "bad_photo",
    }
    with pytest.raises(NoPhotos):
        commit(batch)


@pytest.mark.parametrize(("count", "seen"), [(0, "none"), (1, "one"), (2, "many")])
def test_faces_are_looked_for_where_a_back_end_is(
    project, people, settings, count, seen
):
    settings.FACE_BACKEND = "fake"

    batch = receive(project, make_zip({"20300000.png": marked(0.2, count=count)}))

    assert batch.entries.get().faces == seen
    assert batch.counts[f"faces_{seen}"] == 1


def test_reading_goes_on_where_it_stopped_and_twice_is_once(
    project, people, monkeypatch
):
    monkeypatch.setattr(roster_photos, "SPELL_SECONDS", -1)
    batch = receive(project, make_photos("20300000.jpg", "20300001.jpg"), read=False)

    assert read_task(batch=batch.pk) == "reading"
    assert list(statuses(batch).values()) == ["ready", "waiting"]
    assert sweep_photos(at=clock.now()) == 0
    assert sweep_photos(at=after_start(864_000_000)) == 1
    assert read_task(batch=batch.pk) == "preview"
    assert read_task(batch=batch.pk) == "preview"
    assert read_task(batch=batch.pk + 1) == "gone"


def test_discard_forgets_archive_and_copies(
    project, people, django_capture_on_commit_callbacks
):
    batch = receive(project, make_photos("20300000.jpg"))
    archive, copy = batch.archive.name, batch.entries.get().photo.name
    assert default_storage.exists(archive)

    with django_capture_on_commit_callbacks(execute=True):
        discard_photos(batch, by=BY, at=AT)

    assert not default_storage.exists(archive)
    assert not default_storage.exists(copy)
    assert set(photos().values()) == {""}
    for decide in (commit, lambda it: discard_photos(it, by=BY, at=AT)):
        with pytest.raises(PhotosDecided):
            decide(PhotoBatch.objects.get())


def test_photos_being_read_are_not_taken(project, people):
    batch = receive(project, make_photos("20300000.jpg"), read=False)

    with pytest.raises(PhotosDecided):
        commit(batch)


def test_candidate_of_another_project_is_nobody_here(project, people):
    make_candidate(ticket_number="99990000")

    assert statuses(receive(project, make_photos("99990000.jpg"))) == {
        "99990000.jpg": "unmatched"
    }


JPEG = picture()
ONE = make_zip({"20300000.jpg": JPEG})
HUGE = picture("PNG", size=(9000, 9000))

# {name: (make, what the whole is refused for, or what the only file comes to)}
ARCHIVES = {
    "no archive": (lambda: b"Rar!" + b"\1" * 900, "photos_unreadable"),
    "nothing": (lambda: b"", "photos_unreadable"),
    "no files": (lambda: make_zip({}), "photos_empty"),
    "only litter": (lambda: make_zip({"__MACOSX/._a.jpg": b"x"}), "photos_empty"),
    "directory cut off": (lambda: ONE[:-30], "photos_unreadable"),
    "directory broken": (
        lambda: ONE.replace(b"PK\x01\x02", b"PK\x09\x09"),
        "photos_unreadable",
    ),
    "bomb": (
        lambda: make_zip({"20300000.jpg": b"\0" * 60 * 2**20}),
        "photos_suspicious",
    ),
    "bomb of many": (
        lambda: make_zip({f"{n}.jpg": b"\0" * 2**20 for n in range(60)}),
        "photos_suspicious",
    ),
    "size overstated": (
        lambda: lying(ONE, about="20300000.jpg", size=2**32 - 2),
        "photos_too_large",
    ),
    "too many files": (
        lambda: make_zip({f"{n}.jpg": b"" for n in range(5001)}),
        "photos_too_large",
    ),
    "size understated": (
        lambda: lying(ONE, about="20300000.jpg", size=10),
        "ready",
    ),
    "nested": (lambda: make_zip({"20300000.jpg": ONE}), "bad_photo"),
    "password": (lambda: encrypted(ONE), "photo_locked"),
    "lzma": (
        lambda: make_zip({"20300000.jpg": JPEG}, method=zipfile.ZIP_LZMA),
        "photo_damaged",
    ),
    "climbing name": (
        lambda: make_zip({"../../../etc/20300000.jpg": JPEG}),
        "ready",
    ),
    "absolute name": (lambda: make_zip({"C:\\x\\20300000.jpg": JPEG}), "ready"),
    "name with nul and lines": (
        lambda: make_zip({"20300000\n<script>.jpg": JPEG}),
        "unmatched",
    ),
    "huge picture": (lambda: make_zip({"20300000.png": HUGE}), "photo_too_large"),
    "huge file": (
        lambda: make_zip({"20300000.jpg": JPEG + b"\1\2\3" * 2**21}),
        "photo_too_large",
    ),
    "animated png": (lambda: make_zip({"20300000.png": animated("PNG")}), "ready"),
    "animated gif": (lambda: make_zip({"20300000.jpg": animated("GIF")}), "bad_photo"),
    "picture and archive": (
        lambda: make_zip({"20300000.jpg": JPEG + ONE}),
        "ready",
    ),
    "archive behind a picture": (lambda: JPEG + ONE, "ready"),
    "script as picture": (
        lambda: make_zip({"20300000.jpg": b"<svg onload=alert(1)>"}),
        "bad_photo",
    ),
    "half a picture": (lambda: make_zip({"20300000.jpg": JPEG[:300]}), "bad_photo"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_hostile_archive_is_refused_or_listed_and_leaves_nothing(project, people, name):
    make, outcome = ARCHIVES[name]
    try:
        batch = receive(project, make())
    except photo_archive.PhotosUnreadable as refusal:
        found = refusal.code
        assert not PhotoBatch.objects.exists()
    else:
        (found,) = set(statuses(batch).values())
        assert batch.state == "preview"
        assert all("/" not in one and "\n" not in one for one in statuses(batch))

    assert found == outcome
    assert set(photos().values()) == {""}


def test_nothing_but_pixels_of_a_polyglot_is_kept(project, people):
    batch = receive(project, make_zip({"20300000.jpg": JPEG + ONE}))

    commit(batch)

    with default_storage.open(photos()["20300000"]) as file:
        assert b"PK" not in file.read()
