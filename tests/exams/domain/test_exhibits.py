"""Exhibits: versions, and paths that stay inside the media store."""

from uuid import uuid4

import pytest

from exams.domain import exhibits
from exams.domain.audit import Actor
from exams.kernel.errors import BadInput, NotFound
from exams.models import AuditEntry, Exhibit
from tests.builders.scoring import (
    SCORED,
    make_examiner,
    make_exhibit,
    make_sealed_attempt,
    make_sheet,
)

pytestmark = pytest.mark.django_db
PART = {"path": "ab/archive/camera.webm", "mime": "video/webm", "duration_ms": 1000}


@pytest.fixture
def attempt():
    attempt = make_sealed_attempt()
    attempt.exhibits.all().delete()
    return attempt


def create(attempt, *, digest="a" * 64, parts=(PART,)):
    return exhibits.create_exhibit(
        attempt, parts=list(parts), source_digest=digest, duration_ms=1000, at=SCORED
    )


def test_create_exhibit_of_other_bytes_makes_the_next_version(attempt):
    first, second = create(attempt), create(attempt, digest="b" * 64)

    assert [first.version, second.version] == [1, 2]
    assert exhibits.latest_exhibit(attempt) == second
    assert first.parts == [PART]


def test_create_exhibit_of_the_same_bytes_returns_the_same_one(attempt):
    first, again = create(attempt), create(attempt)

    assert first == again
    assert AuditEntry.objects.filter(action="exhibit.created").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../secret"},
        {"path": "/etc/passwd"},
        {"path": "a/../../b"},
        {"path": ""},
        {"mime": "text/html"},
        {"mime": "video/webm\r\nX-A: b"},
        {"duration_ms": -1},
    ],
)
def test_create_exhibit_with_a_bad_part_is_refused(attempt, change):
    with pytest.raises(BadInput):
        create(attempt, parts=[{**PART, **change}])

    assert not Exhibit.objects.exists()


@pytest.mark.parametrize(("digest", "parts"), [("xyz", [PART]), ("a" * 64, [])])
def test_create_exhibit_without_a_digest_or_parts_is_refused(attempt, digest, parts):
    with pytest.raises(BadInput):
        create(attempt, digest=digest, parts=parts)


def test_file_of_a_stored_part_gives_its_path_and_type(attempt):
    exhibit = make_exhibit(attempt, data=b"media")

    path, mime = exhibits.file_of(exhibit, 1)

    assert (path.read_bytes(), mime) == (b"media", "video/webm")


@pytest.mark.parametrize("number", [0, -1, 2])
def test_file_of_a_part_that_is_not_there_is_refused(attempt, number):
    exhibit = make_exhibit(attempt)

    with pytest.raises(NotFound):
        exhibits.file_of(exhibit, number)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "nothing.webm"])
def test_file_of_a_path_outside_the_store_is_refused(attempt, path):
    exhibit = make_exhibit(attempt, parts=[{**PART, "path": path}])

    with pytest.raises(NotFound):
        exhibits.file_of(exhibit, 1)


def test_file_of_a_link_that_leaves_the_store_is_refused(attempt, tmp_path, settings):
    settings.RECORDINGS_ROOT = tmp_path / "store"
    settings.RECORDINGS_ROOT.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (settings.RECORDINGS_ROOT / "link").symlink_to(tmp_path / "secret")
    exhibit = make_exhibit(attempt, parts=[{**PART, "path": "link"}])

    with pytest.raises(NotFound):
        exhibits.file_of(exhibit, 1)


def test_entity_tag_is_stable_and_differs_by_part_and_exhibit():
    one, other = Exhibit(code=uuid4()), Exhibit(code=uuid4())

    tags = [
        exhibits.entity_tag(exhibit, number)
        for exhibit in (one, other)
        for number in (1, 2)
    ]

    assert len(set(tags)) == 4
    assert exhibits.entity_tag(one, 1) == tags[0]


def test_open_player_writes_one_audit_entry_without_a_number_or_name(attempt):
    make_exhibit(attempt)
    examiner = make_examiner(attempt.session)
    sheet = make_sheet(attempt, examiner, state="draft")

    exhibits.open_player(sheet, by=Actor.of_staff(examiner), at=SCORED)

    entry = AuditEntry.objects.get(action="exhibit.opened")
    assert entry.facts == {"sheet": str(sheet.code), "version": 1}
    assert entry.chain == attempt.session.code


def test_open_player_without_an_exhibit_is_refused(attempt):
    examiner = make_examiner(attempt.session)
    sheet = make_sheet(attempt, examiner, state="draft")

    with pytest.raises(NotFound):
        exhibits.open_player(sheet, by=Actor.of_staff(examiner), at=SCORED)
