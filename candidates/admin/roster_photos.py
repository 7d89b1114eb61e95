"""Roster photos in bulk: an archive comes in, is looked at, and is decided about."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from candidates.admin import photo_pages
from candidates.enums import PhotoBatchState, PhotoStatus
from candidates.models import PhotoBatch
from exams.admin.own_pages import OwnPagesAdmin
from exams.models import Project

STATES = {
    PhotoBatchState.READING: ("info", "clock"),
    PhotoBatchState.PREVIEW: ("warn", "eye"),
    PhotoBatchState.COMMITTED: ("ok", "ok"),
    PhotoBatchState.DISCARDED: ("idle", "none"),
}


class PhotosForm(forms.Form):
    """The project and the archive; projects come from the caller's scope."""

    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none()
    )
    file = forms.FileField(
        label=_("Archive of photos"),
        help_text=_(
            ".zip of JPEG or PNG files, each named by its ticket number, such as "
            "20300001.jpg. Folders inside do not matter."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
    )

    def __init__(self, *args, projects, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects


@admin.register(PhotoBatch)
class PhotoBatchAdmin(OwnPagesAdmin):
    """The list of archives; adding one is the upload, opening one its preview."""

    project_path = "project"
    states = STATES
    own_pages = (
        ("add/", photo_pages.upload, "photos_upload"),
        ("<int:pk>/change/", photo_pages.preview, "photos_preview"),
        ("<int:pk>/commit/", photo_pages.commit, "photos_commit"),
        ("<int:pk>/discard/", photo_pages.discard, "photos_discard"),
    )
    upload_form = PhotosForm
    list_display = ["created_at", "project", "filename", "shown_counts", "shown_state"]
    list_display_links = ["created_at", "filename"]
    list_select_related = ["project"]
    list_filter = ["state"]
    ordering = ["-created_at"]

    @admin.display(description=_("ready / of files"))
    def shown_counts(self, obj):
        total = sum(obj.counts.get(name, 0) for name in PhotoStatus.values)
        return f"{obj.counts.get('ready', 0)} / {total}" if obj.counts else "—"
