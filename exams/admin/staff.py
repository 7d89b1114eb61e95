"""People who work, and their roles."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exams.admin.assignments import SCOPES, AssignmentForm
from exams.admin.badges import badge, yes_or_no
from exams.admin.base import (
    AuditedAdmin,
    NamedControls,
    NamedInlineFormSet,
)
from exams.admin.room_pages import Page, PagesMixin, ReasonForm, page_url, shown
from exams.admin.steps import Step, StepsMixin
from exams.domain import accounts, second_factor, sign_in_locks
from exams.domain.administration import carry_out
from exams.domain.audit import Actor
from exams.domain.staff import assign, unassign
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Assignment, Staff
from exams.queries.scope import administered

LINK, PASSWORD = "link", "password"


def _who(row: Staff):
    return _("Account: %(name)s") % {"name": row.username}


STEPS = (
    Step(
        name="deactivate",
        title=_("Deactivate the account"),
        effect=_(
            "The person signs in no more. Every page and connection that is open now "
            "ends within seconds."
        ),
        final=_("Roles and everything done stay. The account can be opened again."),
        done=_("The account is deactivated."),
        act=lambda row, by, at, reason: accounts.deactivate(row, by=by, at=at),
        fits=lambda row: row.is_active,
        extent=_who,
        tone="bad",
    ),
    Step(
        name="activate",
        title=_("Open the account again"),
        effect=_("The person may sign in again, with the roles of before."),
        final=_("Sign-ins that were ended stay ended."),
        done=_("The account is open again."),
        act=lambda row, by, at, reason: accounts.activate(row, by=by, at=at),
        fits=lambda row: not row.is_active,
        extent=_who,
    ),
    Step(
        name="unlock",
        title=_("Unlock the sign-in"),
        effect=_("Wrong passwords of before no longer count."),
        final=_("The password stays as it is."),
        done=_("The sign-in is unlocked."),
        act=lambda row, by, at, reason: sign_in_locks.unlock(row, by=by, at=at),
        fits=lambda row: sign_in_locks.locked_until(row, at=clock.now()) is not None,
        extent=_who,
    ),
    Step(
        name="drop-second-step",
        title=_("Remove the second step"),
        effect=_("For a lost telephone: the next sign-in sets up a new app."),
        final=_("The app and the recovery codes of before no longer count."),
        done=_("The second step is removed."),
        act=lambda row, by, at, reason: second_factor.remove(row, by=by, at=at),
        fits=second_factor.is_enrolled,
        extent=_who,
        tone="warn",
    ),
)


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


class AccountForm(forms.ModelForm):
    """A new account; its first password is given on the next page."""

    class Meta:
        model = Staff
        fields = ["username", "first_name"]

    def save(self, commit=True):
        self.instance.set_unusable_password()
        return super().save(commit)


class ResetForm(ReasonForm):
    way = forms.ChoiceField(
        label=_("How"),
        choices=[
            (LINK, pgettext_lazy("reset", "A link, once, within 24 hours")),
            (PASSWORD, pgettext_lazy("reset", "A temporary password")),
        ],
    )
    field_order = ["way", "reason"]


def reset(model_admin, request, staff):
    """Give a link or a temporary password, shown once on the reply."""
    form, refusal = ResetForm(request.POST or None), None
    context = {"title": _("Give a new password"), "form": form}
    if request.method == "POST" and form.is_valid():
        way = form.cleaned_data["way"]
        try:
            secret = _given(request, staff, way, form.cleaned_data["reason"])
        except Refusal as error:
            refusal = error
        else:
            context |= {"secret": secret, "is_link": way == LINK}
    return shown(
        model_admin, request, "admin/reset.html", row=staff, refusal=refusal, **context
    )


def _given(request, staff: Staff, way: str, reason: str) -> str:
    act = accounts.give_link if way == LINK else accounts.give_password
    by, at = Actor.of_staff(request.user), clock.now()
    return carry_out(
        lambda: act(staff, by=by, at=at),
        staff,
        step="reset",
        reason=reason,
        by=by,
        at=at,
    )


@admin.register(Staff)
class StaffAdmin(PagesMixin, StepsMixin, AuditedAdmin, UserAdmin):
    """Only superusers touch other administrators, or people of other projects."""

    project_path = "assignments__project"
    inlines = [AssignmentInline]
    steps = STEPS
    pages = (Page("reset", _("Give a new password"), reset),)
    change_form_template = "admin/steps_change_form.html"
    add_form_template = "admin/change_form.html"
    add_form = AccountForm
    list_display = ["username", "first_name", "opens", "active", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "first_name"]
    ordering = ["username"]
    filter_horizontal = []
    readonly_fields = [
        "last_login",
        "date_joined",
        "opens",
        "active",
        "second_step",
        "locked",
    ]
    add_fieldsets = [(None, {"fields": ["username", "first_name"]})]
    fieldsets = [
        (None, {"fields": ["username", "first_name"]}),
        (
            _("Access"),
            {
                "fields": [
                    ("active", "opens"),
                    ("second_step", "locked"),
                    ("last_login", "date_joined"),
                ]
            },
        ),
    ]

    def get_queryset(self, request):
        return admin.ModelAdmin.get_queryset(self, request)

    def get_urls(self):
        # Nobody types a password for somebody else; it is given on its own page.
        urls = super().get_urls()
        return [url for url in urls if url.name != "auth_user_password_change"]

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

    def may_act(self, request, row):
        """Return whether the person may do the steps of this account."""
        return self.has_change_permission(request, row)

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(
            request, _("The account is made. Give its first password now.")
        )
        return redirect(page_url(obj, "reset"))

    @admin.display(description=_("may open the administration"), ordering="is_staff")
    def opens(self, obj):
        return yes_or_no(obj.is_staff)

    @admin.display(description=_("active"), ordering="is_active")
    def active(self, obj):
        return yes_or_no(obj.is_active)

    @admin.display(description=_("second step"))
    def second_step(self, obj):
        if second_factor.is_enrolled(obj):
            return badge(_("Set up"), "ok", "ok")
        if second_factor.is_required(obj):
            return badge(_("Set up at the next sign-in"), "warn", "warn")
        return badge(_("Not set up"), "idle", "none")

    @admin.display(description=_("sign-in"))
    def locked(self, obj):
        until = sign_in_locks.locked_until(obj, at=clock.now())
        if until is None:
            return badge(_("Not locked"), "idle", "none")
        word = _("Locked until %(time)s") % {
            "time": date_format(timezone.localtime(until), "H:i:s")
        }
        return badge(word, "bad", "lock")

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
