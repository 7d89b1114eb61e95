"""The pages of a letter: draft, preview, recipients; and who never tested."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from candidates.admin.ticket_pages import entry_url, formal_sessions
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
from exams.admin.own_pages import OwnPagesAdmin
from exams.kernel import clock
from exams.kernel.errors import NotAllowed
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


def draft(model_admin: OwnPagesAdmin, request: HttpRequest) -> HttpResponse:
    """Choose the words and the people; the draft's own page shows what comes of it."""
    model_admin.require_add(request)
    projects = administered(request.user)
    templates = MailTemplate.objects.filter(project__in=projects).order_by("title")

    def make(asked: dict) -> Mailing:
        return draft_mailing(
            asked["template"],
            asked["session"],
            audience=asked["audience"],
            entry_url=entry_url(request, asked["session"]),
            by=request.user,
            at=clock.now(),
        )

    form = model_admin.draft_form(
        request.POST or None,
        sessions=formal_sessions(request).order_by("-starts_at"),
        templates=templates,
        initial={
            "session": request.GET.get("session"),
            "audience": request.GET.get("audience", MailAudience.EVERYBODY),
        },
    )
    return model_admin.making_page(
        request,
        "admin/mailing_draft.html",
        form=form,
        make=make,
        then="admin:mailing_show",
        title=_("Write to candidates"),
        no_templates=not templates,
        unconfigured=not is_configured(),
    )


def show(model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int) -> HttpResponse:
    """The letter as one of them gets it, the steps, and each recipient's state."""
    mailing = model_admin.row_or_404(request, pk)
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
    return model_admin.own_page(
        request,
        "admin/mailing.html",
        title=_("Letter to candidates"),
        mailing=mailing,
        badge=model_admin.shown_state(mailing),
        steps=[
            (step, url)
            for step, url in model_admin.steps_for(request, mailing)
            if step.name != "retry" or counts[RecipientState.FAILED]
        ],
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


def progress(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, pk: int
) -> HttpResponse:
    """Tell the page's script how far the sending is."""
    mailing = model_admin.row_or_404(request, pk)
    done = mailing.state != MailingState.SENDING
    return JsonResponse({**_progress(counts_of(mailing)), "done": done})


def untested(
    model_admin: OwnPagesAdmin, request: HttpRequest, *, session: int
) -> HttpResponse:
    """Who is on the roster and never entered a mock test, to be reminded."""
    if not model_admin.has_view_permission(request):
        raise NotAllowed
    found = get_object_or_404(formal_sessions(request), pk=session)
    # The list shows neither number, and whether there is an address: not which.
    people = never_tested(found)
    page = Paginator(people, PAGE_ROWS).get_page(request.GET.get("p", 1))
    addressed = Enrolment.objects.filter(pk__in=[row.pk for row in page]).exclude(
        candidate__email=""
    )
    return model_admin.own_page(
        request,
        "admin/mailing_untested.html",
        title=_("Who never tested"),
        session=found,
        page=page,
        addressed=set(addressed.values_list("pk", flat=True)),
        audience=MailAudience.NEVER_TESTED,
    )


def _preview(request: HttpRequest, mailing: Mailing) -> dict:
    """Return the letter as one real person gets it; `as` chooses who, from 1."""
    people = Paginator(audience_of(mailing.session, mailing.audience), 1)
    shown = people.get_page(request.GET.get("as", 1))
    person = next(iter(shown), None)
    written = None
    if person is not None:
        (written,) = written_for(mailing, [person], at=clock.now())
    return {"shown": shown, "person": person, "written": written}


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
