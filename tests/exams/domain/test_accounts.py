"""Ways into an account: links, temporary passwords, closing it, and wrong passwords."""

from datetime import timedelta

import pytest
from django.db import connection

from exams.domain.accounts import (
    LinkOver,
    OwnAccount,
    activate,
    change_password,
    deactivate,
    give_link,
    give_password,
    owner_of_link,
    use_link,
)
from exams.domain.audit import Actor
from exams.domain.sign_in_locks import (
    ACCOUNT_FAILURES,
    ADDRESS_FAILURES,
    SignInLocked,
    count_failure,
    lift,
    locked_until,
    require_open,
    unlock,
)
from exams.domain.staff import assign
from exams.kernel.errors import BadInput, Conflict
from exams.models import AuditEntry, OneTimeLink, SignInLock, Staff
from tests.builders.exams import before_start, make_project, make_staff

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
BY = Actor("system", "test")
NEW = "a-long-new-password"


def fresh(staff):
    return Staff.objects.get(pk=staff.pk)


def test_link_sets_a_password_once_and_is_kept_as_a_digest():
    staff = make_staff()
    token = give_link(staff, by=BY, at=AT)

    assert not fresh(staff).has_usable_password()
    assert token not in str(list(OneTimeLink.objects.values()))
    use_link(token, password=NEW, at=AT)

    assert fresh(staff).check_password(NEW)
    with pytest.raises(LinkOver):
        use_link(token, password=NEW + "2", at=AT)
    assert fresh(staff).check_password(NEW)


def test_link_ends_after_a_day_by_a_newer_one_and_with_the_account():
    staff = make_staff()
    old = give_link(staff, by=BY, at=AT)
    new = give_link(staff, by=BY, at=AT)

    with pytest.raises(LinkOver):
        owner_of_link(old, at=AT)
    with pytest.raises(LinkOver):
        owner_of_link(new, at=AT + timedelta(hours=24))
    assert owner_of_link(new, at=AT + timedelta(hours=24, seconds=-1)) == staff
    deactivate(staff, by=BY, at=AT)
    with pytest.raises(LinkOver):
        owner_of_link(new, at=AT)


def test_weak_password_leaves_the_link_open():
    token = give_link(make_staff(), by=BY, at=AT)

    with pytest.raises(BadInput):
        use_link(token, password="short", at=AT)

    assert owner_of_link(token, at=AT)


def test_temporary_password_has_to_be_changed_and_not_to_itself():
    staff = make_staff()
    password = give_password(staff, by=BY, at=AT)

    assert fresh(staff).check_password(password)
    assert fresh(staff).must_change_password
    with pytest.raises(BadInput):
        change_password(staff, password=password, at=AT)
    change_password(staff, password=NEW, at=AT)

    assert not fresh(staff).must_change_password
    assert password not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    "act",
    [
        lambda staff: give_link(staff, by=BY, at=AT),
        lambda staff: give_password(staff, by=BY, at=AT),
        lambda staff: change_password(staff, password=NEW, at=AT),
        lambda staff: deactivate(staff, by=BY, at=AT),
    ],
)
def test_every_change_of_the_way_in_ends_the_sign_ins(act):
    staff = make_staff()
    before = staff.get_session_auth_hash()

    act(staff)

    assert fresh(staff).get_session_auth_hash() != before


def test_account_is_closed_and_opened_by_others_once_each():
    staff = make_staff()

    with pytest.raises(OwnAccount):
        deactivate(staff, by=Actor.of_staff(staff), at=AT)
    deactivate(staff, by=BY, at=AT)
    with pytest.raises(Conflict):
        deactivate(staff, by=BY, at=AT)
    assert not fresh(staff).is_active
    activate(staff, by=BY, at=AT)
    with pytest.raises(Conflict):
        activate(staff, by=BY, at=AT)

    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["staff.deactivated", "staff.activated"]


def fail(times, *, name="wen", address="192.0.2.1", at=AT):
    for _ in range(times):
        count_failure(name, address, at=at)


def test_account_is_locked_after_five_wrong_passwords_for_fifteen_minutes():
    staff = make_staff(username="wen")
    fail(ACCOUNT_FAILURES - 1)
    require_open("wen", "192.0.2.9", at=AT)
    fail(1)

    with pytest.raises(SignInLocked) as refused:
        require_open(" WEN ", "192.0.2.9", at=AT)
    require_open("other", "192.0.2.9", at=AT)
    require_open("wen", "192.0.2.9", at=AT + timedelta(minutes=15))

    until = AT + timedelta(minutes=15)
    assert refused.value.facts["until"] == locked_until(staff, at=AT) == until
    assert refused.value.facts["time"] == "09:15:00 (Asia/Shanghai)"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("sign_in.locked", f"staff:{staff.pk}")


def test_unknown_account_is_locked_as_a_known_one():
    fail(ACCOUNT_FAILURES, name="nobody")

    with pytest.raises(SignInLocked):
        require_open("nobody", "192.0.2.9", at=AT)
    assert AuditEntry.objects.get().subject == "staff:unknown"


def test_address_is_locked_whatever_accounts_it_tries():
    for number in range(ADDRESS_FAILURES):
        count_failure(f"name-{number}", "192.0.2.1", at=AT)

    with pytest.raises(SignInLocked):
        require_open("fresh", "192.0.2.1", at=AT)
    require_open("fresh", "192.0.2.2", at=AT)


def test_failures_of_long_ago_do_not_count():
    fail(ACCOUNT_FAILURES - 1)
    fail(1, at=AT + timedelta(minutes=15))

    require_open("wen", "192.0.2.1", at=AT + timedelta(minutes=15))


def test_administrator_unlocks_an_account():
    staff = make_staff(username="wen")
    fail(ACCOUNT_FAILURES)

    unlock(staff, by=BY, at=AT)

    require_open("wen", "192.0.2.9", at=AT)
    assert AuditEntry.objects.last().action == "staff.unlocked"
    assert "wen" not in str(list(SignInLock.objects.values()))


def test_lock_of_an_address_is_seen_and_lifted():
    for number in range(ADDRESS_FAILURES):
        count_failure(f"name-{number}", "192.0.2.1", at=AT)
    lock = SignInLock.objects.get(locked_until__isnull=False)
    assert lock.address == "192.0.2.1"
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM exams_signinlock WHERE id = %s", [lock.pk])
        assert b"192" not in bytes(cursor.fetchone()[0])

    lift(lock, by=BY, at=AT)

    require_open("fresh", "192.0.2.1", at=AT)
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.action, entry.facts) == ("sign_in.unlocked", {"failures": 30})
    with pytest.raises(Conflict):
        lift(lock, by=BY, at=AT)


@pytest.mark.parametrize(("roles", "ends"), [(["administrator"], True), ([], False)])
def test_role_that_newly_needs_a_second_step_ends_the_sign_ins(settings, roles, ends):
    settings.TOTP_ROLES = roles
    staff = make_staff()
    before = staff.get_session_auth_hash()

    assign(staff, role="administrator", project=make_project(), by=BY, at=AT)

    assert (fresh(staff).get_session_auth_hash() != before) is ends
