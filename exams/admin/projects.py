"""Projects and the documents that candidates read."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from exams.admin.base import AuditedAdmin, ReadOnlyInline
from exams.admin.steps import Step, StepsMixin
from exams.domain.projects import AlreadyPublished, publish_document
from exams.models import Document, Project

PUBLISH = Step(
    name="publish",
    title=_("Publish the document"),
    effect=_("Candidates of the project read this text from now on."),
    final=_("A published version is never changed; a new version replaces it."),
    done=_("The document is published."),
    act=lambda row, by, at, reason: publish_document(row, by=by, at=at),
    fits=lambda row: row.published_at is None,
    extent=lambda row: (
        _("Version %(version)s of “%(title)s”.")
        % {"version": row.version, "title": row.title}
    ),
)


class ProjectForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = "__all__"
        help_texts = {
            "slug": _("The last part of the candidates' address: /p/…/"),
            "hotline_hours": _("For example 09:00–18:00, Beijing time."),
        }

    def clean(self):
        cleaned = super().clean()
        opens, closes = cleaned.get("access_opens_at"), cleaned.get("access_closes_at")
        if opens and closes and opens >= closes:
            self.add_error("access_closes_at", _("This must be after the opening."))
        return cleaned


class DocumentInline(ReadOnlyInline):
    model = Document
    fields = ["kind", "title", "version", "published_at"]
    readonly_fields = fields
    show_change_link = True
    ordering = ["kind", "title", "version"]


@admin.register(Project)
class ProjectAdmin(AuditedAdmin):
    form = ProjectForm
    project_path = "pk"
    inlines = [DocumentInline]
    list_display = ["title", "slug", "access_opens_at", "access_closes_at", "hotline"]
    search_fields = ["title", "slug"]
    ordering = ["-access_opens_at"]
    fieldsets = [
        (None, {"fields": ["title", "slug"]}),
        (
            _("Access and help"),
            {
                "fields": [
                    ("access_opens_at", "access_closes_at"),
                    ("hotline", "hotline_hours"),
                ]
            },
        ),
    ]

    def has_add_permission(self, request):
        # A project of one's own would have no administrator: superusers make them.
        return request.user.is_superuser


@admin.register(Document)
class DocumentAdmin(StepsMixin, AuditedAdmin):
    """A draft is edited; a published version is read, and followed by a new one."""

    steps = (PUBLISH,)
    project_path = "project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["title", "kind", "version", "project", "published_at"]
    list_select_related = ["project"]
    list_filter = ["kind"]
    search_fields = ["title"]
    readonly_fields = ["published_at", "next_version"]
    fields = [
        "project",
        ("kind", "version"),
        "title",
        "body",
        "published_at",
        "next_version",
    ]

    def has_change_permission(self, request, obj=None):
        published = obj is not None and obj.published_at
        return not published and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj) and obj is not None

    def save_model(self, request, obj, form, change):
        stored = Document.objects.select_for_update().filter(pk=obj.pk)
        if stored.filter(published_at__isnull=False).exists():
            raise AlreadyPublished
        super().save_model(request, obj, form, change)

    @admin.display(description=_("next version"))
    def next_version(self, obj):
        if not obj.published_at:
            return _("This is a draft; candidates do not see it yet.")
        return format_html(
            '<a href="{}?project={}&amp;kind={}&amp;version={}&amp;title={}">{}</a>',
            reverse("admin:exams_document_add"),
            obj.project_id,
            obj.kind,
            obj.version + 1,
            obj.title,
            _("Write the next version"),
        )
