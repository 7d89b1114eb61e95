"""People who work: their accounts, their roles, and the administrators' group.

Owns `Staff` and `Assignment`. Names and passwords never enter the audit trail: an
entry names the row. Rights come from assignments; the one group only opens the
admin to administrators (design §13).
"""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exams.domain.accounts import end_sign_ins
from exams.domain.audit import Actor, record
from exams.domain.second_factor import is_enrolled
from exams.enums import Role
from exams.kernel.errors import BadInput, Refusal
from exams.models import Assignment, Project, Room, Session, Staff

ADMINISTRATORS = "Administrators"
EXCLUSIVE = (Role.PROCTOR, Role.EXAMINER, Role.CHIEF_EXAMINER, Role.OFFICIAL)
ADMIN_APPS = ("exams", "candidates", "proctoring", "helpdesk")


class RolesExclude(Refusal):
    """One person is at most one of proctor, examiner and official in a session."""

    code = "roles_exclude"
    message = _(
        "%(staff)s is “%(held)s” in “%(place)s” and cannot be “%(asked)s” there too: "
        "in one session a person is one of proctor, examiner and official."
    )


class AlreadyAssigned(Refusal):
    """The person has this role here already."""

    code = "already_assigned"
    message = _("This person already has this role here.")


def create_staff(
    username: str, *, password: str, name: str, by: Actor, at: datetime
) -> Staff:
    """Make an account without any role; raises `BadInput` for a weak password."""
    staff = Staff(username=username, first_name=name)
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise BadInput(reason=" ".join(error.messages)) from error
    staff.set_password(password)
    with transaction.atomic():
        staff.save(force_insert=True)
        _record("staff.created", staff, by=by, at=at, facts={})
    return staff


def create_superuser(
    username: str, *, password: str, name: str, by: Actor, at: datetime
) -> Staff:
    """Make the first administrator, who may do everything in the admin."""
    with transaction.atomic():
        staff = create_staff(username, password=password, name=name, by=by, at=at)
        staff.is_staff = staff.is_superuser = True
        staff.save(update_fields=["is_staff", "is_superuser"])
        record_superuser(staff, by=by, at=at)
    return staff


def record_superuser(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Write to the audit trail that this account may do everything in the admin."""
    with transaction.atomic():
        _record("staff.made_superuser", staff, by=by, at=at, facts={})


def assign(
    staff: Staff,
    *,
    role: str,
    by: Actor,
    at: datetime,
    project: Project | None = None,
    session: Session | None = None,
    room: Room | None = None,
) -> Assignment:
    """Give a role in exactly one project, session or room.

    An administrator's first role also opens the admin. Raises `RolesExclude`,
    `AlreadyAssigned`, or `BadInput` when not exactly one scope is given.
    """
    scope = {"project": project, "session": session, "room": room}
    if sum(row is not None for row in scope.values()) != 1:
        raise BadInput(reason=_("Choose exactly one project, session or room."))
    with transaction.atomic():
        # The person's row is the lock: two assignments at once would both pass.
        Staff.objects.select_for_update().get(pk=staff.pk)
        require_compatible(staff, role=role, **scope)
        row = Assignment.objects.create(staff=staff, role=role, created_at=at, **scope)
        if role == Role.ADMINISTRATOR:
            open_admin(staff)
        if role in settings.TOTP_ROLES and not is_enrolled(staff):
            # The next sign-in sets up the second step that the role needs.
            end_sign_ins(staff)
        _record("staff.assigned", staff, by=by, at=at, facts=facts_of(row))
    return row


def unassign(assignment: Assignment, *, by: Actor, at: datetime) -> None:
    """Take a role away; the last administrator's role closes the admin too."""
    staff = assignment.staff
    with transaction.atomic():
        facts = facts_of(assignment)
        assignment.delete()
        close_admin_if_unused(staff)
        _record("staff.unassigned", staff, by=by, at=at, facts=facts)


def require_compatible(
    staff: Staff,
    *,
    role: str,
    project: Project | None = None,
    session: Session | None = None,
    room: Room | None = None,
    besides: Assignment | None = None,
) -> None:
    """Raise `AlreadyAssigned` or `RolesExclude` when the role cannot be given.

    `besides` is the row that is being changed, which does not stand in its own way.
    """
    held = Assignment.objects.filter(staff=staff).exclude(
        pk=besides.pk if besides else None
    )
    if held.filter(role=role, project=project, session=session, room=room).exists():
        raise AlreadyAssigned
    if role not in EXCLUSIVE:
        return
    others = [other for other in EXCLUSIVE if other != role]
    clash = (
        held.filter(_overlaps(project, session, room), role__in=others)
        .select_related("project", "session", "room__session")
        .first()
    )
    if clash:
        raise RolesExclude(
            staff=staff,
            held=clash.get_role_display(),
            asked=Role(role).label,
            place=clash.place,
        )


def open_admin(staff: Staff) -> None:
    """Let the person into the admin, with the administrators' permissions."""
    staff.groups.add(administrators())
    if not staff.is_staff:
        staff.is_staff = True
        staff.save(update_fields=["is_staff"])


def close_admin_if_unused(staff: Staff) -> None:
    """Close the admin to somebody who administers nothing any more."""
    still = staff.assignments.filter(role=Role.ADMINISTRATOR).exists()
    if still or staff.is_superuser:
        return
    staff.groups.remove(administrators())
    staff.is_staff = False
    staff.save(update_fields=["is_staff"])


def administrators() -> Group:
    """Return the group of administrators, with every permission of our own rows."""
    group, _made = Group.objects.get_or_create(name=ADMINISTRATORS)
    group.permissions.set(
        Permission.objects.filter(content_type__app_label__in=ADMIN_APPS)
    )
    return group


def facts_of(assignment: Assignment) -> dict:
    """Return the audited facts of a role: which, and where by opaque key."""
    return {
        "role": assignment.role,
        "project": assignment.project_id,
        "session": assignment.session_id,
        "room": assignment.room_id,
    }


def _overlaps(project: Project | None, session: Session | None, room: Room | None) -> Q:
    if room is not None:
        session = room.session
    if session is not None:
        return (
            Q(session=session)
            | Q(room__session=session)
            | Q(project_id=session.project_id)
        )
    return (
        Q(project=project)
        | Q(session__project=project)
        | Q(room__session__project=project)
    )


def _record(action: str, staff: Staff, *, by: Actor, at: datetime, facts: dict) -> None:
    record(action, by=by, at=at, subject=f"staff:{staff.pk}", facts=facts)
