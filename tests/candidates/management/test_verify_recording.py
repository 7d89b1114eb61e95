"""An exported folder proves itself, or says what does not fit."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from candidates.domain.archive import archive_recording
from tests.builders.archives import (
    flip_byte,
    make_sealed_recording,
    make_take,
)
from tests.builders.exams import after_start

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(tmp_path):
    """A copied recording folder with its manifest and its digest."""
    takes = [make_take(3), make_take(2, first=30)]
    recording = make_sealed_recording(takes)
    manifest = archive_recording(recording, at=after_start(4000))
    folder = tmp_path / "export"
    shutil.copytree(Path(settings.RECORDINGS_ROOT) / recording.code.hex, folder)
    return folder, manifest, takes


def verify(folder, **options) -> tuple[str, list[str]]:
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_recording", folder, stdout=out, stderr=err, **options)
    except CommandError as error:
        kinds = [json.loads(line)["kind"] for line in err.getvalue().splitlines()]
        return str(error), kinds
    return out.getvalue(), []


def test_bundle_as_exported_is_sound(exported):
    folder, manifest, _ = exported

    said, problems = verify(folder, digest=manifest.digest)

    assert said == (
        f"recording {manifest.recording.code}: 2 segments, 5 chunks, 1 films;"
        f" manifest {manifest.digest}\n"
    )
    assert problems == []


def test_bundle_with_one_source_byte_changed_is_refused(exported):
    folder, _, takes = exported
    flip_byte(folder / f"{takes[0].uuid.hex}.part", at=5000)

    assert verify(folder) == ("1 problems", ["hash_mismatch"])


def test_bundle_without_a_source_file_is_refused(exported):
    folder, _, takes = exported
    (folder / f"{takes[1].uuid.hex}.part").unlink()

    assert verify(folder) == ("1 problems", ["bytes_gone"])


def test_bundle_with_a_changed_film_is_refused(exported):
    folder, manifest, _ = exported
    flip_byte(folder / "archive" / manifest.media[0]["name"], at=-5)

    assert verify(folder) == ("1 problems", ["file_changed"])


def test_bundle_without_its_contact_sheet_is_refused(exported):
    folder, manifest, _ = exported
    (folder / "archive" / manifest.body["contact_sheet"]["name"]).unlink()

    assert verify(folder) == ("1 problems", ["file_missing"])


def test_bundle_whose_manifest_forgot_a_chunk_is_refused(exported):
    folder, _, takes = exported
    path = next((folder / "archive").glob("*.json"))
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["chunks"][str(takes[0].uuid)][1]
    path.write_text(json.dumps(manifest), "utf-8")

    said, problems = verify(folder)

    assert said == "4 problems"
    assert problems == ["not_canonical", "missing", "segment_totals", "source_digest"]


def test_bundle_with_another_digest_than_expected_is_refused(exported):
    folder, manifest, _ = exported

    assert verify(folder, digest="0" * 64) == (
        f"the manifest's digest is {manifest.digest}",
        [],
    )


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"kind":"other"}'])
def test_file_that_is_no_manifest_is_refused(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_text(text, "utf-8")

    assert verify(path) == ("manifest.json is no manifest", [])


def test_folder_without_a_manifest_is_refused(tmp_path):
    said, _ = verify(tmp_path)

    assert said == f"0 manifests in {tmp_path}"
