"""Jobs of the background worker that failed; the sweep tries most of them again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django_q.models import Task

from candidates.queries.waiting import Waiting
from exams.kernel import clock
from exams.kernel.errors import NotAllowed

KEPT = timedelta(days=7)
SHOWN = 200
WORDS: dict[str, Promise] = {
    "archive_recording": _("Archive a recording"),
    "carry_out": _("Delete what is due"),
}


@dataclass(frozen=True)
class FailedJob:
    """One failure: what was to be done, to what, and the last line of the error."""

    words: str
    about: str
    started: datetime
    tries: int
    error: str


def failed(*, at: datetime) -> QuerySet[Task]:
    """Return the failures of the last seven days."""
    return Task.objects.filter(success=False, started__gte=at - KEPT)


def failed_jobs(*, at: datetime) -> Waiting:
    rows = failed(at=at).order_by()
    told = rows.aggregate(count=Count("pk"), since=Min("started"))
    return Waiting(count=told["count"], since=told["since"])


@require_safe
def page(request: HttpRequest, *, site: object) -> HttpResponse:
    """List the failures, the newest first; the machine belongs to superusers."""
    if not request.user.is_superuser:
        raise NotAllowed
    rows = failed(at=clock.now()).order_by("-started")[:SHOWN]
    context = {
        **site.each_context(request),
        "title": _("Failed jobs"),
        "jobs": [_line(row) for row in rows],
    }
    return TemplateResponse(request, "admin/jobs.html", context)


def _line(task: Task) -> FailedJob:
    name = task.func.rpartition(".")[2]
    facts = task.kwargs or {}
    lines = str(task.result or "").strip().splitlines()
    return FailedJob(
        words=str(WORDS.get(name, name)),
        about=" · ".join(str(value) for value in facts.values()),
        started=task.started,
        tries=task.attempt_count,
        error=lines[-1] if lines else "",
    )
