import pytest

from candidates.domain.face_login import answer_challenge
from candidates.models import DeviceLease, FaceCheck
from exams.kernel.tokens import digest
from tests.builders.faces import AT, at_door, challenge, frames_for
from tests.builders.passages import COOKIE as TOKEN

pytestmark = pytest.mark.django_db


def test_home_takes_the_consent_to_the_face_comparison_back(
    page, at_time, settings, tmp_path
):
    settings.FACE_BACKEND = "fake"
    settings.MEDIA_ROOT = tmp_path / "media"
    at_time(AT)
    lease = at_door()
    check = challenge(lease)
    answer_challenge(check, frames=frames_for(check), at=AT)
    DeviceLease.objects.filter(pk=lease.pk).update(token_digest=digest(TOKEN))
    home = f"/p/{lease.attempt.session.project.slug}/home/"
    before = page.get(home).content.decode()

    reply = page.post(home.replace("/home/", "/face-withdrawal/"))

    assert reply.headers["Location"] == home
    assert FaceCheck.objects.get().embedding == ""
    assert 'data-action="withdraw-face"' in before
    assert 'data-action="withdraw-face"' not in page.get(home).content.decode()


def test_withdrawal_of_a_stranger_leads_to_the_door(client):
    slug = at_door(photo=b"").attempt.session.project.slug

    reply = client.post(f"/p/{slug}/face-withdrawal/")

    assert reply.headers["Location"] == f"/p/{slug}/"
