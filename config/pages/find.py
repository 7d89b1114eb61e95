"""One box for whoever is on the telephone: ticket number, name, phone tail, code."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from candidates.models import Candidate
from candidates.queries.finding import MOST, find
from exams.kernel.errors import NotAllowed
from exams.queries.scope import scoped

MAY = "candidates.view_candidate"


@require_safe
def found(request: HttpRequest, *, site: object) -> HttpResponse:
    """Show whom the text finds among the candidates of one's own projects."""
    if not request.user.has_perm(MAY):
        raise NotAllowed
    text = request.GET.get("q", "")
    own = scoped(Candidate.objects.all(), "project", request.user)
    context = {
        **site.each_context(request),
        "title": _("Find a candidate"),
        "asked": text.strip(),
        "found": find(text, own),
        "most": MOST,
    }
    return TemplateResponse(request, "admin/find.html", context)
