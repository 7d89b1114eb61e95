"""The pages of a letter: draft, preview, recipients; and who never tested."""

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from candidates.admin.ticket_pages import entry_url
from candidates.domain.mail_sending import ADDRESS_GONE, GONE
from candidates.domain.mailings import draft_mailing
from candidates.enums import MailAudience, MailingState, RecipientState
from candidates.models import Enrolment, Mailing, MailTemplate
from candidates.queries.mailings import (
    audience_of,
    counts_of,
    is_configured,
    never_tested,
    reach_of,
    written_for,
)
from candidates.queries.roster import mask_email
from candidates.queries.tickets import SEALED
from exams.admin.badges import state_badge
from exams.admin.steps import may_step
from exams.enums import SessionKind
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Session
from exams.queries.scope import administered

PAGE_ROWS = 50
RECIPIENT = {
    RecipientState.NO_ADDRESS: ("idle", "none"),
    RecipientState.WAITING: ("idle", "wait"),
    RecipientState.CLAIMED: ("info", "send"),
    RecipientState.SENT: ("ok", "ok"),
    RecipientState.FAILED: ("bad", "bad"),
    RecipientState.UNKNOWN: ("warn", "help"),
}
# What the mail server said is in its own words; these reasons are ours.
OURS = (GONE, ADDRESS_GONE)


def draft(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Choose the words and the people; the draft's own page shows what comes of it."""
    if not model_admin.has_add_permission(request):
        raise NotAllowed
    projects = administered(request.user)
    templates = MailTemplate.objects.filter(project__in=projects).order_by("title")
    sessions = (
        Session.objects.filter(project__in=projects, kind=SessionKind.FORMAL)
        .select_related("project")
        .order_by("-starts_at")
    )
    form = model_admin.draft_form(
        request.POST or None,
        sessions=sessions,
        templates=templates,
        initial={
            "session": request.GET.get("session"),
            "audience": request.GET.get("audience", MailAudience.EVERYBODY),
        },
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        session = form.cleaned_data["session"]
        try:
            mailing = draft_mailing(
                form.cleaned_data["template"],
                session,
                audience=form.cleaned_data["audience"],
                entry_url=entry_url(request, session),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as error:
            refusal = error
        else:
            return redirect("admin:mailing_show", pk=mailing.pk)
    context = _context(
        model_admin,
        request,
        title=_("Write to candidates"),
        form=form,
        refusal=refusal,
        no_templates=not templates,
        unconfigured=not is_configured(),
    )
    status = refusal.status if refusal else 200
    return TemplateResponse(request, "admin/mailing_draft.html", context, status=status)


def show(model_admin: ModelAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    """The letter as one of them gets it, the steps, and each recipient's state."""
    mailing = _mailing(model_admin, request, pk)
    is_draft = mailing.state in (MailingState.DRAFT, MailingState.DISCARDED)
    state = request.GET.get("state", "")
    state = state if state in RecipientState.values else ""
    rows = mailing.recipients.select_related("enrolment__candidate").defer(
        *(f"enrolment__{name}" for name in SEALED if "email" not in name)
    )
    rows = rows.order_by("enrolment__candidate__ticket_number")
    rows = rows.filter(state=state) if state else rows
    if "recipient" in request.GET:
        # The one that the timeline of a candidate leads to.
        rows = rows.filter(code=request.GET["recipient"])
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("p", 1))
    counts = counts_of(mailing)
    context = _context(
        model_admin,
        request,
        title=_("Letter to candidates"),
        mailing=mailing,
        badge=model_admin.shown_state(mailing),
        steps=_steps(model_admin, request, mailing, counts),
        is_draft=is_draft,
        is_sending=mailing.state == MailingState.SENDING,
        reach=reach_of(mailing) if mailing.state == MailingState.DRAFT else None,
        counts=[
            (name, RecipientState(name).label, *RECIPIENT[RecipientState(name)], count)
            for name, count in counts.items()
        ],
        progress=_progress(counts),
        state=state,
        page=page,
        rows=[_line(row) for row in page],
        unconfigured=not is_configured(),
        **_preview(request, mailing),
    )
    return TemplateResponse(request, "admin/mailing.html", context)


def progress(model_admin: ModelAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    """Tell the page's script how far the sending is."""
    mailing = _mailing(model_admin, request, pk)
    done = mailing.state != MailingState.SENDING
    return JsonResponse({**_progress(counts_of(mailing)), "done": done})


def untested(
    model_admin: ModelAdmin, request: HttpRequest, *, session: int
) -> HttpResponse:
    """Who is on the roster and never entered a mock test, to be reminded."""
    if not model_admin.has_view_permission(request):
        raise NotAllowed
    found = Session.objects.filter(
        pk=session, project__in=administered(request.user), kind=SessionKind.FORMAL
    ).first()
    if found is None:
        raise Http404
    # The list shows neither number, and whether there is an address: not which.
    people = never_tested(found)
    page = Paginator(people, PAGE_ROWS).get_page(request.GET.get("p", 1))
    addressed = Enrolment.objects.filter(pk__in=[row.pk for row in page]).exclude(
        candidate__email=""
    )
    context = _context(
        model_admin,
        request,
        title=_("Who never tested"),
        session=found,
        page=page,
        addressed=set(addressed.values_list("pk", flat=True)),
        audience=MailAudience.NEVER_TESTED,
    )
    return TemplateResponse(request, "admin/mailing_untested.html", context)


def _preview(request: HttpRequest, mailing: Mailing) -> dict:
    """Return the letter as one real person gets it; `as` chooses who, from 1."""
    people = Paginator(audience_of(mailing.session, mailing.audience), 1)
    shown = people.get_page(request.GET.get("as", 1))
    person = next(iter(shown), None)
    written = None
    if person is not None:
        (written,) = written_for(mailing, [person], at=clock.now())
    return {"shown": shown, "person": person, "written": written}


def _steps(
    model_admin: ModelAdmin, request: HttpRequest, mailing: Mailing, counts: dict
) -> list:
    return [
        (step, reverse(f"admin:candidates_mailing_{step.name}", args=[mailing.pk]))
        for step in model_admin.steps
        if may_step(model_admin, request, mailing)
        and step.fits(mailing)
        and (step.name != "retry" or counts[RecipientState.FAILED])
    ]


def _progress(counts: dict[str, int]) -> dict[str, int]:
    total = sum(counts.values()) - counts[RecipientState.NO_ADDRESS]
    left = counts[RecipientState.WAITING] + counts[RecipientState.CLAIMED]
    return {"made": total - left, "total": total}


def _line(row) -> dict:
    person = row.enrolment.candidate
    return {
        "row": row,
        "ticket_number": person.ticket_number,
        "name": person.name,
        "address": mask_email(person.email),
        "badge": state_badge(RECIPIENT, row.state, row.get_state_display()),
        "reason": _(row.reason) if row.reason in OURS else "",
        "answer": "" if row.reason in OURS else row.reason,
    }


def _mailing(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> Mailing:
    mailing = model_admin.get_object(request, str(pk))
    if mailing is None or not model_admin.has_view_permission(request, mailing):
        raise Http404
    return mailing


def _context(model_admin: ModelAdmin, request: HttpRequest, **more: object) -> dict:
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        **more,
    }
