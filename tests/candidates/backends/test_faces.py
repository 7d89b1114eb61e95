from pathlib import Path

import pytest

from candidates.backends import faces
from candidates.backends.faces import dlib_faces
from candidates.backends.faces.base import Face, FaceReport
from candidates.backends.faces.fake import FakeFaces, marked
from candidates.domain.photos import clean_photo

EYES = ((90, 10), (70, 10), (10, 10), (30, 10))


def face(nose):
    return Face(0, 0, 100, 120, 1.0, (*EYES, nose))


@pytest.mark.parametrize(
    ("nose", "expected"),
    [((50, 40), 0.5), ((20, 40), 0.0), ((80, 40), 1.0), ((65, 0), 0.75)],
)
def test_nose_stands_between_the_eyes(nose, expected):
    assert face(nose).nose == pytest.approx(expected)


def test_nose_is_found_on_a_tilted_head():
    turned = Face(0, 0, 9, 9, 1.0, ((0, 100), (0, 80), (0, 0), (0, 20), (-30, 75)))

    assert turned.nose == pytest.approx(65 / 80)


def test_eyes_in_one_place_are_no_division():
    flat = Face(0, 0, 9, 9, 1.0, ((5, 5),) * 4 + ((9, 9),))

    assert flat.nose == 0.5


def test_report_prints_no_embedding():
    report = FaceReport((face((50, 40)),), 120.0, 200.0, (0.12345, 0.6))

    assert "0.12345" not in f"{report!r} {report}"


@pytest.mark.parametrize(
    "encode", [bytes, lambda raw: clean_photo(raw, max_bytes=2**20)]
)
def test_fake_reads_what_was_marked_whatever_encoded_it(encode):
    report = FakeFaces().analyse(encode(marked(0.4, nose=0.65, light=99)))

    assert len(report.faces) == 1
    assert report.faces[0].nose == pytest.approx(0.65, abs=0.02)
    assert report.faces[0].size == 160
    assert report.light == pytest.approx(99, abs=3)
    assert report.embedding[0] == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("count", [0, 2, 3])
def test_fake_without_one_face_has_no_embedding(count):
    report = FakeFaces().analyse(marked(0.4, count=count))

    assert (len(report.faces), report.embedding) == (count, None)


def test_auto_without_models_is_staff(settings, monkeypatch):
    settings.FACE_BACKEND = "auto"
    monkeypatch.setattr(dlib_faces.DlibFaces, "available", False)

    assert (faces.backend().name, faces.backend().available) == ("manual", False)


def test_models_installed_beside_a_running_server_are_found_soon(monkeypatch):
    backend = dlib_faces.DlibFaces()
    monkeypatch.setattr(dlib_faces, "MODELS", "no_such_package")
    assert not backend.available

    monkeypatch.setattr(dlib_faces, "models_folder", lambda: Path())
    assert not backend.available
    monkeypatch.setattr(backend, "_look_again", 0.0)
    assert backend.available


def test_models_folder_without_its_files_is_none(monkeypatch):
    monkeypatch.setattr(dlib_faces, "MODELS", "PIL")

    assert dlib_faces.models_folder() is None


def test_back_end_of_ones_own_is_named_by_its_path(settings):
    settings.FACE_BACKEND = "candidates.backends.faces.fake.FakeFaces"

    assert faces.backend().name == "fake"
