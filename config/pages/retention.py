"""What is due to be deleted; deletions asked for, agreed to, watched, certified."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from candidates.queries.waiting import Waiting
from config.pages import retention_plan
from config.pages.retention_job import TASK
from exams.domain import retention
from exams.domain.administration import REASON_LENGTH
from exams.enums import RetentionClass, RetentionOutcome, RetentionState
from exams.kernel import canonical, clock, jobs
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Project, RetentionRun, Staff
from exams.queries.retention import items_left, runs_of
from exams.queries.scope import administered

MAY = "exams.change_project"
SHOWN_RUNS = 20
SHOWN_ITEMS = 500


class AgreeForm(forms.Form):
    """The project's address, typed, as what follows cannot be undone."""

    code = forms.CharField(
        label=_("Address of the project"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, project: Project, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._typed = project.slug

    def clean_code(self):
        typed = self.cleaned_data["code"].strip()
        if typed != self._typed:
            raise forms.ValidationError(
                _("This is not the address of this project. Type what is shown above.")
            )
        return typed


class AskForm(AgreeForm):
    """Which classes, and why."""

    kinds = forms.MultipleChoiceField(
        label=_("What to delete"),
        choices=RetentionClass.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Why you do this"),
        max_length=REASON_LENGTH,
        help_text=_("It is kept in the audit trail for good."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("kinds", "reason", "code")

    def __init__(self, *args, lines: list, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [
            (line.kind, line.name) for line in lines if line.due
        ]


def to_approve(projects: QuerySet[Project], staff: Staff, *, at: datetime) -> Waiting:
    """Return the deletions that wait for this person's yes."""
    rows = RetentionRun.objects.filter(
        project__in=projects,
        state=RetentionState.ASKED,
        approval__expires_at__gt=at,
    ).exclude(approval__requested_by=staff)
    told = rows.aggregate(count=Count("pk"), since=Min("approval__requested_at"))
    return Waiting(count=told["count"], since=told["since"])


@require_safe
def projects(request: HttpRequest, *, site: object) -> HttpResponse:
    """Choose a project; a deletion that waits or runs is named beside it."""
    if not request.user.has_perm(MAY):
        raise NotAllowed
    rows = administered(request.user).order_by("title", "pk")
    states = [RetentionState.ASKED, RetentionState.RUNNING]
    waiting = {
        run.project_id: run
        for run in RetentionRun.objects.filter(project__in=rows, state__in=states)
    }
    context = {
        **site.each_context(request),
        "title": _("Deletion of what is due"),
        "projects": [(row, waiting.get(row.pk)) for row in rows],
    }
    return TemplateResponse(request, "admin/retention_projects.html", context)


@require_safe
def project(request: HttpRequest, pk: int, *, site: object) -> HttpResponse:
    """Show what is due and what is held back, class by class, and the deletions."""
    row, at = _project(request, pk), clock.now()
    lines = retention_plan.lines_of(row, cutoff=at, at=at)
    context = {
        **site.each_context(request),
        "title": _("Due to be deleted: %s") % row,
        "project": row,
        "lines": lines,
        "any": any(line.due for line in lines),
        "runs": list(runs_of(row)[:SHOWN_RUNS]),
    }
    return TemplateResponse(request, "admin/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int, *, site: object) -> HttpResponse:
    """Ask for a deletion: what will happen, that it is for good, and why."""
    row, at = _project(request, pk), clock.now()
    lines = retention_plan.lines_of(row, cutoff=at, at=at)
    form = AskForm(_sent(request), project=row, lines=lines)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["kinds"])
        items = [one for line in lines if line.kind in chosen for one in line.due]
        try:
            run = retention.propose(
                row,
                items=items,
                cutoff=at,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
            )
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("It waits for a second administrator."))
            return redirect("admin:retention_run", code=run.code)
    context = {
        **site.each_context(request),
        "title": _("Ask for the deletion"),
        "project": row,
        "lines": [line for line in lines if line.due],
        "form": form,
        "refusal": refusal,
    }
    return _answer(request, "admin/retention_ask.html", context, form, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, code: str, *, site: object) -> HttpResponse:
    """Show a deletion as far as it is; a post is the second person's yes."""
    row, at = _run(request, code), clock.now()
    form = AgreeForm(_sent(request), project=row.project)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            _agree(row, request, at)
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("The deletion has begun."))
            return redirect("admin:retention_run", code=row.code)
    context = {
        **site.each_context(request),
        "title": _("Deletion %s") % row.code,
        "run": row,
        "project": row.project,
        "form": form,
        "refusal": refusal,
        "is_own": row.approval.requested_by_id == request.user.pk,
        "is_late": at >= row.approval.expires_at,
        "progress": _progress(row),
        **_certificate(row),
    }
    return _answer(request, "admin/retention_run.html", context, form, refusal)


@require_safe
def progress(request: HttpRequest, code: str, *, site: object) -> HttpResponse:
    """Tell the page's script how far the job is; `done` when there is more to see."""
    row = _run(request, code)
    body = {**_progress(row), "done": row.state != RetentionState.RUNNING}
    return HttpResponse(canonical.encode(body), content_type="application/json")


@require_safe
def certificate(request: HttpRequest, code: str, *, site: object) -> HttpResponse:
    """Send the certificate as the canonical JSON that its digest is over."""
    row = _run(request, code)
    if row.state != RetentionState.FINISHED:
        raise Http404
    body = canonical.encode(retention.certificate_of(row))
    response = HttpResponse(body, content_type="application/json")
    name = f"deletion-{row.code}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _agree(row: RetentionRun, request: HttpRequest, at: datetime) -> None:
    items = retention_plan.due_of(
        row.project, cutoff=row.cutoff, at=at, kinds=row.kinds
    )
    with transaction.atomic():
        retention.agree(row, items=items, by=request.user, at=at)
        jobs.wake(TASK, run=row.code)


def _progress(row: RetentionRun) -> dict[str, int]:
    total = row.items.count()
    return {"made": total - items_left(row).count(), "total": total}


def _certificate(row: RetentionRun) -> dict:
    if row.state == RetentionState.REPLACED:
        return {}
    if row.state != RetentionState.FINISHED:
        counts: dict[str, list[int]] = {kind: [] for kind in row.kinds}
        for kind, size in row.items.values_list("kind", "size"):
            counts[kind].append(size)
        return {
            "classes": [
                (RetentionClass(kind).label, {"planned": len(own), "bytes": sum(own)})
                for kind, own in counts.items()
            ]
        }
    told = retention.certificate_of(row)
    return {
        "classes": [
            (RetentionClass(kind).label, one) for kind, one in told["classes"].items()
        ],
        "sound": retention.is_sound(row, told),
        "items": [
            {
                **one,
                "name": RetentionClass(one["class"]).label,
                "outcome": RetentionOutcome(one["outcome"]).label,
                "ended_at": clock.from_milliseconds(one["ended_ms"]),
            }
            for one in told["items"][:SHOWN_ITEMS]
        ],
        "cut": len(told["items"]) > SHOWN_ITEMS,
        "most": SHOWN_ITEMS,
    }


def _answer(
    request: HttpRequest,
    template: str,
    context: dict,
    form: forms.Form,
    refusal: Refusal | None,
) -> HttpResponse:
    status = refusal.status if refusal else 422 if form.errors else 200
    return TemplateResponse(request, template, context, status=status)


def _project(request: HttpRequest, pk: int) -> Project:
    row = administered(request.user).filter(pk=pk).first()
    if row is None or not request.user.has_perm(MAY):
        raise Http404
    return row


def _run(request: HttpRequest, code: str) -> RetentionRun:
    rows = RetentionRun.objects.filter(project__in=administered(request.user))
    found = rows.select_related(
        "project", "approval__requested_by", "approval__approved_by"
    )
    row = found.filter(code=code).first()
    if row is None or not request.user.has_perm(MAY):
        raise Http404
    return row
