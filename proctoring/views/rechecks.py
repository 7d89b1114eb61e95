"""An official's page of one re-check: what was asked, the sums again, the answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidates.domain.rechecks import answer_recheck
from candidates.models import Recheck
from candidates.queries.rechecks import answer_to, rechecks_in
from exams.access import staff_page
from exams.domain.aggregate import TooFewSheets
from exams.domain.results import result_again
from exams.enums import Role
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal
from exams.models import Attempt, Result
from exams.queries.results import line_of, working_lines
from exams.queries.voids import void_of
from proctoring.access import official_sessions
from proctoring.views.forms import RecheckForm
from proctoring.views.review import head_of


@staff_page(Role.OFFICIAL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recheck(request: HttpRequest, code: str) -> HttpResponse:
    """Look at the sums again and answer, once, with reasons (S8)."""
    row = recheck_for(request, code)
    form, refusal = RecheckForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            answer_recheck(row, **data, by=request.user, at=clock.now())
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("Done."))
            return redirect("review:recheck", code=code)
    result = Result.objects.filter(attempt=row.attempt).first()
    context = {
        **head_of(row.attempt),
        "recheck": row,
        "answer": answer_to(row),
        "line": line_of(row.attempt),
        "working": working_lines(result.working) if result else [],
        "again": again(row.attempt),
        "void": void_of(row.attempt),
        "form": form,
        "refusal": refusal,
        "now": clock.now(),
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "review/recheck.html", context, status=status)


def recheck_for(request: HttpRequest, code: str) -> Recheck:
    """Return a re-check in a session where the asker is an official, or nothing."""
    found = rechecks_in(official_sessions(request.user))
    row = found.filter(attempt__code=code).first()
    if row is None:
        raise NotFound
    return row


def again(attempt: Attempt) -> str:
    """Return what the sheets add up to now, empty when they give no result."""
    try:
        return result_again(attempt).working["value"]
    except TooFewSheets:
        return ""
