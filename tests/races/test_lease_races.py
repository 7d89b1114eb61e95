"""Many browsers at once on a real database: one holds the attempt, one decides."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from candidates.domain.checkin import approve_check_in, decline_check_in
from candidates.domain.leases import Browser
from candidates.domain.passage import enter_exam
from candidates.domain.sign_in import TARGET_FAILURES, sign_in
from candidates.models import CheckIn, DeviceLease, SignInBudget, StagePassage
from exams.domain.audit import Actor, verify_chain
from exams.domain.freezing import freeze
from exams.kernel.errors import Refusal
from exams.models import AuditEntry
from tests.builders.candidates import make_check_in, make_lease
from tests.builders.exams import before_start, make_ready_session, make_staff
from tests.builders.passages import (
    SUFFIX,
    TICKET,
    make_person,
    make_stages,
    make_verified,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT = before_start(1200)
THREADS = 12


def at_once(*tasks):
    """Run the callables together; return what each gave, a refusal as its code."""
    barrier = threading.Barrier(len(tasks))

    def work(task):
        barrier.wait(timeout=30)
        try:
            return task()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(work, tasks))


def test_many_browsers_sign_in_at_once_one_holds_the_attempt():
    project = make_person().session.project

    def press():
        return sign_in(
            project,
            ticket_number=TICKET,
            id_suffix=SUFFIX,
            browser=Browser(cookie=""),
            at=AT,
        ).lease.state

    found = at_once(*[press] * TARGET_FAILURES)

    assert sorted(found) == ["active"] + ["waiting"] * (TARGET_FAILURES - 1)
    assert DeviceLease.objects.filter(state="active").count() == 1


def test_many_wrong_tries_at_once_are_all_counted():
    project = make_person().session.project

    def guess():
        sign_in(
            project,
            ticket_number=TICKET,
            id_suffix="000000",
            browser=Browser(cookie="", address="192.0.2.1"),
            at=AT,
        )

    found = at_once(*[guess] * THREADS)

    assert found.count("sign_in_failed") == TARGET_FAILURES
    assert found.count("too_many_tries") == THREADS - TARGET_FAILURES
    assert set(SignInBudget.objects.values_list("failures", flat=True)) == {THREADS}


def test_two_of_the_staff_decide_at_once_one_decision_stands():
    attempt = make_person()
    pk = make_check_in(make_lease(attempt, level="claimed")).pk
    staff = make_staff()

    def row():
        found = CheckIn.objects.select_related("attempt__session__project", "lease")
        return found.get(pk=pk)

    at_once(
        *[lambda: approve_check_in(row(), by=staff, at=AT)] * 3,
        *[lambda: decline_check_in(row(), by=staff, at=AT, reason="no")] * 3,
    )

    decided = AuditEntry.objects.filter(
        action__in=["check_in.approved", "check_in.declined"]
    )
    assert [entry.action for entry in decided] == [
        f"check_in.{CheckIn.objects.get().state}"
    ]
    attempt.refresh_from_db()
    approved = CheckIn.objects.get().state == "approved"
    assert attempt.state == ("checked_in" if approved else "enrolled")


def test_enter_pressed_many_times_at_once_enters_once():
    session = make_ready_session(state="published")
    attempt = make_person(session)
    freeze(session, by=Actor.job("test"), at=before_start(3600))
    lease = make_verified(attempt)
    make_stages(attempt, "flow", "attachments")
    at = before_start(300)

    found = at_once(*[lambda: enter_exam(lease, at=at)] * THREADS)

    assert found == [None] * THREADS
    assert AuditEntry.objects.filter(action="attempt.entered").count() == 1
    assert StagePassage.objects.filter(stage="enter").count() == 1
    assert verify_chain(session.code) > 0
