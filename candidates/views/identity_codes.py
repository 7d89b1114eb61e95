"""The page on which staff vouch for a person by a one-time code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidates.domain.identity_codes import Issued, issue_code
from candidates.domain.people import mask_id_number
from candidates.queries.home import candidate_of
from candidates.queries.identity_codes import (
    attempt_for,
    codes_of,
    issue_refusal,
    uses_codes,
)
from candidates.views.helpdesk import ROLES, required, sessions_of
from exams.access import staff_page
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal


@staff_page(*ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def identity_code(request: HttpRequest, code: str) -> HttpResponse:
    """Who it is about, the form with its reason, and the new code, shown once."""
    attempt = required(attempt_for(sessions_of(request), code=code))
    if not uses_codes(attempt.session):
        raise NotFound
    at = clock.now()
    issued: Issued | None = None
    refusal: Refusal | None = None
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            issued = issue_code(attempt, reason=reason, by=request.user, at=at)
        except Refusal as error:
            refusal = error
    candidate = required(candidate_of(attempt))
    context = {
        "attempt_code": attempt.code,
        "attempt_state": attempt.get_state_display(),
        "candidate": {
            "name": candidate.name,
            "ticket_number": candidate.ticket_number,
            "masked_id": mask_id_number(candidate.id_number),
            "post": candidate.post,
        },
        "session": {
            "title": attempt.session.title,
            "time_zone": attempt.session.time_zone,
        },
        "issued": issued,
        "refusal": refusal,
        "closed": issue_refusal(attempt, at=at),
        "codes": codes_of(attempt),
    }
    status = refusal.status if refusal else 200
    return render(request, "helpdesk/identity_code.html", context, status=status)
