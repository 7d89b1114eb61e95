"""Declared conflicts: what was declared, whom it met, and what was a namesake."""

from django import forms
from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from candidates.domain.conflicts import (
    MAX_LENGTH,
    declare,
    lift_match,
    read_value,
    withdraw,
)
from candidates.enums import ConflictKind, MatchState
from candidates.models import ConflictMatch, DeclaredConflict
from candidates.queries.conflicts import shown_value
from exams.admin.badges import badge, state_badge
from exams.admin.base import AuditedAdmin, ReadOnlyInline
from exams.admin.steps import Step, StepForm, StepsMixin, may_step
from exams.domain.administration import REASON_LENGTH, carry_out
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Staff
from exams.queries.examiner import EXAMINERS

MATCHES = {
    MatchState.EXCLUDED: ("ok", "lock"),
    MatchState.TOO_LATE: ("bad", "warn"),
    MatchState.LIFTED: ("idle", "none"),
}
WITHDRAW = Step(
    name="withdraw",
    title=_("Withdraw the conflict"),
    effect=_("What it alone excluded is lifted, and later rosters are not matched."),
    final=_("Attempts whose scoring is over keep their panel; then this is refused."),
    done=_("The conflict is withdrawn."),
    act=lambda row, by, at, reason: withdraw(row, reason=reason, by=by, at=at),
    fits=lambda row: row.withdrawn_at is None,
    extent=lambda row: (
        _("Excluded now: %(count)s")
        % {"count": row.matches.filter(state=MatchState.EXCLUDED).count()}
    ),
    tone="warn",
)
LIFT = Step(
    name="lift",
    title=_("Lift this exclusion"),
    effect=_("The examiner may score this attempt: it was somebody else."),
    final=_("The declaration stays and goes on excluding others."),
    done=_("The exclusion is lifted."),
    act=lambda row, by, at, reason: lift_match(row, reason=reason, by=by, at=at),
    fits=lambda row: row.state == MatchState.EXCLUDED,
    extent=lambda row: (
        _("%(ticket)s %(name)s, attempt %(code)s")
        % {
            "ticket": row.candidate.ticket_number,
            "name": row.candidate.name,
            "code": row.attempt.code,
        }
    ),
    tone="warn",
)


class ConflictForm(forms.ModelForm):
    """A conflict that an administrator enters for an examiner."""

    text = forms.CharField(
        label=_("Name, last six, institution or ticket number"), max_length=MAX_LENGTH
    )
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH)

    class Meta:
        model = DeclaredConflict
        fields = ["project", "staff", "kind"]

    def clean(self):
        cleaned = super().clean()
        project, text = cleaned.get("project"), cleaned.get("text")
        if project and text and cleaned.get("kind"):
            try:
                read_value(project, kind=cleaned["kind"], value=text)
            except Refusal as refusal:
                self.add_error("text", str(refusal))
        return cleaned


class MatchInline(ReadOnlyInline):
    model = ConflictMatch
    fields = ["person", "where", "shown_state", "at", "lifting"]
    readonly_fields = fields

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related("candidate", "attempt__session", "attempt__room")

    @admin.display(description=_("candidate"))
    def person(self, obj):
        return f"{obj.candidate.ticket_number} {obj.candidate.name}"

    @admin.display(description=_("session"))
    def where(self, obj):
        return f"{obj.attempt.session} · {obj.attempt.room or '—'}"

    @admin.display(description=_("state"))
    def shown_state(self, obj):
        return state_badge(MATCHES, obj.state, obj.get_state_display())

    @admin.display(description=_("wrong person"))
    def lifting(self, obj):
        if obj.state != MatchState.EXCLUDED:
            return "—"
        url = reverse("admin:conflict_lift", args=[obj.conflict_id, obj.pk])
        return format_html('<a href="{}">{}</a>', url, _("Lift"))


@admin.register(DeclaredConflict)
class DeclaredConflictAdmin(StepsMixin, AuditedAdmin):
    """Entered, matched with the roster at once, withdrawn with a reason."""

    form = ConflictForm
    inlines = [MatchInline]
    steps = (WITHDRAW,)
    project_path = "project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["staff", "kind", "shown", "project", "declared_at", "stands"]
    list_select_related = ["staff", "project"]
    list_filter = ["kind"]
    search_fields = ["staff__username", "staff__first_name"]
    search_help_text = _("Account or name of the examiner")
    ordering = ["-declared_at", "-pk"]

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["project", "staff", "kind", "text", "reason"]
        return ["project", "staff", "kind", "shown", "reason", "declared_by", "stands"]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_urls(self):
        lift = path(
            "<path:object_id>/lift/<int:match>/",
            self.admin_site.admin_view(self.lift_view),
            name="conflict_lift",
        )
        return [lift, *super().get_urls()]

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "staff":
            held = Staff.objects.filter(is_active=True, assignments__role__in=EXAMINERS)
            field.queryset = held.distinct().order_by("username")
        return field

    def add_view(self, request, form_url="", extra_context=None):
        try:
            return super().add_view(request, form_url, extra_context)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())

    def save_model(self, request, obj, form, change):
        made = declare(
            obj.project,
            staff=obj.staff,
            kind=obj.kind,
            value=form.cleaned_data["text"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=clock.now(),
        )
        obj.pk, obj.code = made.pk, made.code

    def log_addition(self, request, obj, message):
        """`declare` has recorded it already."""

    def lift_view(self, request, object_id, match):
        conflict = self.get_object(request, object_id)
        row = conflict and conflict.matches.filter(pk=match).first()
        if row is None:
            raise Http404
        if not may_step(self, request, conflict):
            raise NotAllowed
        form, refusal = StepForm(request.POST or None), None
        back = reverse("admin:candidates_declaredconflict_change", args=[conflict.pk])
        if request.method == "POST" and form.is_valid():
            try:
                self._lift(request, row, form.cleaned_data["reason"])
            except Refusal as error:
                refusal = error
            else:
                messages.success(request, LIFT.done)
                return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": LIFT.title,
            "opts": self.opts,
            "row": conflict,
            "step": LIFT,
            "extent": LIFT.extent(row),
            "form": form,
            "refusal": refusal,
            "back": back,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/step.html", context, status=status)

    def _lift(self, request, row, reason):
        by, at = Actor.of_staff(request.user), clock.now()
        carry_out(
            lambda: LIFT.act(row, by, at, reason),
            row,
            step=LIFT.name,
            reason=reason,
            by=by,
            at=at,
        )

    @admin.display(description=_("value"))
    def shown(self, obj):
        return shown_value(obj)

    @admin.display(description=_("state"), ordering="withdrawn_at")
    def stands(self, obj):
        if obj.withdrawn_at:
            return badge(_("Withdrawn"), "idle", "none")
        return badge(_("Stands"), "ok", "ok")


def examiners_excluded(candidate) -> str:
    """Return who may not score this candidate, each with the conflict behind it."""
    rows = ConflictMatch.objects.filter(
        candidate=candidate, state=MatchState.EXCLUDED
    ).select_related("conflict__staff")
    links = {
        (
            reverse("admin:candidates_declaredconflict_change", args=[row.conflict_id]),
            f"{row.conflict.staff} ({ConflictKind(row.conflict.kind).label})",
        )
        for row in rows
    }
    return format_html_join(", ", '<a href="{}">{}</a>', sorted(links)) or "—"
