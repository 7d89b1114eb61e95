"""Hostile sheets through the upload page: a preview or a reason, never more."""

import resource
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from candidates.domain.roster_workbook import READER_BYTES
from candidates.models import Candidate, RosterImport, RosterPart
from exams.models import Attempt, Room
from tests.builders.exams import make_session
from tests.candidates.admin.hostile_sheets import SHEETS

pytestmark = pytest.mark.django_db
MAX_SECONDS = 20
MAX_GROWTH = 256 * 2**10  # KiB


def test_there_are_sixty_of_them():
    assert len(SHEETS) >= 60


@pytest.mark.parametrize("name", SHEETS)
def test_hostile_sheet_is_refused_or_shown_and_leaves_nothing_behind(
    client, administrator, project, name
):
    make, outcome = SHEETS[name]
    session = make_session(project=project)
    file = SimpleUploadedFile("名册.xlsx", make())
    before, began = peak(resource.RUSAGE_SELF), time.process_time()
    # A child is as large as its parent until it becomes a program of its own, and the
    # figure is that of the largest there ever was: only a larger one tells something.
    born = max(peak(resource.RUSAGE_CHILDREN), peak(resource.RUSAGE_SELF)) * 2**10

    page = client.post(
        "/admin/candidates/rosterimport/add/",
        {"session": session.pk, "file": file},
        follow=True,
    )

    refusal = page.context.get("refusal")
    assert (refusal.code if refusal else None) == outcome
    assert page.status_code in ({200} if outcome is None else {413, 422})
    assert time.process_time() - began < MAX_SECONDS
    assert peak(resource.RUSAGE_SELF) - before < MAX_GROWTH
    assert peak(resource.RUSAGE_CHILDREN) * 2**10 <= max(born, READER_BYTES)
    assert RosterImport.objects.count() == (outcome is None)
    assert RosterPart.objects.exists() == (outcome is None)
    assert not Candidate.objects.exists()
    assert not Attempt.objects.exists()
    assert not Room.objects.exists()


def peak(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss
