"""Tasks take primitives, fetch again, and may run twice."""

import uuid

import pytest
from django.utils.module_loading import import_string

from candidates.backends.durable import exclusive_folder
from candidates.domain.archive import archive_folder
from candidates.domain.sealing import ARCHIVE_TASK
from candidates.models import Manifest
from candidates.tasks import archive_recording
from tests.builders.archives import make_sealed_recording
from tests.builders.candidates import make_recording

pytestmark = pytest.mark.django_db


def test_archive_task_is_the_one_that_sealing_names():
    assert import_string(ARCHIVE_TASK) is archive_recording


def test_archive_task_verifies_a_sealed_recording():
    recording = make_sealed_recording()

    state = archive_recording(recording=str(recording.code))

    recording.refresh_from_db()
    assert (state, recording.state, recording.archive_due) == (
        "verified",
        "verified",
        False,
    )


def test_archive_task_run_twice_makes_one_manifest():
    recording = make_sealed_recording()

    states = [archive_recording(recording=str(recording.code)) for _ in range(2)]

    assert states == ["verified", "verified"]
    assert Manifest.objects.count() == 1


def test_archive_task_of_a_recording_that_is_gone_returns_quietly():
    assert archive_recording(recording=str(uuid.uuid4())) == "gone"


def test_archive_task_of_an_open_recording_changes_nothing():
    recording = make_recording()

    assert archive_recording(recording=str(recording.code)) == "open"
    assert Manifest.objects.count() == 0


def test_archive_task_while_another_works_says_later():
    recording = make_sealed_recording()

    with exclusive_folder(archive_folder(recording)):
        state = archive_recording(recording=str(recording.code))

    assert state == "later"
    assert Manifest.objects.count() == 0
