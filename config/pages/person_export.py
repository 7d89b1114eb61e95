"""Everything held of one candidate, as one file; audited with a reason (row 110)."""

import io
import json
import zipfile
from datetime import datetime

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.models import Candidate
from candidates.queries import person as of_candidates
from candidates.queries.history import attempts_of
from config.pages.timeline import MAY_SCORES, candidate_for
from exams.domain.administration import REASON_LENGTH
from exams.domain.audit import Actor, record
from exams.kernel import clock
from exams.models import Staff
from exams.queries import person as of_exams
from exams.queries.history import Attempts, blind_sessions
from helpdesk.queries import person as of_helpdesk
from proctoring.queries import person as of_proctoring

# Who may change a roster row may read it in clear.
MAY_CLEAR = "candidates.change_candidate"


class ExportForm(forms.Form):
    """Why, and whether ID number, phone and e-mail are readable in the file."""

    reason = forms.CharField(
        label=_("Why you do this"),
        max_length=REASON_LENGTH,
        help_text=_("It is kept in the audit trail for good."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    clear = forms.BooleanField(
        label=_("ID number, telephone and e-mail in clear"), required=False
    )

    def __init__(self, *args, may_clear: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not may_clear:
            del self.fields["clear"]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, *, site: object) -> HttpResponse:
    """Say what the file will have; a post makes and sends it."""
    candidate = candidate_for(request.user, pk)
    may_clear = request.user.has_perm(MAY_CLEAR)
    form = ExportForm(request.POST or None, may_clear=may_clear)
    if request.method == "POST" and form.is_valid():
        return _file(request.user, candidate, at=clock.now(), **form.cleaned_data)
    context = {
        **site.each_context(request),
        "title": _("Everything held of a candidate"),
        "candidate": candidate,
        "form": form,
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/person_export.html", context, status=status)


def _file(
    staff: Staff,
    candidate: Candidate,
    *,
    at: datetime,
    reason: str,
    clear: bool = False,
) -> HttpResponse:
    attempts = attempts_of(candidate)
    rows = {
        **of_candidates.of_person(candidate, attempts, clear=clear),
        **of_exams.of_attempts(attempts, scored=_scored(staff, attempts)),
        **of_proctoring.of_attempts(attempts),
        **of_helpdesk.of_attempts(attempts),
    }
    files = of_candidates.files_of_person(candidate, attempts)
    with transaction.atomic():
        record(
            "person.exported",
            by=Actor.of_staff(staff),
            at=at,
            subject=f"candidate:{candidate.pk}",
            facts={"reason": reason.strip(), "fields": "clear" if clear else "masked"},
        )
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _json({"made_at": at, **rows}))
        archive.writestr("files.json", _json(files))
    response = HttpResponse(body.getvalue(), content_type="application/zip")
    # Nothing of the person: a file's name ends in lists of downloads.
    response["Content-Disposition"] = 'attachment; filename="person.zip"'
    return response


def _scored(staff: Staff, attempts: Attempts) -> list[int]:
    """Return the attempts whose numbers and results this person may see."""
    if not staff.has_perm(MAY_SCORES):
        return []
    blind = blind_sessions(staff, {row.session for row in attempts.values()})
    return [key for key, row in attempts.items() if row.session_id not in blind]


def _json(facts: object) -> str:
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
