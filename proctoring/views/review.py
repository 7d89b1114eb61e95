"""The officials' review desk: what waits, one attempt, one case, its steps.

Shows attempt codes and sequence numbers; no page here asks for a name.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from candidates.queries.rechecks import answer_to, rechecks_in, rechecks_waiting
from exams.access import staff_page
from exams.enums import GroupCorrection, Role
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal
from exams.models import Attempt, Session
from exams.queries.results import drawn_text, line_of, session_lines
from exams.queries.voids import turns_of, void_of
from proctoring.access import official_sessions
from proctoring.domain.cases import open_case
from proctoring.domain.incidents import dismiss_incident
from proctoring.enums import IncidentState
from proctoring.models import Case, Incident
from proctoring.queries import cases as case_queries
from proctoring.queries.incidents import incidents_of, open_incidents, tone_of
from proctoring.views.courses import course_of
from proctoring.views.forms import CaseForm, ReasonForm
from proctoring.views.players import attempt_for, player_of
from proctoring.views.steps import BY_NAME, STEPS

TIME_ZONE = "Asia/Shanghai"


@staff_page(Role.OFFICIAL)
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Incidents that nobody has looked at, by attempt, and cases by what they await."""
    sessions, at = official_sessions(request.user), clock.now()
    queue: dict[str, dict] = {}
    for one in open_incidents(sessions):
        line = queue.setdefault(one.attempt.code, head_of(one.attempt))
        line.setdefault("incidents", []).append(incident_line(one))
        line["tone"] = "bad" if "bad" in (tone_of(one), line.get("tone")) else "warn"
    rows = [
        case_queries.waiting_of(case, reader=request.user, at=at)
        for case in case_queries.cases_in(sessions)
    ]
    open_rows = [row for row in rows if row.waits_for != case_queries.NOBODY]
    context = {
        "queue": list(queue.values()),
        "waiting": sorted(open_rows, key=lambda row: row.by_others),
        "closed": [row for row in rows if row.waits_for == case_queries.NOBODY][:50],
        "rechecks": [
            {**head_of(row.attempt), "at": row.at} for row in rechecks_waiting(sessions)
        ],
        "now": at,
        "sessions": sessions,
        "time_zone": TIME_ZONE,
    }
    return render(request, "review/desk.html", context)


@staff_page(Role.OFFICIAL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, code: str) -> HttpResponse:
    """One attempt: its films, what was noticed, and the form that opens a case."""
    row = attempt_for(request, code)
    refusal: Refusal | None = None
    with timezone.override(ZoneInfo(row.session.time_zone)):
        form = case_form(request, row)
        if request.method == "POST" and form.is_valid():
            try:
                data = form.cleaned_data
                case = open_case(row, **data, by=request.user, at=clock.now())
            except Refusal as error:
                refusal = error
            else:
                return redirect("review:case", code=case.code)
        incidents = list(incidents_of(row))
        context = {
            **head_of(row),
            "incidents": [incident_line(one) for one in incidents],
            "open": sum(one.state == IncidentState.OPEN for one in incidents),
            "cases": case_queries.cases_in(Session.objects.all()).filter(attempt=row),
            "form": form,
            "refusal": refusal,
            "player": player_of(request, row, incidents, clip=clip_of(incidents)),
        }
        status = refusal.status if refusal else 422 if form.errors else 200
        return render(request, "review/attempt.html", context, status=status)


