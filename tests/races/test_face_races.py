"""One challenge, many answers at once: one of them is looked at."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from candidates.domain.face_login import answer_challenge
from candidates.models import FaceCheck
from exams.domain.audit import verify_chain
from exams.kernel.errors import Refusal
from exams.models import AuditEntry
from tests.builders.faces import AT, NOT_ME, at_door, challenge, frames_for

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 8


def test_many_answers_at_once_use_one_challenge_and_one_try(settings, tmp_path):
    settings.FACE_BACKEND, settings.MEDIA_ROOT = "fake", tmp_path
    check = challenge(at_door())
    good, bad = frames_for(check), frames_for(check, who=NOT_ME)
    barrier = threading.Barrier(THREADS)

    def send(number):
        barrier.wait(timeout=30)
        try:
            row = FaceCheck.objects.select_related(
                "lease__attempt__session__project"
            ).get(pk=check.pk)
            return answer_challenge(
                row, frames=bad if number % 2 else good, at=AT
            ).state
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(send, range(THREADS)))

    decided = [code for code in found if code in ("passed", "failed")]
    assert decided == [FaceCheck.objects.get().state]
    assert found.count("challenge_used") == THREADS - 1
    entries = AuditEntry.objects.filter(
        action__in=["face_check.passed", "face_check.failed"]
    )
    assert entries.count() == 1
    assert verify_chain(check.attempt.session.code) >= 3
