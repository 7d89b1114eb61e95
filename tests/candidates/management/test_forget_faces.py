from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from candidates.domain.face_login import answer_challenge
from candidates.models import FaceCheck
from exams.models import AuditEntry
from tests.builders.faces import AT, at_door, challenge, frames_for

pytestmark = pytest.mark.django_db


def test_forget_faces_of_a_session_reports_and_leaves_others(settings, tmp_path):
    settings.FACE_BACKEND, settings.MEDIA_ROOT = "fake", tmp_path
    first, other = at_door(), at_door(ticket="other")
    for lease in (first, other):
        check = challenge(lease)
        answer_challenge(check, frames=frames_for(check), at=AT)
    out = StringIO()

    for _ in range(2):
        call_command("forget_faces", first.attempt.session.code, stdout=out)

    assert "deleted 1 embeddings of 1 attempts" in out.getvalue()
    assert "deleted 0 embeddings of 0 attempts" in out.getvalue()
    assert FaceCheck.objects.get(lease=first).embedding == ""
    assert FaceCheck.objects.get(lease=other).embedding
    entry = AuditEntry.objects.get(action="face.forgotten")
    assert (entry.actor_kind, entry.actor_ref) == ("job", "forget_faces")


def test_forget_faces_of_an_unknown_session_is_refused():
    with pytest.raises(CommandError):
        call_command("forget_faces", "nowhere")
