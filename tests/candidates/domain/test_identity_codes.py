"""Codes by which staff vouch: once, ten minutes, five wrong tries, one attempt (G2)."""

from datetime import timedelta

import pytest

from candidates.domain.checkin import approve_check_in
from candidates.domain.identity_codes import CodeWrong, issue_code, use_code
from candidates.models import DeviceLease, IdentityCode, StagePassage
from candidates.queries import rights
from candidates.queries.identity_codes import IdentityProved
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import verify_chain
from exams.kernel.errors import BadInput, IllegalMove, WindowClosed
from exams.models import AuditEntry
from tests.builders.candidates import make_check_in
from tests.builders.exams import START, before_start, make_staff
from tests.builders.passages import (
    claim,
    make_person,
    make_published_session,
    make_stages,
)

pytestmark = pytest.mark.django_db
AT = before_start(1200)
TICK = timedelta(milliseconds=1)


def at_door(**columns):
    attempt = make_person(make_published_session(**columns))
    make_stages(attempt, "devices")
    return claim(attempt).lease


def issue(lease, *, by=None, reason="camera broken", at=AT):
    by = by or make_staff()
    return issue_code(lease.attempt, reason=reason, by=by, at=at)


def wrong_for(issued):
    return f"{(int(issued.digits) + 1) % 10**8:08}"


def test_code_opens_the_passage_in_the_name_of_whoever_gave_it():
    lease, staff = at_door(), make_staff()
    waiting = make_check_in(lease)
    issued = issue(lease, by=staff)

    use_code(lease, digits=f" {issued.digits[:4]} {issued.digits[4:]}", at=AT)

    lease = DeviceLease.objects.get(pk=lease.pk)
    assert (lease.attempt.state, lease.level) == ("checked_in", "verified")
    assert StagePassage.objects.get(stage="check_in").facts == {"method": "code"}
    entry = AuditEntry.objects.get(action="attempt.checked_in")
    assert (entry.actor_kind, entry.actor_ref) == ("staff", str(staff.pk))
    row = IdentityCode.objects.get()
    assert (row.state, row.lease, row.used_at) == ("used", lease, AT)
    assert issued.digits not in row.digest
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == ("settled", staff)
    with pytest.raises(IllegalMove):
        approve_check_in(waiting, by=staff, at=AT)
    assert verify_chain(lease.attempt.session.code) > 0


def test_code_is_good_once_and_for_its_own_attempt_only():
    lease, other = at_door(), at_door()
    issued = issue(lease)

    with pytest.raises(CodeWrong):
        use_code(other, digits=issued.digits, at=AT)
    use_code(lease, digits=issued.digits, at=AT)
    with pytest.raises(rights.AlreadyVerified):
        use_code(lease, digits=issued.digits, at=AT)
    with pytest.raises(IdentityProved):
        issue(lease)


@pytest.mark.parametrize(
    ("after", "good"),
    [(timedelta(minutes=10) - TICK, True), (timedelta(minutes=10), False)],
)
def test_code_is_good_for_ten_minutes(after, good):
    lease = at_door()
    issued = issue(lease)

    if good:
        use_code(lease, digits=issued.digits, at=AT + after)
    else:
        with pytest.raises(CodeWrong):
            use_code(lease, digits=issued.digits, at=AT + after)

    assert IdentityCode.objects.get().state == ("used" if good else "open")


def test_fifth_wrong_try_spends_the_code():
    lease = at_door()
    issued = issue(lease)

    for _try in range(5):
        with pytest.raises(CodeWrong):
            use_code(lease, digits=wrong_for(issued), at=AT)
    with pytest.raises(CodeWrong):
        use_code(lease, digits=issued.digits, at=AT)

    row = IdentityCode.objects.get()
    assert (row.state, row.wrong) == ("spent", 5)
    again = issue(lease)
    use_code(lease, digits=again.digits, at=AT)


def test_newer_code_replaces_the_older_one():
    lease = at_door()
    first, second = issue(lease), issue(lease)

    if first.digits != second.digits:
        with pytest.raises(CodeWrong):
            use_code(lease, digits=first.digits, at=AT)
    use_code(lease, digits=second.digits, at=AT)

    states = IdentityCode.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["replaced", "used"]


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({"reason": "  "}, ReasonMissing),
        ({"reason": "x" * 301}, BadInput),
        ({"at": before_start(1800) - TICK}, WindowClosed),
        ({"at": START}, WindowClosed),
    ],
)
def test_code_without_a_reason_or_outside_the_window_is_not_given(how, refusal):
    lease = at_door()

    with pytest.raises(refusal):
        issue(lease, **how)

    assert not IdentityCode.objects.exists()


def test_session_without_codes_neither_gives_nor_takes_one():
    lease = at_door(identity_methods=["face", "human"])

    with pytest.raises(rights.CodeUnavailable):
        issue(lease)
    with pytest.raises(rights.CodeUnavailable):
        use_code(lease, digits="00000000", at=AT)
