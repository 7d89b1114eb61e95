"""Papers: written as drafts; once sealed, no page shows a text to one person alone."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import badge
from exams.admin.base import AuditedAdmin, NamedControls, NamedInlineFormSet
from exams.admin.reading_page import READ
from exams.admin.room_pages import PagesMixin
from exams.admin.steps import Step, StepsMixin
from exams.domain.papers import doubts_of, require_draft, seal_paper
from exams.kernel.fields import SealedTextField
from exams.models import Criterion, Paper, Question


class DraftInline(NamedControls, admin.StackedInline):
    """Lines of a draft; a sealed paper has none here, so nothing is decrypted."""

    formset = NamedInlineFormSet
    extra = 0

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, SealedTextField):
            field.widget.attrs["rows"] = 2 if db_field.name == "name" else 5
        return field


class QuestionInline(DraftInline):
    model = Question
    fields = [("number", "seconds"), "text"]


class CriterionInline(DraftInline):
    model = Criterion
    fields = [("position", "max_mark", "weight"), "name", "reference"]


SEAL = Step(
    name="seal",
    title=_("Seal the paper"),
    effect=_(
        "The questions are encrypted for the candidates and closed: no page shows or "
        "changes them until the start."
    ),
    final=_("Sealing cannot be undone. The freeze seals by itself what is not sealed."),
    done=_("The paper is sealed."),
    act=lambda row, by, at, reason: seal_paper(row, by=by, at=at),
    fits=lambda row: row.sealed_at is None,
    extent=lambda row: (
        _("Questions: %(questions)s; criteria: %(criteria)s.")
        % {"questions": row.questions.count(), "criteria": row.criteria.count()}
    ),
    cautions=lambda row, at: [str(one) for one in doubts_of(row)],
    tone="warn",
)


@admin.register(Paper)
class PaperAdmin(PagesMixin, StepsMixin, AuditedAdmin):
    steps = (SEAL,)
    pages = (READ,)
    change_form_template = "admin/steps_change_form.html"
    project_path = "project"
    inlines = [QuestionInline, CriterionInline]
    list_display = ["title", "project", "shown_seal"]
    list_select_related = ["project"]
    search_fields = ["title"]
    fields = ["project", "title", "shown_seal"]
    readonly_fields = ["shown_seal"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("bundle", "bundle_key")

    def get_inlines(self, request, obj):
        return [] if obj and obj.sealed_at else self.inlines

    def has_change_permission(self, request, obj=None):
        sealed = obj is not None and obj.sealed_at
        return not sealed and super().has_change_permission(request, obj)

    def page_fits(self, page, row):
        return row.sealed_at is not None

    def save_model(self, request, obj, form, change):
        require_draft(obj)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("seal"), ordering="sealed_at")
    def shown_seal(self, obj):
        if obj.sealed_at:
            return badge(_("Sealed; its texts are closed"), "ok", "seal")
        return badge(_("Draft"), "idle", "pen")
