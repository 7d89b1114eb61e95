"""The whole panel submits at once: the attempt is marked exactly once (F: lost last)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from exams.domain import scoring
from exams.domain.audit import Actor, verify_chain
from exams.models import Attempt, AuditEntry, Sheet
from tests.builders.scoring import SCORED, make_panel, make_sealed_attempt, make_sheet

PANEL = 4


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_submit_sheet_by_a_whole_panel_at_once_marks_the_attempt_once():
    attempt = make_sealed_attempt()
    sheets = [
        make_sheet(attempt, examiner, "40", "40", state="draft")
        for examiner in make_panel(attempt.session, PANEL)
    ]
    together = Barrier(PANEL)

    def submit(key):
        try:
            sheet = Sheet.objects.get(pk=key)
            by = Actor.of_staff(sheet.examiner)
            together.wait(timeout=20)
            scoring.submit_sheet(sheet, by=by, at=SCORED)
        finally:
            connection.close()

    with ThreadPoolExecutor(PANEL) as pool:
        list(pool.map(submit, [sheet.pk for sheet in sheets]))

    attempt = Attempt.objects.get(pk=attempt.pk)
    assert attempt.state == "marked"
    assert {sheet.state for sheet in Sheet.objects.all()} == {"locked"}
    assert AuditEntry.objects.filter(action="attempt.marked").count() == 1
    assert verify_chain(attempt.session.code) == 2 * PANEL + 1
