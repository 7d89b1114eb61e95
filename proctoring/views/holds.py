"""The officials' page that holds an attempt back from deletion, or lets it go."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from exams.access import staff_page
from exams.domain.holds import lift_hold, set_hold
from exams.enums import Role
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.queries.retention import hold_of
from proctoring.views.forms import ReasonForm
from proctoring.views.players import attempt_for
from proctoring.views.review import head_of


@staff_page(Role.OFFICIAL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, code: str) -> HttpResponse:
    """Set the hold where there is none, lift it where there is one; with a reason."""
    row = attempt_for(request, code)
    held = hold_of(row)
    is_sent = request.method == "POST"
    form, refusal = ReasonForm(request.POST if is_sent else None), None
    if is_sent and form.is_valid():
        act = lift_hold if request.POST.get("act") == "lift" else set_hold
        try:
            act(
                row,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except Refusal as error:
            refusal = error
        else:
            return redirect("review:attempt", code=code)
    context = {
        **head_of(row),
        "hold": held,
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "review/hold.html", context, status=status)
