"""Rosters: upload, look at every row, then import all of them or none."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from candidates.admin import roster_pages
from candidates.domain.roster_parts import STATUSES
from candidates.enums import ImportState
from candidates.models import RosterImport
from exams.admin.own_pages import OwnPagesAdmin
from exams.models import Session

STATES = {
    ImportState.PREVIEW: ("warn", "eye"),
    ImportState.COMMITTED: ("ok", "ok"),
    ImportState.DISCARDED: ("idle", "none"),
}


class UploadForm(forms.Form):
    """The session and the file; sessions come from the caller's scope."""

    session = forms.ModelChoiceField(
        label=_("Session"), queryset=Session.objects.none()
    )
    file = forms.FileField(
        label=_("Roster file"),
        help_text=_(
            ".xlsx or .csv, the first visible sheet. Needed columns: ticket number, "
            "name, ID number. Also read: phone, e-mail, post, room. Format number "
            "columns as text."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    def __init__(self, *args, sessions, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions


class CorrectionForm(forms.Form):
    """The sheet of bad rows, corrected."""

    file = forms.FileField(
        label=_("Corrected sheet"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )


@admin.register(RosterImport)
class RosterImportAdmin(OwnPagesAdmin):
    """The list of imports; adding one is the upload, opening one is its preview."""

    project_path = "session__project"
    states = STATES
    own_pages = (
        ("add/", roster_pages.upload, "roster_upload"),
        ("<int:pk>/change/", roster_pages.preview, "roster_preview"),
        ("<int:pk>/commit/", roster_pages.commit, "roster_commit"),
        ("<int:pk>/problems.xlsx", roster_pages.bad_sheet, "roster_bad_sheet"),
        ("<int:pk>/correct/", roster_pages.correct, "roster_correct"),
        ("<int:pk>/discard/", roster_pages.discard, "roster_discard"),
    )
    upload_form = UploadForm
    correction_form = CorrectionForm
    list_display = ["created_at", "session", "filename", "shown_counts", "shown_state"]
    list_display_links = ["created_at", "filename"]
    list_select_related = ["session"]
    list_filter = ["state"]
    ordering = ["-created_at"]

    @admin.display(description=_("new / changed / same / bad / gone"))
    def shown_counts(self, obj):
        counts = obj.counts
        return " / ".join(str(counts.get(name, 0)) for name in STATUSES)
