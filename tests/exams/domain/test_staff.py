"""Accounts, roles, and who may open the admin."""

import pytest
from django.core.management import call_command

from exams.domain.audit import Actor
from exams.domain.staff import (
    AlreadyAssigned,
    RolesExclude,
    assign,
    create_staff,
    create_superuser,
    unassign,
)
from exams.enums import Role
from exams.kernel.errors import BadInput
from exams.models import Assignment, AuditEntry, Staff
from tests.builders.exams import (
    before_start,
    make_project,
    make_room,
    make_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
BY = Actor("system", "test")


def give(staff, role, **scope):
    return assign(staff, role=role, by=BY, at=AT, **scope)


def test_first_administrator_of_the_command_line_is_in_the_trail(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "long-enough-9")

    call_command(
        *("createsuperuser", "--noinput", "--username", "first"),
        *("--email", "first@example.org"),
        verbosity=0,
    )

    assert Staff.objects.get().is_superuser
    entry = AuditEntry.objects.get()
    assert entry.action == "staff.made_superuser"
    assert (entry.actor_kind, entry.actor_ref) == ("system", "createsuperuser")


def test_account_is_made_without_role_and_without_its_name_in_the_trail():
    staff = create_staff("wen", password="long-enough-9", name="闻静", by=BY, at=AT)

    assert staff.check_password("long-enough-9")
    assert (staff.is_staff, staff.is_superuser) == (False, False)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.facts) == (
        "staff.created",
        f"staff:{staff.pk}",
        {},
    )


def test_weak_password_is_refused_and_nobody_is_made():
    with pytest.raises(BadInput):
        create_staff("wen", password="short", name="闻静", by=BY, at=AT)

    assert Staff.objects.count() == 0


def test_superuser_may_everything():
    staff = create_superuser("wen", password="long-enough-9", name="闻静", by=BY, at=AT)

    staff.refresh_from_db()
    assert (staff.is_staff, staff.is_superuser) == (True, True)


def test_administrator_gets_the_admin_and_loses_it_with_the_last_role():
    staff = make_staff()
    first = give(staff, Role.ADMINISTRATOR, project=make_project())
    second = give(staff, Role.ADMINISTRATOR, project=make_project())

    fresh = Staff.objects.get()
    assert fresh.is_staff
    assert fresh.has_perm("exams.change_session")
    assert fresh.has_perm("candidates.add_rosterimport")
    assert not fresh.has_perm("django_q.change_schedule")
    unassign(first, by=BY, at=AT)
    assert Staff.objects.get().is_staff
    unassign(second, by=BY, at=AT)
    assert not Staff.objects.get().is_staff
    assert not Staff.objects.get().has_perm("exams.change_session")


@pytest.mark.parametrize("role", [Role.PROCTOR, Role.EXAMINER, Role.HELPDESK])
def test_other_roles_do_not_open_the_admin(role):
    staff = make_staff()

    give(staff, role, session=make_session())

    assert not Staff.objects.get().is_staff


@pytest.mark.parametrize("second", [Role.EXAMINER, Role.CHIEF_EXAMINER, Role.OFFICIAL])
def test_exclusive_roles_exclude_each_other_through_every_scope(second):
    session = make_session()
    room = make_room(session)
    staff = make_staff()
    give(staff, Role.PROCTOR, room=room)

    for scope in ({"session": session}, {"room": room}, {"project": session.project}):
        with pytest.raises(RolesExclude):
            give(staff, second, **scope)

    assert Assignment.objects.count() == 1


def test_exclusive_roles_are_fine_in_different_sessions_and_rooms_alike():
    session = make_session()
    staff = make_staff()
    give(staff, Role.PROCTOR, room=make_room(session))
    give(staff, Role.PROCTOR, room=make_room(session))
    give(staff, Role.EXAMINER, session=make_session())
    give(staff, Role.HELPDESK, session=session)

    assert Assignment.objects.count() == 4


def test_same_role_in_the_same_place_is_refused():
    staff, session = make_staff(), make_session()
    give(staff, Role.HELPDESK, session=session)

    with pytest.raises(AlreadyAssigned):
        give(staff, Role.HELPDESK, session=session)


def test_scope_is_exactly_one():
    staff, session = make_staff(), make_session()

    with pytest.raises(BadInput):
        give(staff, Role.HELPDESK)
    with pytest.raises(BadInput):
        give(staff, Role.HELPDESK, session=session, project=session.project)

    assert Assignment.objects.count() == 0


def test_roles_are_audited_by_key():
    staff, session = make_staff(), make_session()

    unassign(give(staff, Role.HELPDESK, session=session), by=BY, at=AT)

    facts = {"role": "helpdesk", "project": None, "session": session.pk, "room": None}
    entries = AuditEntry.objects.order_by("pk")
    assert list(entries.values_list("action", "facts")) == [
        ("staff.assigned", facts),
        ("staff.unassigned", facts),
    ]
