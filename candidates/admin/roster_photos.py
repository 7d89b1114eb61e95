"""Roster photos in bulk: upload, progress, what would happen, and the two decisions."""

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from candidates.domain import roster_photos
from candidates.enums import Faces, PhotoBatchState, PhotoStatus
from candidates.models import PhotoBatch
from candidates.queries.photos import photo_page
from exams.admin.badges import state_badge
from exams.admin.base import ReadOnlyAdmin
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Project
from exams.queries.scope import administered

STATES = {
    PhotoBatchState.READING: ("info", "clock"),
    PhotoBatchState.PREVIEW: ("warn", "eye"),
    PhotoBatchState.COMMITTED: ("ok", "ok"),
    PhotoBatchState.DISCARDED: ("idle", "none"),
}
TONES = {
    PhotoStatus.READY: ("ok", "ok"),
    PhotoStatus.UNMATCHED: ("warn", "warn"),
    PhotoStatus.UNREADABLE: ("bad", "bad"),
    PhotoStatus.DUPLICATE: ("bad", "bad"),
    PhotoStatus.WAITING: ("info", "clock"),
}
FACE_TONES = {Faces.NONE: ("warn", "face"), Faces.MANY: ("warn", "users")}
LOOK_AGAIN_SECONDS = 5


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
class PhotoBatchAdmin(ReadOnlyAdmin):
    """The list of archives; adding one is the upload, opening one its preview."""

    project_path = "project"
    list_display = ["created_at", "project", "filename", "shown_counts", "shown_state"]
    list_display_links = ["created_at", "filename"]
    list_select_related = ["project"]
    list_filter = ["state"]
    ordering = ["-created_at"]

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("add/", wrap(self.upload), name="photos_upload"),
            path("<int:pk>/change/", wrap(self.preview), name="photos_preview"),
            path("<int:pk>/commit/", wrap(self.commit), name="photos_commit"),
            path("<int:pk>/discard/", wrap(self.discard), name="photos_discard"),
        ]
        return own + super().get_urls()

    def has_add_permission(self, request):
        return request.user.has_perm("candidates.add_photobatch")

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take an archive; one that cannot be taken stays here, with why."""
        self._require_right(request)
        projects = Project.objects.filter(pk__in=administered(request.user))
        initial = {"project": projects[0].pk if len(projects) == 1 else None}
        form = PhotosForm(
            request.POST or None,
            request.FILES or None,
            projects=projects,
            initial=initial,
        )
        refusal = None
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = roster_photos.receive_photos(
                    form.cleaned_data["project"],
                    file=file,
                    filename=file.name,
                    by=request.user,
                    at=clock.now(),
                )
            except Refusal as error:
                refusal = error
            else:
                return redirect("admin:photos_preview", pk=batch.pk)
        more = {"title": _("Import photos"), "form": form, "refusal": refusal}
        return self._page(request, "admin/photos_upload.html", refusal, more)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far the reading is, then every file of one kind, 100 a page."""
        return self._preview(request, self._batch_or_404(request, pk))

    def commit(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        batch = self._batch_or_404(request, pk)
        self._require_right(request)
        try:
            counts = roster_photos.commit_photos(
                batch,
                replace=request.POST.get("replace") == "yes",
                by=Actor.of_staff(request.user),
                at=clock.now(),
            )
        except Refusal as refusal:
            return self._preview(request, batch, refusal=refusal)
        words = _(
            "Photos: %(set)s set, %(replaced)s replaced, %(kept)s kept as they were."
        )
        messages.success(request, words % counts)
        return redirect("admin:candidates_photobatch_changelist")

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        batch = self._batch_or_404(request, pk)
        self._require_right(request)
        try:
            by = Actor.of_staff(request.user)
            roster_photos.discard_photos(batch, by=by, at=clock.now())
        except Refusal as refusal:
            return self._preview(request, batch, refusal=refusal)
        messages.success(request, _("The photos are discarded; nothing was kept."))
        return redirect("admin:candidates_photobatch_changelist")

    def _preview(
        self,
        request: HttpRequest,
        batch: PhotoBatch,
        refusal: Refusal | None = None,
    ) -> HttpResponse:
        status = request.GET.get("status", "")
        status = status if status in PhotoStatus.values else ""
        asked = request.GET.get("p", "1")
        number = int(asked) if asked.isascii() and asked.isdigit() else 1
        page = photo_page(batch, status=status, number=number)
        kinds = [
            (kind.value, kind.label, *TONES[kind], page.counts[kind])
            for kind in PhotoStatus
            if kind != PhotoStatus.WAITING
        ]
        is_reading = batch.state == PhotoBatchState.READING
        more = {
            "title": _("Photos: preview"),
            "batch": batch,
            "page": page,
            "status": status,
            "kinds": kinds,
            "tones": TONES,
            "face_tones": FACE_TONES,
            "is_reading": is_reading,
            "undecided": batch.state == PhotoBatchState.PREVIEW,
            "refusal": refusal,
        }
        response = self._page(request, "admin/photos_preview.html", refusal, more)
        if is_reading:
            response["Refresh"] = str(LOOK_AGAIN_SECONDS)
        return response

    def _page(
        self, request: HttpRequest, template: str, refusal: Refusal | None, more: dict
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **more}
        status = refusal.status if refusal else 200
        return TemplateResponse(request, template, context, status=status)

    def _batch_or_404(self, request: HttpRequest, pk: int) -> PhotoBatch:
        batch = self.get_object(request, str(pk))
        if batch is None or not self.has_view_permission(request):
            raise Http404
        return batch

    def _require_right(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise NotAllowed

    @admin.display(description=_("ready / of files"))
    def shown_counts(self, obj):
        total = sum(obj.counts.get(name, 0) for name in PhotoStatus.values)
        return f"{obj.counts.get('ready', 0)} / {total}" if obj.counts else "—"

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(STATES, obj.state, obj.get_state_display())
