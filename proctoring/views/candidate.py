"""The candidate's page of a case: what is held against them, and their answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidates.access import require_lease
from candidates.enums import LeaseState
from candidates.models import DeviceLease
from candidates.queries.rights import LeaseWaiting
from exams.kernel import clock
from exams.kernel.errors import BadInput, NotFound, Refusal
from exams.models import Session
from proctoring.domain.cases import MAX_TEXT, state_case, waive_case
from proctoring.enums import CaseState
from proctoring.models import Case
from proctoring.queries.cases import cases_in, rulings_of

# Before the notice a case does not exist for its candidate.
TOLD = (CaseState.NOTICED, *CaseState.HEARD, CaseState.RULED)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, code: str) -> HttpResponse:
    """Read the notice, answer or waive in its window, read the ruling."""
    lease = require_lease(request)
    row, at = case_of(lease, code), clock.now()
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _answer(request, row, lease)
        except Refusal as error:
            refusal, row = error, case_of(lease, code)
        else:
            return redirect("cases:case", code=code)
    session = row.attempt.session
    context = {
        "project": {
            "slug": session.project.slug,
            "title": session.project.title,
            "hotline": session.project.hotline,
            "hotline_hours": session.project.hotline_hours,
        },
        "session": {"title": session.title, "time_zone": session.time_zone},
        "case": row,
        "notice": row.notice,
        "statement": getattr(row, "statement", None),
        "may_answer": row.state == CaseState.NOTICED and at < row.notice.due_at,
        "rulings": rulings_of(row),
        "text": request.POST.get("text", "")[:MAX_TEXT],
        "most": MAX_TEXT,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "cases/case.html", context, status=status)


def case_of(lease: DeviceLease, code: str) -> Case:
    """Return the case if it is this candidate's and they were told of it."""
    if lease.state == LeaseState.WAITING:
        raise LeaseWaiting
    row = (
        cases_in(Session.objects.all())
        .filter(code=code, attempt=lease.attempt_id, state__in=TOLD)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _answer(request: HttpRequest, row: Case, lease: DeviceLease) -> None:
    answer = request.POST.get("answer")
    if answer == "state":
        text = request.POST.get("text", "")
        state_case(row, text=text, lease=lease, at=clock.now())
    elif answer == "waive":
        waive_case(row, lease=lease, at=clock.now())
    else:
        raise BadInput(reason="answer")
