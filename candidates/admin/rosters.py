"""Rosters: upload, look at every row, then import all of them or none."""

from django import forms
from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from candidates.admin import roster_pages
from candidates.enums import ImportState
from candidates.models import RosterImport
from exams.admin.badges import state_badge
from exams.admin.base import ReadOnlyAdmin
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
            ".xlsx or .csv. Needed columns: ticket number, name, ID number. Also "
            "read: phone, e-mail, post, room. Format number columns as text."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    def __init__(self, *args, sessions, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions


@admin.register(RosterImport)
class RosterImportAdmin(ReadOnlyAdmin):
    """The list of imports; adding one is the upload, opening one is its preview."""

    project_path = "session__project"
    upload_form = UploadForm
    list_display = ["created_at", "session", "filename", "shown_counts", "shown_state"]
    list_display_links = ["created_at", "filename"]
    list_select_related = ["session"]
    list_filter = ["state"]
    ordering = ["-created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("staged")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("add/", wrap(self._page(roster_pages.upload)), name="roster_upload"),
            path(
                "<int:pk>/change/",
                wrap(self._page(roster_pages.preview)),
                name="roster_preview",
            ),
            path(
                "<int:pk>/commit/",
                wrap(self._page(roster_pages.commit)),
                name="roster_commit",
            ),
            path(
                "<int:pk>/discard/",
                wrap(self._page(roster_pages.discard)),
                name="roster_discard",
            ),
        ]
        return own + super().get_urls()

    def has_add_permission(self, request):
        return request.user.has_perm("candidates.add_rosterimport")

    def _page(self, view):
        def page(request, **kwargs):
            return view(self, request, **kwargs)

        return page

    @admin.display(description=_("new / changed / same / bad"))
    def shown_counts(self, obj):
        counts = obj.counts
        names = ("new", "changed", "same", "bad")
        return " / ".join(str(counts.get(name, 0)) for name in names)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(STATES, obj.state, obj.get_state_display())
