"""What every admin page shares: audit, scope, names for controls, history."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from exams.admin.exports import ExportMixin
from exams.admin.paging import BoundedPaginator
from exams.admin.words import name_columns
from exams.domain.administration import record_admin_write, subject_of
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.models import AuditEntry, Paper, Project, Room, Session
from exams.queries.acts import act_words
from exams.queries.audit_trail import name_people
from exams.queries.fact_words import fact_lines
from exams.queries.scope import scoped

# From a row that a form may point at, the way to its project.
PROJECT_PATHS = {
    Project: "pk",
    Session: "project",
    Room: "session__project",
    Paper: "project",
}
HISTORY_ROWS = 50


class NamedControls:
    """Every control gets an accessible name, also where the stock form has none."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name_columns(self.model)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None or db_field.is_relation:
            return field
        parts = getattr(field.widget, "widgets", None)
        if parts:
            for widget, word in zip(parts, (_("date"), _("time")), strict=False):
                widget.attrs["aria-label"] = f"{db_field.verbose_name} {word}"
        elif not getattr(field.widget, "use_fieldset", False):
            field.widget.attrs.setdefault("aria-label", db_field.verbose_name)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        path = PROJECT_PATHS.get(db_field.related_model)
        if path:
            kwargs["queryset"] = scoped(
                db_field.related_model.objects.all(), path, request.user
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class NamedInlineFormSet(BaseInlineFormSet):
    """A formset whose delete tick says what it deletes."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if delete := form.fields.get("DELETE"):
            named = form.instance if form.instance.pk else ""
            delete.widget.attrs["aria-label"] = f"{_('Delete')} {named}".strip()


class AuditedAdmin(NamedControls, ExportMixin, admin.ModelAdmin):
    """A form whose every write is audited with field names, in its transaction.

    `project_path` leads from the row to its project; without it only superusers
    see the rows. Nothing is deleted unless a class says so.
    """

    project_path = ""
    actions = None
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    object_history_template = "admin/audit_history.html"

    def get_queryset(self, request):
        return scoped(super().get_queryset(request), self.project_path, request.user)

    def has_module_permission(self, request):
        return self._is_in_scope(request) and super().has_module_permission(request)

    def has_view_permission(self, request, obj=None):
        return self._is_in_scope(request) and super().has_view_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        inside = self._is_in_scope(request)
        return inside and super().has_change_permission(request, obj)

    def has_add_permission(self, request):
        return self._is_in_scope(request) and super().has_add_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def log_addition(self, request, obj, message):
        self._record("admin.add", request, obj, message)

    def log_change(self, request, obj, message):
        self._record("admin.change", request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            self._record("admin.delete", request, obj, [])

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(
                request, self.opts, str(object_id)
            )
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        entries = AuditEntry.objects.filter(subject=subject_of(obj)).order_by("-at")
        page = Paginator(entries, HISTORY_ROWS).get_page(request.GET.get("p", 1))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % obj,
            "entries": page,
            "acts": [
                (entry, act_words(entry.action), fact_lines(entry))
                for entry in name_people(list(page))
            ],
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, self.object_history_template, context)

    def _is_in_scope(self, request: HttpRequest) -> bool:
        return bool(self.project_path) or request.user.is_superuser

    def _record(self, action: str, request: HttpRequest, obj: Model, message) -> None:
        record_admin_write(
            action,
            obj,
            fields=_field_names(message),
            by=Actor.of_staff(request.user),
            at=clock.now(),
        )


class ReadOnlyAdmin(AuditedAdmin):
    """Evidence and derived rows: looked at, never written here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class ReadOnlyInline(NamedControls, admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def _field_names(message: object) -> list[str]:
    """Return the labels of the changed fields in Django's change message."""
    found = []
    for part in message if isinstance(message, list) else []:
        for verb, what in part.items():
            prefix = f"{what['name']}: " if "name" in what else ""
            found += [f"{prefix}{field}" for field in what.get("fields", [])]
            if prefix and verb != "changed":
                found.append(f"{prefix}{verb}")
    return found
