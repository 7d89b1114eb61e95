"""API tokens: made and shown once, seen with their last use, revoked."""

from django import forms
from django.contrib import admin
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import badge
from exams.admin.base import AuditedAdmin
from exams.admin.steps import Step, StepsMixin
from exams.domain.api_tokens import MOST_DAYS, make_token, revoke_token
from exams.enums import Scope
from exams.kernel import clock
from exams.models import ApiToken

REVOKE = Step(
    name="revoke-token",
    title=_("Revoke the token"),
    effect=_("Whoever uses it is refused from now on."),
    final=_("A revoked token is never valid again; make a new one."),
    done=_("The token is revoked."),
    act=lambda row, by, at, reason: revoke_token(row, by=by, at=at),
    fits=lambda row: row.revoked_at is None,
    extent=lambda row: _("Used by: %(name)s") % {"name": row.name},
    tone="bad",
)


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("May read"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Valid for days"), min_value=1, max_value=MOST_DAYS, initial=90
    )

    class Meta:
        model = ApiToken
        fields = ["project", "name", "scopes"]


@admin.register(ApiToken)
class ApiTokenAdmin(StepsMixin, AuditedAdmin):
    """A token is made and revoked, never changed."""

    form = TokenForm
    steps = (REVOKE,)
    project_path = "project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["name", "project", "head", "may", "last_used_at", "valid"]
    list_select_related = ["project"]
    search_fields = ["name", "head"]
    ordering = ["-made_at", "-pk"]

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["project", "name", "scopes", "days"]
        times = ["made_by", "made_at", "expires_at", "last_used_at"]
        return ["project", "name", "head", "may", "valid", *times]

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        made, obj.secret = make_token(
            obj.project,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            days=form.cleaned_data["days"],
            by=request.user,
            at=clock.now(),
        )
        obj.pk = made.pk

    def log_addition(self, request, obj, message):
        """`make_token` has recorded it already."""

    def response_add(self, request, obj, post_url_continue=None):
        """Show the secret on this reply and never again."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The token is made"),
            "row": obj,
            "secret": obj.secret,
        }
        return TemplateResponse(request, "admin/token_made.html", context)

    @admin.display(description=_("may read"))
    def may(self, obj):
        return ", ".join(str(Scope(scope).label) for scope in obj.scopes)

    @admin.display(description=_("state"), ordering="expires_at")
    def valid(self, obj):
        if obj.revoked_at:
            return badge(_("Revoked"), "bad", "none")
        if obj.expires_at <= clock.now():
            return badge(_("Expired"), "idle", "clock")
        return badge(_("Valid"), "ok", "ok")
