"""The pages of a roster import: upload, preview, and the two ways to decide it."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
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
from exams.domain.audit import Actor
from exams.enums import SessionKind, SessionState
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, Refusal
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


def upload(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Take a file to its preview; a file that cannot be read stays here, with why."""
    _require_right(model_admin, request)
    sessions = _open_sessions(request)
    asked = request.GET.get("session")
    form = model_admin.upload_form(
        request.POST or None,
        request.FILES or None,
        sessions=sessions,
        initial={"session": asked or (sessions[0].pk if len(sessions) == 1 else None)},
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            roster_import = preview_roster(
                form.cleaned_data["session"],
                file=file,
                filename=file.name,
                by=request.user,
                at=clock.now(),
            )
        except Refusal as error:
            refusal = error
        else:
            return redirect("admin:roster_preview", pk=roster_import.pk)
    context = _context(
        model_admin,
        request,
        title=_("Import a roster"),
        form=form,
        refusal=refusal,
        none_open=not sessions,
    )
    return TemplateResponse(
        request,
        "admin/roster_upload.html",
        context,
        status=refusal.status if refusal else 200,
    )


def preview(model_admin: ModelAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    """Show the staged rows of one status, or of all; 100 a page."""
    roster_import = _import_or_404(model_admin, request, pk)
    return _preview_page(model_admin, request, roster_import)


def commit(model_admin: ModelAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    roster_import = _import_or_404(model_admin, request, pk)
    _require_right(model_admin, request)
    try:
        counts = commit_roster(
            roster_import, by=Actor.of_staff(request.user), at=clock.now()
        )
    except Refusal as refusal:
        return _preview_page(model_admin, request, roster_import, refusal=refusal)
    messages.success(
        request,
        _("Imported: %(new)s new, %(changed)s changed, %(same)s unchanged.") % counts,
    )
    return redirect("admin:candidates_candidate_changelist")


def bad_sheet(
    model_admin: ModelAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Hand out the bad rows as a sheet; it has whole numbers, so it is audited."""
    roster_import = _import_or_404(model_admin, request, pk)
    _require_right(model_admin, request)
    record_bad_rows_read(roster_import, by=Actor.of_staff(request.user), at=clock.now())
    response = HttpResponse(
        bad_rows_sheet(bad_rows(roster_import)), content_type=SHEET_TYPE
    )
    name = f"roster-{roster_import.pk}-problems.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def correct(model_admin: ModelAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    """Take the corrected sheet; its rows replace the bad ones in a new preview."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    roster_import = _import_or_404(model_admin, request, pk)
    _require_right(model_admin, request)
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


def discard(model_admin: ModelAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    roster_import = _import_or_404(model_admin, request, pk)
    _require_right(model_admin, request)
    try:
        discard_roster(roster_import, by=Actor.of_staff(request.user), at=clock.now())
    except Refusal as refusal:
        return _preview_page(model_admin, request, roster_import, refusal=refusal)
    messages.success(request, _("The import is discarded; nothing of it was kept."))
    return redirect("admin:candidates_rosterimport_changelist")


def _preview_page(
    model_admin: ModelAdmin,
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
    context = _context(
        model_admin,
        request,
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
    return TemplateResponse(
        request,
        "admin/roster_preview.html",
        context,
        status=refusal.status if refusal else 200,
    )


def _open_sessions(request: HttpRequest) -> QuerySet[Session]:
    return Session.objects.filter(
        project__in=administered(request.user),
        kind=SessionKind.FORMAL,
        frozen_at__isnull=True,
        state__in=[SessionState.DRAFT, SessionState.PUBLISHED],
    ).order_by("starts_at")


def _import_or_404(
    model_admin: ModelAdmin, request: HttpRequest, pk: int
) -> RosterImport:
    roster_import = model_admin.get_object(request, str(pk))
    if roster_import is None or not model_admin.has_view_permission(request):
        raise Http404
    return roster_import


def _require_right(model_admin: ModelAdmin, request: HttpRequest) -> None:
    if not model_admin.has_add_permission(request):
        raise NotAllowed


def _context(model_admin: ModelAdmin, request: HttpRequest, **more: object) -> dict:
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        **more,
    }
