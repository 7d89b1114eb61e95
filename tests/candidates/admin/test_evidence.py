"""Recordings in the admin: what is wrong in words, and the way out of a review."""

import pytest
from django.urls import reverse

from candidates.domain.archive import archive_recording
from exams.models import AuditEntry, Exhibit
from tests.builders.archives import make_sealed_recording, make_take
from tests.builders.exams import after_start

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client):
    """A browser that reads English."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def broken():
    """A camera recording whose second chunk never came, archived."""
    recording = make_sealed_recording([make_take(4)], lost={0: {1}})
    archive_recording(recording, at=after_start(4000))
    return recording


def page_of(recording, name):
    return reverse(f"admin:candidates_recording_{name}", args=[recording.pk])


def test_page_says_what_is_wrong_and_offers_the_step(client, boss, broken):
    page = client.get(page_of(broken, "change")).content.decode()

    assert f"Chunks never came: {broken.segments.get().uuid} 1–1" in page
    assert page_of(broken, "accept") in page


def test_accepting_needs_a_reason_and_gives_the_examiners_what_plays(
    client, boss, broken
):
    url = page_of(broken, "accept")

    refused = client.post(url, {"reason": " "})
    before = Exhibit.objects.count()
    accepted = client.post(url, {"reason": "heard on the hotline"}, follow=True)

    broken.refresh_from_db()
    entries = AuditEntry.objects.filter(chain=broken.attempt.session.code).order_by(
        "pk"
    )
    reason = entries.get(action="step.accept").facts["reason"]
    assert (refused.status_code, before) == (200, 0)
    assert "The recording is accepted." in accepted.content.decode()
    assert (broken.state, Exhibit.objects.count()) == ("verified", 1)
    assert reason == "heard on the hotline"
    assert page_of(broken, "accept") not in accepted.content.decode()


def test_accepting_a_sound_recording_is_refused(client, boss):
    recording = make_sealed_recording()
    archive_recording(recording, at=after_start(4000))

    answer = client.post(page_of(recording, "accept"), {"reason": "once more"})

    assert answer.status_code == 409
    assert "Nothing was changed." in answer.content.decode()
