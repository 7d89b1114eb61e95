"""The pages of roster photos: upload, progress and preview, the two decisions."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from candidates.domain import roster_photos
from candidates.enums import Faces, PhotoBatchState, PhotoStatus
from candidates.models import PhotoBatch
from candidates.queries.photos import photo_page
from exams.admin.own_pages import OwnPagesAdmin
from exams.admin.steps import Text
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Project
from exams.queries.scope import administered

TONES = {
    PhotoStatus.READY: ("ok", "ok"),
    PhotoStatus.UNMATCHED: ("warn", "warn"),
    PhotoStatus.UNREADABLE: ("bad", "bad"),
    PhotoStatus.DUPLICATE: ("bad", "bad"),
    PhotoStatus.WAITING: ("info", "clock"),
}
FACE_TONES = {Faces.NONE: ("warn", "face"), Faces.MANY: ("warn", "users")}
LOOK_AGAIN_SECONDS = 5


def upload(model_admin: OwnPagesAdmin, request: HttpRequest) -> HttpResponse:
    """Take an archive; one that cannot be taken stays here, with why."""
    model_admin.require_add(request)
    projects = Project.objects.filter(pk__in=administered(request.user))

    def make(given: dict) -> PhotoBatch:
        return roster_photos.receive_photos(
            given["project"],
            file=given["file"],
            filename=given["file"].name,
            by=request.user,
            at=clock.now(),
        )

    form = model_admin.upload_form(
        request.POST or None,
        request.FILES or None,
        projects=projects,
        initial={"project": projects[0].pk if len(projects) == 1 else None},
    )
    return model_admin.making_page(
        request,
        "admin/photos_upload.html",
        form=form,
        make=make,
        then="admin:photos_preview",
        title=_("Import photos"),
    )


def preview(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Show how far the reading is, then every file of one kind, 100 a page."""
    return _preview_page(model_admin, request, model_admin.row_or_404(request, pk))


def commit(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    def decide(batch: PhotoBatch) -> str:
        words = _(
            "Photos: %(set)s set, %(replaced)s replaced, %(kept)s kept as they were."
        )
        replace = request.POST.get("replace") == "yes"
        by = Actor.of_staff(request.user)
        at = clock.now()
        return words % roster_photos.commit_photos(batch, replace=replace, by=by, at=at)

    return model_admin.deciding_post(
        request,
        pk,
        decide=decide,
        again=_preview_page,
        then="admin:candidates_photobatch_changelist",
    )


def discard(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    def decide(batch: PhotoBatch) -> Text:
        by = Actor.of_staff(request.user)
        roster_photos.discard_photos(batch, by=by, at=clock.now())
        return _("The photos are discarded; nothing was kept.")

    return model_admin.deciding_post(
        request,
        pk,
        decide=decide,
        again=_preview_page,
        then="admin:candidates_photobatch_changelist",
    )


def _preview_page(
    model_admin: OwnPagesAdmin,
    request: HttpRequest,
    batch: PhotoBatch,
    *,
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
    response = model_admin.own_page(
        request,
        "admin/photos_preview.html",
        refusal=refusal,
        title=_("Photos: preview"),
        batch=batch,
        page=page,
        status=status,
        kinds=kinds,
        tones=TONES,
        face_tones=FACE_TONES,
        is_reading=is_reading,
        undecided=batch.state == PhotoBatchState.PREVIEW,
    )
    if is_reading:
        response["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response
