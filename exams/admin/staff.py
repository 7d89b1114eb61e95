"""People who work, and their roles."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from exams.admin.assignments import SCOPES, AssignmentForm
from exams.admin.badges import yes_or_no
from exams.admin.base import (
    AuditedAdmin,
    NamedControls,
    NamedInlineFormSet,
)
from exams.domain.audit import Actor
from exams.domain.staff import assign, unassign
from exams.kernel import clock
from exams.models import Assignment, Staff
from exams.queries.scope import administered


class RoleForm(AssignmentForm):
    """The same, on the form of the person."""

    class Meta(AssignmentForm.Meta):
        fields = ["role", *SCOPES]


class AssignmentInline(NamedControls, admin.TabularInline):
    model = Assignment
    form = RoleForm
    formset = NamedInlineFormSet
    fields = ["role", *SCOPES]
    extra = 0

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Staff)
class StaffAdmin(AuditedAdmin, UserAdmin):
    """Only superusers touch other administrators, or people of other projects."""

    project_path = "assignments__project"
    inlines = [AssignmentInline]
    list_display = ["username", "first_name", "opens", "active", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "first_name"]
    ordering = ["username"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined", "opens", "active"]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "first_name",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        )
    ]
    fieldsets = [
        (None, {"fields": ["username", "first_name", "password"]}),
        (
            _("Access"),
            {"fields": [("is_active", "opens"), ("last_login", "date_joined")]},
        ),
    ]

    def get_queryset(self, request):
        return admin.ModelAdmin.get_queryset(self, request)

    def get_fieldsets(self, request, obj=None):
        found = super().get_fieldsets(request, obj)
        if obj and not self.has_change_permission(request, obj):
            return [*found[:1], (_("Access"), {"fields": [("active", "opens")]})]
        if obj and request.user.is_superuser:
            return [*found, (_("Everything"), {"fields": ["is_superuser"]})]
        return found

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        if obj is None or request.user.is_superuser:
            return allowed
        return allowed and _is_within(obj, request.user)

    @admin.display(description=_("may open the administration"), ordering="is_staff")
    def opens(self, obj):
        return yes_or_no(obj.is_staff)

    @admin.display(description=_("active"), ordering="is_active")
    def active(self, obj):
        return yes_or_no(obj.is_active)

    def save_formset(self, request, form, formset, change):
        by, at = Actor.of_staff(request.user), clock.now()
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            unassign(row, by=by, at=at)
        for row in rows:
            scope = {name: getattr(row, name) for name in SCOPES}
            assign(row.staff, role=row.role, by=by, at=at, **scope)


def _is_within(staff: Staff, administrator: Staff) -> bool:
    """Return whether all that this person may do lies in the other's projects."""
    if staff == administrator or staff.is_superuser or staff.is_staff:
        return False
    mine = set(administered(administrator).values_list("pk", flat=True))
    held = staff.assignments.select_related("session", "room__session")
    # A role in one session administers nobody, not even people without any role.
    return bool(mine) and all(_project_of(row) in mine for row in held)


def _project_of(row: Assignment) -> int:
    if row.room:
        return row.room.session.project_id
    return row.session.project_id if row.session else row.project_id
