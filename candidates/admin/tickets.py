"""Admission tickets: asked for, watched being made, looked at, published."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates.admin import ticket_pages
from candidates.domain.tickets import publish_tickets, withdraw_tickets
from candidates.enums import TicketsState
from candidates.models import TicketBatch
from candidates.queries.tickets import freshness_of
from exams.admin.own_pages import OwnPagesAdmin
from exams.admin.steps import Step, StepsMixin
from exams.models import Session

STATES = {
    TicketsState.MAKING: ("info", "wait"),
    TicketsState.READY: ("warn", "eye"),
    TicketsState.PUBLISHED: ("ok", "ok"),
    TicketsState.FAILED: ("bad", "bad"),
    TicketsState.WITHDRAWN: ("idle", "none"),
    TicketsState.SUPERSEDED: ("idle", "swap"),
}


def _extent(row: TicketBatch):
    count = row.tickets.filter(enrolment__isnull=False).exclude(path="").count()
    return ngettext(
        "%(count)s candidate has a ticket in these.",
        "%(count)s candidates have a ticket in these.",
        count,
    ) % {"count": count}


def _before_publishing(row: TicketBatch, at) -> list:
    found = []
    fresh = freshness_of(row, at=at)
    if not fresh.is_fresh:
        found.append(
            _(
                "Out of date: %(stale)s; candidates without a ticket: %(missing)s. "
                "Until the tickets are made again this is refused."
            )
            % {"stale": len(fresh.stale), "missing": fresh.missing}
        )
    without = row.tickets.filter(enrolment__isnull=False, path="").count()
    if without:
        found.append(
            ngettext(
                "%(count)s candidate gets none: see the problems.",
                "%(count)s candidates get none: see the problems.",
                without,
            )
            % {"count": without}
        )
    return found


PUBLISH = Step(
    name="publish",
    title=_("Publish the tickets"),
    effect=_(
        "Each candidate finds their own ticket on their home page, to read and to "
        "print. Nobody sees anybody else's."
    ),
    final=_(
        "What was fetched cannot be called back. The tickets can be withdrawn, or "
        "replaced by new ones."
    ),
    done=_("The tickets are published."),
    act=lambda row, by, at, reason: publish_tickets(row, by=by, at=at),
    fits=lambda row: row.state == TicketsState.READY,
    extent=_extent,
    cautions=_before_publishing,
)
WITHDRAW = Step(
    name="withdraw",
    title=_("Withdraw the tickets"),
    effect=_("Candidates no longer find them on their home page."),
    final=_("Withdrawn tickets are not published again; new ones can be made."),
    done=_("The tickets are withdrawn."),
    act=lambda row, by, at, reason: withdraw_tickets(row, by=by, at=at, reason=reason),
    fits=lambda row: row.state == TicketsState.PUBLISHED,
    extent=_extent,
    tone="warn",
)


class TicketsForm(forms.Form):
    """Whose tickets, and in which language; sessions come from the caller's scope."""

    session = forms.ModelChoiceField(
        label=_("Session"), queryset=Session.objects.none()
    )
    language = forms.ChoiceField(
        label=_("Language of the tickets"),
        choices=settings.LANGUAGES,
        help_text=_("Names, titles and rules are printed as they were typed."),
    )

    def __init__(self, *args, sessions, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions


@admin.register(TicketBatch)
class TicketBatchAdmin(StepsMixin, OwnPagesAdmin):
    """One row per making; opening one shows its progress, its files, its problems."""

    project_path = "session__project"
    states = STATES
    own_pages = (
        ("add/", ticket_pages.ask, "tickets_request"),
        ("<int:pk>/change/", ticket_pages.show, "tickets_show"),
        ("<int:pk>/progress/", ticket_pages.progress, "tickets_progress"),
        ("<int:pk>/print/", ticket_pages.print_page, "tickets_print"),
        ("<int:pk>/files/<str:code>/", ticket_pages.file, "tickets_file"),
    )
    steps = (PUBLISH, WITHDRAW)
    request_form = TicketsForm
    list_display = ["created_at", "session", "language", "shown_state", "published_at"]
    list_display_links = ["created_at", "session"]
    list_select_related = ["session"]
    list_filter = ["state", "language"]
    search_fields = ["session__title", "session__code"]
    ordering = ["-created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("session__project")
