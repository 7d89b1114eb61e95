"""Projects: access, support hours, rules and how long things are kept."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.validators import validate_slug
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from exams.admin.base import (
    AuditedAdmin,
    NamedControls,
    NamedInlineFormSet,
    ReadOnlyInline,
)
from exams.admin.local_times import LocalDateTimeField, LocalTimesMixin, reading_field
from exams.admin.steps import Step, StepForm, StepsMixin
from exams.domain.audit import Actor
from exams.domain.copying import copy_project, sealed_papers
from exams.domain.setup import state_hours
from exams.models import Document, Project, SupportHours

LONGEST_MOVE = 3660


class CopyForm(StepForm):
    """A new address and title, and by how many days every date moves."""

    slug = forms.SlugField(label=_("New address"), max_length=40)
    title = forms.CharField(
        label=_("New title"), max_length=200, widget=forms.TextInput
    )
    days = forms.IntegerField(
        label=_("Move every date by (days)"),
        min_value=-LONGEST_MOVE,
        max_value=LONGEST_MOVE,
        initial=0,
    )

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        validate_slug(slug)
        if Project.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("Another project has this address."))
        return slug


def _copy_form(project: Project, data: QueryDict | None) -> CopyForm:
    return CopyForm(data, initial={"title": project.title})


def _sealed_words(project: Project) -> list:
    count = sealed_papers(project)
    if not count:
        return []
    return [
        _("%(count)s sealed papers stay behind: nobody opens them for a copy.")
        % {"count": count}
    ]


COPY = Step(
    name="copy",
    title=_("Copy the project"),
    effect=_(
        "A new project gets the settings, support hours, articles, documents, draft "
        "papers, sessions and rooms. Sessions and documents become drafts."
    ),
    final=_("No person, role, draw, recording or result goes along."),
    done=_("The project is copied. Look for it in the list."),
    do=lambda row, staff, at, answers: copy_project(
        row,
        slug=answers["slug"],
        title=answers["title"],
        days=answers["days"],
        by=Actor.of_staff(staff),
        at=at,
    ),
    form=_copy_form,
    # A project of one's own would have no administrator: superusers make them.
    who=lambda staff: staff.is_superuser,
    fits=lambda row: True,
    extent=lambda row: (
        _("Sessions: %(sessions)s; documents: %(documents)s; papers: %(papers)s.")
        % {
            "sessions": row.sessions.count(),
            "documents": row.documents.count(),
            "papers": row.papers.count(),
        }
    ),
    cautions=lambda row, at: _sealed_words(row),
)


class ProjectForm(LocalTimesMixin, forms.ModelForm):
    local_times = ("access_opens_at", "access_closes_at")
    access_opens_at = LocalDateTimeField(
        label=capfirst(_("access opens")),
        widget=AdminSplitDateTime,
        help_text=_("From then on candidates find the entry page (R1)."),
    )
    access_opens_at_reading = reading_field(_("which of the two"))
    access_closes_at = LocalDateTimeField(
        label=capfirst(_("access closes")),
        widget=AdminSplitDateTime,
        help_text=_("Every session and mock test ends before."),
    )
    access_closes_at_reading = reading_field(_("which of the two"))

    class Meta:
        model = Project
        fields = "__all__"
        help_texts = {
            "slug": _("The last part of the candidates' address: /p/…/"),
            "time_zone": _("The zone of the access period and the support hours."),
            "hotline_hours": _(
                "As candidates read it. Empty: written from the hours below."
            ),
            "rules": _("What candidates read beside the hotline on the entry page."),
            "keep_camera_days": _("Counted from the release of the results."),
            "keep_id_check_days": _("No longer than needed: these are faces."),
            "keep_logs_days": _("At least as long as every recording they explain."),
        }

    def clean(self):
        cleaned = super().clean()
        opens = self.cleaned_data.get("access_opens_at")
        closes = self.cleaned_data.get("access_closes_at")
        if opens and closes and opens >= closes:
            self.add_error("access_opens_at", _("This must be before the closing."))
            self.add_error("access_closes_at", _("This must be after the opening."))
        logs = self.cleaned_data.get("keep_logs_days")
        for name in ("keep_camera_days", "keep_screen_days", "keep_phone_days"):
            kept = self.cleaned_data.get(name)
            if logs and kept and kept > logs:
                text = _("Logs are kept at least as long as recordings.")
                self.add_error(name, text)
                self.add_error("keep_logs_days", text)
                break
        return cleaned


class SupportHoursInline(NamedControls, admin.TabularInline):
    model = SupportHours
    formset = NamedInlineFormSet
    extra = 0
    fields = ["first_day", "last_day", "opens", "closes"]


class DocumentInline(ReadOnlyInline):
    model = Document
    fields = ["kind", "title", "language", "version", "published_at"]
    readonly_fields = fields
    show_change_link = True
    ordering = ["kind", "title", "version"]


@admin.register(Project)
class ProjectAdmin(StepsMixin, AuditedAdmin):
    form = ProjectForm
    steps = (COPY,)
    project_path = "pk"
    change_form_template = "admin/steps_change_form.html"
    inlines = [SupportHoursInline, DocumentInline]
    list_display = ["title", "slug", "access_opens_at", "access_closes_at", "hotline"]
    search_fields = ["title", "slug"]
    ordering = ["-access_opens_at"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "rules"]}),
        (
            _("Access and help"),
            {
                "fields": [
                    "time_zone",
                    "access_opens_at",
                    "access_opens_at_reading",
                    "access_closes_at",
                    "access_closes_at_reading",
                    ("hotline", "hotline_hours"),
                ]
            },
        ),
        (
            _("How long things are kept"),
            {
                "description": _(
                    "Days after the release of the results. What is due then is "
                    "deleted when two administrators agree: “Due to be deleted”."
                ),
                "fields": [
                    ("keep_camera_days", "keep_screen_days"),
                    ("keep_phone_days", "keep_id_check_days"),
                    ("keep_chat_days", "keep_logs_days"),
                ],
            },
        ),
    ]

    def has_add_permission(self, request):
        # A project of one's own would have no administrator: superusers make them.
        return request.user.is_superuser

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        state_hours(form.instance)
