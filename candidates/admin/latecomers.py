"""Candidates who come on a frozen roster: asked for here, agreed to by another."""

from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from candidates.domain.latecomers import (
    PersonUnsound,
    agree_latecomer,
    check_latecomer,
    propose_latecomer,
)
from candidates.domain.roster_rows import FIELDS, LIMITS, REQUIRED
from candidates.models import Latecomer
from candidates.queries.latecomers import person_lines
from candidates.queries.roster import FIELD_NAMES, problem_text
from exams.admin.badges import badge
from exams.admin.base import AuditedAdmin
from exams.admin.steps import Step, StepForm, StepsMixin
from exams.domain.administration import REASON_LENGTH
from exams.enums import SessionKind, SessionState
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.queries.scope import scoped

AGREE = Step(
    name="agree",
    title=_("Agree and enrol"),
    effect=_(
        "The person comes on the roster with the next number behind it; the transcript "
        "of the draw lists them apart. They sign in like everybody else."
    ),
    final=_("It is not undone. No window moves, and nobody gets more time."),
    done=_("The candidate is enrolled."),
    do=lambda row, staff, at, answers: agree_latecomer(row, by=staff, at=at),
    form=lambda row, data: StepForm(data, code=row.session.code),
    fits=lambda row: row.done_at is None,
    extent=lambda row: ", ".join(f"{name} {text}" for name, text in person_lines(row)),
    typed=True,
    tone="warn",
)


class LatecomerForm(forms.ModelForm):
    """The cells of one row of the roster, and why it comes late."""

    reason = forms.CharField(
        label=_("Why you do this"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Latecomer
        fields = ["session"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name] = forms.CharField(
                label=capfirst(FIELD_NAMES[name]),
                required=name in REQUIRED,
                # The domain says what is too long, with how much it may be.
                max_length=4 * LIMITS[name],
            )
        self.order_fields(["session", *FIELDS, "reason"])

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            check_latecomer(cleaned["session"], person=cleaned, at=clock.now())
        except PersonUnsound as refusal:
            for problem in refusal.problems:
                name = FIELD_NAMES[problem.field]
                self.add_error(problem.field, f"{name}: {problem_text(problem)}")
        except Refusal as refusal:
            self.add_error(None, str(refusal))
        return cleaned


@admin.register(Latecomer)
class LatecomerAdmin(StepsMixin, AuditedAdmin):
    """Asked for on a form, enrolled by the second person's confirm page."""

    form = LatecomerForm
    steps = (AGREE,)
    project_path = "session__project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["ticket_number", "session", "asked_at", "asked_by", "stands"]
    list_select_related = ["session", "approval__requested_by"]
    search_fields = ["ticket_number"]
    ordering = ["-approval__requested_at"]

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["session", *FIELDS, "reason"]
        return ["session", "person_shown", "asked_by", "asked_at", "why", "stands"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        # The cells are no columns of the row; Django must not look for them there.
        return super().get_form(
            request, obj, change, **kwargs | {"fields": ["session"]}
        )

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        inside = scoped(field.queryset, "project", request.user)
        field.queryset = inside.filter(
            frozen_at__isnull=False,
            state=SessionState.PUBLISHED,
            kind=SessionKind.FORMAL,
        )
        return field

    def render_change_form(self, request, context, *args, **kwargs):
        # One person, one reason, one second signature: there is no next one to type.
        alone = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | alone, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        made = propose_latecomer(
            obj.session,
            person=form.cleaned_data,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=clock.now(),
        )
        obj.pk, obj.code = made.pk, made.code
        obj.ticket_number = made.ticket_number

    def log_addition(self, request, obj, message):
        """The asking for approval has recorded it already."""

    @admin.display(description=_("candidate"))
    def person_shown(self, obj):
        return format_html_join("\n", "<div>{}: {}</div>", person_lines(obj))

    @admin.display(description=_("asked for"), ordering="approval__requested_at")
    def asked_at(self, obj):
        return obj.approval.requested_at

    @admin.display(description=_("asked for by"))
    def asked_by(self, obj):
        return obj.approval.requested_by

    @admin.display(description=_("reason"))
    def why(self, obj):
        return obj.approval.reason

    @admin.display(description=_("state"), ordering="done_at")
    def stands(self, obj):
        if obj.done_at:
            return badge(_("Enrolled"), "ok", "ok")
        if obj.approval.expires_at <= clock.now():
            return badge(_("Out of time"), "idle", "clock")
        return badge(_("Waits for a second administrator"), "warn", "wait")
