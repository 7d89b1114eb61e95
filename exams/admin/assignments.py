"""Roles: who holds which where, one more, and one taken away with a reason."""

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exams.admin.base import AuditedAdmin
from exams.admin.steps import Step, StepsMixin
from exams.domain.audit import Actor
from exams.domain.staff import assign, require_compatible, unassign
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Assignment, Staff
from exams.queries.scope import administered

SCOPES = ("project", "session", "room")

END = Step(
    name="end",
    title=_("Take the role away"),
    effect=_(
        "The person may no longer do this work here; open pages close within seconds."
    ),
    final=_("What the person did stays, under their name."),
    done=_("The role is taken away."),
    act=lambda row, by, at, reason: unassign(row, by=by, at=at),
    fits=lambda row: True,
    extent=lambda row: (
        _("%(staff)s: %(role)s, %(place)s")
        % {"staff": row.staff, "role": row.get_role_display(), "place": row.place}
    ),
    tone="warn",
)


class AssignmentForm(forms.ModelForm):
    """A role in exactly one place, refused with the role that excludes it."""

    class Meta:
        model = Assignment
        fields = ["staff", "role", *SCOPES]

    def clean(self):
        cleaned = super().clean()
        chosen = {name: cleaned.get(name) for name in SCOPES}
        if sum(row is not None for row in chosen.values()) != 1:
            raise forms.ValidationError(
                _("Choose exactly one: a project, a session or a room.")
            )
        staff = cleaned.get("staff") or getattr(self.instance, "staff", None)
        if "role" in cleaned and staff is not None:
            try:
                require_compatible(staff, role=cleaned["role"], **chosen)
            except Refusal as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return cleaned

    def _get_validation_exclusions(self):
        # The time is the domain's to set, and the constraint is asked in `clean`.
        return super()._get_validation_exclusions() | {"created_at"}


@admin.register(Assignment)
class AssignmentAdmin(StepsMixin, AuditedAdmin):
    """A role is given and taken away, never changed."""

    form = AssignmentForm
    steps = (END,)
    project_path = "project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["staff", "role", "where", "created_at"]
    list_select_related = [*SCOPES, "staff", "room__session"]
    list_filter = ["role"]
    search_fields = [
        "staff__username",
        "staff__first_name",
        "session__title",
        "room__name",
        "room__session__title",
        "project__title",
    ]
    search_help_text = _("Account, name, project, session or room")
    ordering = ["staff__username", "pk"]
    fields = ["staff", "role", *SCOPES]

    def get_queryset(self, request):
        rows = admin.ModelAdmin.get_queryset(self, request)
        if request.user.is_superuser:
            return rows
        own = administered(request.user)
        return rows.filter(
            Q(project__in=own)
            | Q(session__project__in=own)
            | Q(room__session__project__in=own)
        )

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "staff":
            field.queryset = Staff.objects.filter(is_active=True).order_by("username")
        return field

    def has_change_permission(self, request, obj=None):
        # Confirm pages ask `may_step`, which looks at the permission itself.
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        by, at = Actor.of_staff(request.user), clock.now()
        scope = {name: getattr(obj, name) for name in SCOPES}
        made = assign(obj.staff, role=obj.role, by=by, at=at, **scope)
        obj.pk, obj.created_at = made.pk, made.created_at

    def log_addition(self, request, obj, message):
        """`assign` has recorded it already."""

    @admin.display(description=_("where"))
    def where(self, obj):
        return obj.place
