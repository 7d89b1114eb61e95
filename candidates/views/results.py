"""The candidate's result with its working, and the one request to check it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from candidates.access import own_attempt
from candidates.domain.rechecks import MAX_TEXT, ask_recheck
from candidates.models import DeviceLease
from candidates.queries.rechecks import recheck_standing
from candidates.queries.standing import standing_of
from candidates.queries.uploading import is_home_locked
from candidates.views.candidate import project_of
from exams.enums import SessionKind
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal
from exams.queries.results import released_result
from exams.queries.voids import void_of


@never_cache
@require_GET
def result(request: HttpRequest, code: str) -> HttpResponse:
    """The released result with its working, or that it is cancelled or not out yet."""
    lease = _own(request, code)
    if is_home_locked(lease, at=clock.now()):
        return redirect("candidate:exam", code=code)
    return _page(request, lease, None)


@never_cache
@require_POST
def recheck(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a re-check; what is refused is said on the result's own page (S8)."""
    lease = _own(request, code)
    try:
        ask_recheck(lease, text=request.POST.get("text", ""), at=clock.now())
    except Refusal as refusal:
        return _page(request, lease, refusal)
    return redirect("candidate:result", code=code)


def _own(request: HttpRequest, code: str) -> DeviceLease:
    lease = own_attempt(request, code)
    if lease.attempt.session.kind == SessionKind.MOCK:
        raise NotFound
    return lease


def _page(
    request: HttpRequest, lease: DeviceLease, refusal: Refusal | None
) -> HttpResponse:
    at, session = clock.now(), lease.attempt.session
    shown = released_result(lease.attempt)
    context = {
        "project": project_of(session.project, at=at),
        "session": {"title": session.title, "time_zone": session.time_zone},
        "code": lease.attempt.code,
        "sequence_number": standing_of(lease).number,
        "result": shown,
        "void": void_of(lease.attempt),
        "recheck": recheck_standing(
            lease.attempt, released_at=shown and shown.released_at, at=at
        ),
        "text": request.POST.get("text", "")[:MAX_TEXT],
        "most": MAX_TEXT,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "candidate/result.html", context, status=status)
