"""Letters to candidates: templates, permissions, and each sending."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from candidates.admin import mail_pages
from candidates.admin.mail_steps import STEPS
from candidates.domain.mail_texts import PLACEHOLDERS, check, check_subject
from candidates.enums import MailAudience, MailingState
from candidates.models import Mailing, MailPermit, MailTemplate
from exams.admin.badges import yes_or_no
from exams.admin.base import AuditedAdmin
from exams.admin.own_pages import OwnPagesAdmin
from exams.admin.steps import StepsMixin
from exams.enums import SessionKind
from exams.kernel.errors import Refusal
from exams.models import Session

STATES = {
    MailingState.DRAFT: ("warn", "pen"),
    MailingState.SENDING: ("info", "send"),
    MailingState.STOPPED: ("warn", "pause"),
    MailingState.FINISHED: ("ok", "ok"),
    MailingState.DISCARDED: ("idle", "none"),
}


class TemplateForm(forms.ModelForm):
    """Subject and text, each placeholder checked by name."""

    class Meta:
        model = MailTemplate
        fields = ["project", "title", "language", "subject", "body"]
        help_texts = {
            "title": _("For yourself, for example: Invitation."),
            "body": _("Plain text. The placeholders are listed below."),
        }

    def clean_subject(self):
        return self._checked("subject", check_subject)

    def clean_body(self):
        return self._checked("body", check)

    def _checked(self, name, test):
        try:
            return test(self.cleaned_data[name])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


@admin.register(MailTemplate)
class MailTemplateAdmin(AuditedAdmin):
    """What letters say; a letter keeps the words it was drafted with."""

    form = TemplateForm
    project_path = "project"
    list_display = ["title", "language", "subject", "project"]
    list_select_related = ["project"]
    list_filter = ["language"]
    search_fields = ["title", "subject"]
    ordering = ["project", "title", "language"]
    readonly_fields = ["placeholders"]
    fields = ["project", ("title", "language"), "subject", "body", "placeholders"]

    @admin.display(description=_("placeholders"))
    def placeholders(self, obj):
        return format_html_join(
            "",
            "<p><code>{{{}}}</code> {}</p>",
            ((name, words) for name, words in PLACEHOLDERS.items()),
        )


@admin.register(MailPermit)
class MailPermitAdmin(AuditedAdmin):
    """Session by session: may its candidates be written to."""

    project_path = "session__project"
    list_display = ["session", "is_allowed", "untested"]
    list_select_related = ["session"]
    search_fields = ["session__title", "session__code"]
    ordering = ["-session__starts_at"]
    fields = ["session", "allowed"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "session":
            field.queryset = field.queryset.filter(kind=SessionKind.FORMAL)
        return field

    def get_readonly_fields(self, request, obj=None):
        return ["session"] if obj else []

    @admin.display(description=_("mock tests"))
    def untested(self, obj):
        url = reverse("admin:mailing_untested", args=[obj.session_id])
        return format_html('<a href="{}">{}</a>', url, _("Who never tested"))

    @admin.display(description=_("letters may be sent"), ordering="allowed")
    def is_allowed(self, obj):
        return yes_or_no(obj.allowed)


class MailingForm(forms.Form):
    """Which words, to whom; both choices come from the caller's scope."""

    session = forms.ModelChoiceField(
        label=_("Session"), queryset=Session.objects.none()
    )
    template = forms.ModelChoiceField(
        label=_("Letter template"), queryset=MailTemplate.objects.none()
    )
    audience = forms.ChoiceField(
        label=pgettext_lazy("mail", "Recipients"), choices=MailAudience.choices
    )

    def __init__(self, *args, sessions, templates, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions
        self.fields["template"].queryset = templates


@admin.register(Mailing)
class MailingAdmin(StepsMixin, OwnPagesAdmin):
    """One row per sending; opening one shows the letter and its recipients."""

    project_path = "session__project"
    states = STATES
    own_pages = (
        ("add/", mail_pages.draft, "mailing_draft"),
        ("untested/<int:session>/", mail_pages.untested, "mailing_untested"),
        ("<int:pk>/change/", mail_pages.show, "mailing_show"),
        ("<int:pk>/progress/", mail_pages.progress, "mailing_progress"),
    )
    steps = STEPS
    draft_form = MailingForm
    list_display = ["created_at", "session", "subject", "audience", "shown_state"]
    list_display_links = ["created_at", "subject"]
    list_select_related = ["session"]
    list_filter = ["state", "audience"]
    search_fields = ["subject", "session__title", "session__code"]
    ordering = ["-created_at"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related("session__project", "template")
