import pytest

from candidates.backends.faces.dlib_faces import DlibFaces
from config import checks


def ids():
    return [found.id for found in checks.boot()]


def test_boot_with_everything_in_place_finds_nothing():
    assert ids() == []


def test_boot_without_keys_names_each_family(settings, tmp_path):
    settings.KAOWU_KEYS = tmp_path

    assert ids() == ["kaowu.E002"] * 4


def test_boot_with_retry_below_timeout_is_refused(settings):
    settings.Q_CLUSTER = {"retry": 60, "timeout": 60}

    assert ids() == ["kaowu.E003"]


def test_boot_with_synchronous_jobs_is_refused(settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "sync": True}

    assert ids() == ["kaowu.E006"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"FACE_BACKEND": "fake", "PRODUCTION": True}, ["kaowu.E010"]),
        ({"FACE_BACKEND": "fake", "PRODUCTION": False}, []),
        ({"FACE_PASS": 0.6, "FACE_REVIEW": 0.6}, ["kaowu.E011"]),
        ({"FACE_BACKEND": "no.such.Backend"}, ["kaowu.E012"]),
        ({"FACE_BACKEND": "nothing"}, ["kaowu.E012"]),
        ({"FACE_BACKEND": "dlib"}, ["kaowu.E013"]),
        ({"FACE_BACKEND": "auto"}, []),
    ],
)
def test_boot_with_faces_that_cannot_be_compared_is_refused(
    settings, monkeypatch, chosen, expected
):
    monkeypatch.setattr(DlibFaces, "available", False)
    for name, value in chosen.items():
        setattr(settings, name, value)

    assert ids() == expected


@pytest.mark.parametrize("name", checks.TEST_ONLY)
def test_boot_in_production_with_a_test_switch_is_refused(settings, monkeypatch, name):
    settings.PRODUCTION = True
    monkeypatch.setenv(name, "x")

    assert ids() == ["kaowu.E004"]
