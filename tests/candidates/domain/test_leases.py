from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from candidates.domain.leases import (
    EDGE_LIFETIME,
    SignOutInExam,
    approve_takeover,
    edge_token,
    end_lease,
    refuse_takeover,
)
from candidates.models import DeviceLease, Observation
from exams.domain.audit import verify_chain
from exams.kernel import tokens
from exams.kernel.errors import IllegalMove
from exams.models import AuditEntry, Event
from tests.builders.candidates import make_lease
from tests.builders.events import misshapen_events
from tests.builders.exams import START, before_start, make_staff
from tests.builders.passages import claim, make_person

pytestmark = pytest.mark.django_db
AT = before_start(1200)


def test_claim_lease_second_browser_waits():
    attempt = make_person()
    first = claim(attempt)

    second = claim(attempt)

    assert (first.lease.state, first.lease.epoch) == ("active", 1)
    assert (second.lease.state, second.lease.epoch) == ("waiting", None)
    assert Event.objects.filter(type="takeover.requested").count() == 1


def test_claim_lease_of_a_released_attempt_asks_nobody():
    attempt = make_person(state="released")
    first = claim(attempt)

    second = claim(attempt)

    first.lease.refresh_from_db()
    assert (first.lease.state, second.lease.state) == ("superseded", "active")
    assert (second.lease.epoch, second.lease.level) == (2, "claimed")
    assert not Event.objects.filter(type="takeover.requested").exists()


def test_claim_lease_same_browser_gets_its_lease_back():
    attempt = make_person()
    first = claim(attempt)

    again = claim(attempt, cookie=first.cookie)

    assert again == first


def test_two_active_leases_of_one_attempt_are_refused_by_the_database():
    attempt = make_person()
    make_lease(attempt)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_lease(attempt, epoch=2)


def test_approve_takeover_moves_right_level_and_epoch():
    attempt = make_person()
    old = claim(attempt).lease
    DeviceLease.objects.filter(pk=old.pk).update(level="verified")
    new = claim(attempt).lease
    staff = make_staff()

    approve_takeover(new, by=staff, at=AT)

    rows = DeviceLease.objects.order_by("pk").values_list("state", "epoch", "level")
    assert list(rows) == [("superseded", 1, "verified"), ("active", 2, "verified")]
    entry = AuditEntry.objects.get(action="lease.takeover_approved")
    assert (entry.actor_kind, entry.actor_ref) == ("staff", str(staff.pk))
    assert Observation.objects.get().kind == "takeover"
    assert verify_chain(attempt.session.code) == 3
    assert misshapen_events() == []


def test_approve_takeover_twice_is_refused():
    attempt = make_person()
    claim(attempt)
    new = claim(attempt).lease
    approve_takeover(new, by=make_staff(), at=AT)

    with pytest.raises(IllegalMove):
        approve_takeover(new, by=make_staff(), at=AT)


def test_refuse_takeover_ends_it_and_the_browser_may_ask_again():
    attempt = make_person()
    claim(attempt)
    second = claim(attempt)

    refuse_takeover(second.lease, by=make_staff(), at=AT)
    again = claim(attempt, cookie=second.cookie)

    second.lease.refresh_from_db()
    assert second.lease.state == "ended"
    assert again.lease.state == "waiting"
    assert again.lease != second.lease
    assert misshapen_events() == []


def test_edge_token_superseded_lease_still_uploads_under_its_epoch():
    attempt = make_person()
    lease = make_lease(attempt, state="superseded", epoch=3)

    token = edge_token(lease, at=AT)

    claims = tokens.check(token, audience="edge", at=AT)
    assert claims == {"a": attempt.code, "e": 3}


def test_edge_token_ends_after_twelve_hours():
    token = edge_token(make_lease(make_person()), at=AT)

    with pytest.raises(tokens.BadToken):
        tokens.check(token, audience="edge", at=AT + EDGE_LIFETIME)
    last = AT + EDGE_LIFETIME - timedelta(milliseconds=1)
    assert tokens.check(token, audience="edge", at=last)


@pytest.mark.parametrize(
    "columns", [{"state": "waiting", "epoch": None}, {"state": "ended"}]
)
def test_edge_token_waiting_or_ended_lease_has_none(columns):
    assert edge_token(make_lease(make_person(), **columns), at=AT) is None


def test_end_lease_frees_the_attempt_for_the_next_browser():
    attempt = make_person()
    first = claim(attempt)

    end_lease(first.lease, at=AT)
    second = claim(attempt)

    assert (second.lease.state, second.lease.epoch) == ("active", 2)
    assert second.lease.level == "claimed"


def test_end_lease_inside_the_exam_is_refused_until_its_end():
    attempt = make_person(state="entered", entered_at=before_start(60))
    lease = make_lease(attempt)
    ends = START + timedelta(seconds=attempt.session.answer)

    with pytest.raises(SignOutInExam):
        end_lease(lease, at=ends - timedelta(milliseconds=1))
    end_lease(lease, at=ends)

    lease.refresh_from_db()
    assert lease.state == "ended"
