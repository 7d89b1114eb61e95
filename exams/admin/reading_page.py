"""The page on which two administrators have a sealed paper read: ask, agree, open."""

from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from exams.admin.room_pages import Page, ReasonForm, page_url, shown
from exams.domain import paper_reading
from exams.domain.paper_reading import Contents
from exams.kernel import clock
from exams.kernel.errors import Conflict, Refusal
from exams.models import Paper, PaperReading

ASK, AGREE, OPEN = "ask", "agree", "open"


def read(model_admin: ModelAdmin, request: HttpRequest, paper: Paper) -> HttpResponse:
    """Show where the reading stands and take the next step of it."""
    at = clock.now()
    reading = paper_reading.current_reading(paper, at=at)
    form = ReasonForm(None if reading else request.POST or None)
    refusal = None
    if request.method == "POST" and (reading or form.is_valid()):
        try:
            contents = _go_on(request, paper, reading, form, at)
        except Refusal as error:
            refusal = error
        else:
            if contents is not None:
                return _opened(model_admin, request, paper, contents)
            return redirect(page_url(paper, "read"))
    approval = reading.approval if reading else None
    return shown(
        model_admin,
        request,
        "admin/paper_read.html",
        row=paper,
        refusal=refusal,
        title=_("Read the sealed paper"),
        form=form,
        act=act_of(reading),
        approval=approval,
        closes=reading and paper_reading.closes_at(reading),
        is_own=approval is not None and approval.requested_by_id == request.user.pk,
        openings=paper_reading.openings_of(paper)[:20],
    )


def _go_on(
    request: HttpRequest,
    paper: Paper,
    reading: PaperReading | None,
    form: ReasonForm,
    at: datetime,
) -> Contents | None:
    act = act_of(reading)
    if request.POST.get("act") != act:
        # Pressed on a page that showed an earlier step: nobody agrees unasked.
        raise Conflict
    if act == ASK:
        reason = form.cleaned_data["reason"]
        paper_reading.ask_reading(paper, reason=reason, by=request.user, at=at)
        messages.success(request, _("Asked for. A second administrator has to agree."))
    elif act == AGREE:
        paper_reading.agree_reading(reading, by=request.user, at=at)
        messages.success(request, _("Agreed. Both of you may open it once."))
    else:
        return paper_reading.open_paper(reading, by=request.user, at=at)
    return None


def act_of(reading: PaperReading | None) -> str:
    """Return which step comes next."""
    if reading is None:
        return ASK
    return OPEN if reading.approval.approved_at else AGREE


def _opened(
    model_admin: ModelAdmin, request: HttpRequest, paper: Paper, contents: Contents
) -> HttpResponse:
    return shown(
        model_admin,
        request,
        "admin/paper_open.html",
        row=paper,
        title=_("Read the sealed paper"),
        contents=contents,
    )


READ = Page("read", _("Read the sealed paper"), read)
