"""The pages of a roster import: upload, preview, and the two ways to decide it."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from candidates.admin.roster_sheet import bad_rows_sheet
from candidates.domain.roster import (
    commit_roster,
    correct_roster,
    discard_roster,
    preview_roster,
    record_bad_rows_read,
)
from candidates.domain.roster_parts import STATUSES
from candidates.domain.roster_rows import FIELDS
from candidates.enums import ImportState
from candidates.models import RosterImport
from candidates.queries.roster import FIELD_NAMES, bad_rows, roster_page
from exams.admin.own_pages import OwnPagesAdmin
from exams.admin.steps import Text
from exams.domain.audit import Actor
from exams.enums import SessionKind, SessionState
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Session
from exams.queries.scope import administered

STATUS_WORDS = {
    "new": (_("New"), "ok", "ok"),
    "changed": (_("Changed"), "info", "pen"),
    "same": (_("Same"), "idle", "check"),
    "bad": (_("With problems"), "bad", "bad"),
    "gone": (_("Not in the file"), "warn", "warn"),
}
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileMissing(Refusal):
    """The form came without a file."""

    code = "file_missing"
    status = 422
    message = _("Choose a file first.")


def upload(model_admin: OwnPagesAdmin, request: HttpRequest) -> HttpResponse:
    """Take a file to its preview; a file that cannot be read stays here, with why."""
    model_admin.require_add(request)
    sessions = _open_sessions(request)
    asked = request.GET.get("session")

    def make(given: dict) -> RosterImport:
        return preview_roster(
            given["session"],
            file=given["file"],
            filename=given["file"].name,
            by=request.user,
            at=clock.now(),
        )

    form = model_admin.upload_form(
        request.POST or None,
        request.FILES or None,
        sessions=sessions,
        initial={"session": asked or (sessions[0].pk if len(sessions) == 1 else None)},
    )
    return model_admin.making_page(
        request,
        "admin/roster_upload.html",
        form=form,
        make=make,
        then="admin:roster_preview",
        title=_("Import a roster"),
        none_open=not sessions,
    )


def preview(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Show the staged rows of one status, or of all; 100 a page."""
    return _preview_page(model_admin, request, model_admin.row_or_404(request, pk))


def commit(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    def decide(row: RosterImport) -> str:
        by = Actor.of_staff(request.user)
        words = _("Imported: %(new)s new, %(changed)s changed, %(same)s unchanged.")
        return words % commit_roster(row, by=by, at=clock.now())

    return model_admin.deciding_post(
        request,
        pk,
        decide=decide,
        again=_preview_page,
        then="admin:candidates_candidate_changelist",
    )


def bad_sheet(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Hand out the bad rows as a sheet; it has whole numbers, so it is audited."""
    roster_import = model_admin.row_or_404(request, pk)
    model_admin.require_add(request)
    record_bad_rows_read(roster_import, by=Actor.of_staff(request.user), at=clock.now())
    response = HttpResponse(
        bad_rows_sheet(bad_rows(roster_import)), content_type=SHEET_TYPE
    )
    name = f"roster-{roster_import.pk}-problems.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def correct(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Take the corrected sheet; its rows replace the bad ones in a new preview."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    roster_import = model_admin.row_or_404(request, pk)
    model_admin.require_add(request)
    form = model_admin.correction_form(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise FileMissing
        file = form.cleaned_data["file"]
        corrected = correct_roster(
            roster_import,
            file=file,
            filename=file.name,
            by=request.user,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _preview_page(model_admin, request, roster_import, refusal=refusal)
    return redirect("admin:roster_preview", pk=corrected.pk)


def discard(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    def decide(row: RosterImport) -> Text:
        discard_roster(row, by=Actor.of_staff(request.user), at=clock.now())
        return _("The import is discarded; nothing of it was kept.")

    return model_admin.deciding_post(
        request,
        pk,
        decide=decide,
        again=_preview_page,
        then="admin:candidates_rosterimport_changelist",
    )


def _preview_page(
    model_admin: OwnPagesAdmin,
    request: HttpRequest,
    roster_import: RosterImport,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    status = request.GET.get("status", "")
    status = status if status in STATUSES else ""
    number = request.GET.get("p", "1")
    page = roster_page(
        roster_import,
        status=status,
        number=int(number) if number.isascii() and number.isdigit() else 1,
    )
    return model_admin.own_page(
        request,
        "admin/roster_preview.html",
        title=_("Roster preview"),
        roster_import=roster_import,
        page=page,
        status=status,
        statuses=[
            (name, *STATUS_WORDS[name], roster_import.counts.get(name, 0))
            for name in STATUSES
        ],
        words=STATUS_WORDS,
        columns=[FIELD_NAMES[name] for name in FIELDS],
        undecided=roster_import.state == ImportState.PREVIEW,
        bad=roster_import.counts.get("bad", 0),
        gone=roster_import.counts.get("gone", 0),
        correction_form=model_admin.correction_form(),
        refusal=refusal,
    )


def _open_sessions(request: HttpRequest) -> QuerySet[Session]:
    return Session.objects.filter(
        project__in=administered(request.user),
        kind=SessionKind.FORMAL,
        frozen_at__isnull=True,
        state__in=[SessionState.DRAFT, SessionState.PUBLISHED],
    ).order_by("starts_at")
