"""The pages of a roster import: upload, preview, and the two ways to decide it."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from candidates.domain.roster import (
    STATUSES,
    commit_roster,
    discard_roster,
    preview_roster,
)
from candidates.enums import ImportState
from candidates.models import RosterImport
from candidates.queries.roster import FIELD_NAMES, roster_page
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
}
COLUMNS = ("ticket_number", "name", "id_number", "phone", "email", "post", "room")


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
        columns=[FIELD_NAMES[name] for name in COLUMNS],
        undecided=roster_import.state == ImportState.PREVIEW,
        bad=roster_import.counts.get("bad", 0),
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