@staff_page(Role.OFFICIAL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dismiss(request: HttpRequest, code: str) -> HttpResponse:
    """Looked at, no problem: with a reason."""
    incident = incident_for(request, code)
    form, refusal = ReasonForm(request.POST or None), None
    back = ("review:attempt", incident.attempt.code)
    if request.method == "POST" and form.is_valid():
        try:
            dismiss_incident(
                incident,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except Refusal as error:
            refusal = error
        else:
            return redirect(back[0], code=back[1])
    context = {
        **head_of(incident.attempt),
        "incident": incident_line(incident),
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "review/dismiss.html", context, status=status)


@staff_page(Role.OFFICIAL)
@never_cache
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One case: its course, evidence, notice, statement, rulings and next steps."""
    row, at = case_for(request, code), clock.now()
    incidents = list(incidents_of(row.attempt).filter(case=row))
    proposal = case_queries.pending_proposal(row, at=at)
    context = {
        **head_of(row.attempt),
        "case": row,
        "waiting": case_queries.waiting_of(row, reader=request.user, at=at),
        "incidents": [incident_line(one) for one in incidents],
        "course": course_of(row, incidents, at=at),
        "steps": [
            (step, step.hindrance(row, request.user, at))
            for step in STEPS
            if step.fits(row, at)
        ],
        "proposal": proposal,
        "rulings": case_queries.rulings_of(row),
        "result": line_of(row.attempt),
        "void": void_of(row.attempt),
        "turns": turns_of(row.attempt),
        "player": player_of(
            request, row.attempt, incidents, clip=(row.from_at, row.to_at)
        ),
    }
    return render(request, "review/case.html", context)


@staff_page(Role.OFFICIAL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """The confirm page of one step of a case."""
    row, at, found = case_for(request, code), clock.now(), BY_NAME.get(name)
    if found is None:
        raise NotFound
    sent = request.POST if request.method == "POST" else None
    form, refusal = found.form(sent, row), None
    if request.method == "POST" and form.is_valid():
        try:
            found.act(row, request.user, at, form.cleaned_data)
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("Done."))
            return redirect("review:case", code=code)
    context = {
        **head_of(row.attempt),
        "case": row,
        "step": found,
        "fits": found.fits(row, at),
        "hindrance": found.hindrance(row, request.user, at),
        "proposal": case_queries.pending_proposal(row, at=at),
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "review/step.html", context, status=status)


@staff_page(Role.OFFICIAL)
@never_cache
@require_safe
def results(request: HttpRequest, code: str) -> HttpResponse:
    """Every computed result of a session; cancelled ones keep their marks."""
    session = official_sessions(request.user).filter(code=code).first()
    if session is None:
        raise NotFound
    found = rechecks_in(Session.objects.filter(pk=session.pk))
    asked = {
        row.attempt.code: {"at": row.at, "is_answered": answer_to(row) is not None}
        for row in found
    }
    context = {
        "session": session,
        "lines": [(line, asked.get(line.code)) for line in session_lines(session)],
        "now": clock.now(),
        "balanced": session.group_correction != GroupCorrection.NONE,
    }
    return render(request, "review/results.html", context)


def head_of(row: Attempt) -> dict:
    """Return what every page says of an attempt; never a name."""
    return {"attempt": row, "session": row.session, "number": drawn_text(row)}


def incident_line(one: Incident) -> dict:
    return {"row": one, "tone": tone_of(one), "is_open": one.state == "open"}


def clip_of(incidents: list[Incident]) -> tuple[datetime, datetime] | None:
    """Return the bounds of the first incident that waits, to begin with."""
    waiting = [one for one in incidents if one.state == IncidentState.OPEN]
    return (waiting[0].from_at, waiting[0].to_at) if waiting else None


def case_form(request: HttpRequest, row: Attempt) -> CaseForm:
    """Return the form that opens a case, filled from the first open incident."""
    if request.method == "POST":
        return CaseForm(request.POST, attempt=row)
    first = incidents_of(row).filter(state=IncidentState.OPEN).first()
    initial = {}
    if first:
        initial = {
            "from_at": timezone.localtime(first.from_at),
            "to_at": timezone.localtime(first.to_at),
            "article": first.article.code if first.article else None,
            "facts": first.note,
            "incidents": [first.code],
        }
    return CaseForm(attempt=row, initial=initial)


def case_for(request: HttpRequest, code: str) -> Case:
    """Return a case in a session where the asker is an official, or nothing."""
    found = case_queries.cases_in(official_sessions(request.user))
    row = found.filter(code=code).first()
    if row is None:
        raise NotFound
    return row


def incident_for(request: HttpRequest, code: str) -> Incident:
    row = (
        Incident.objects.filter(
            code=code, attempt__session__in=official_sessions(request.user)
        )
        .select_related("attempt__session__project", "attempt__drawn_number")
        .first()
    )
    if row is None:
        raise NotFound
    return row
