"""Cases as officials and the candidate read them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.models import Session, Staff
from proctoring.enums import CaseState, Outcome
from proctoring.models import Case, Proposal, Ruling

NOBODY = _("nobody")
WAITS = {
    CaseState.OPENED: _("a second official, to confirm"),
    CaseState.CONFIRMED: _("an official, to tell the candidate"),
    CaseState.NOTICED: _("the candidate's statement"),
    CaseState.STATED: _("an official, to propose a ruling"),
    CaseState.WAIVED: _("an official, to propose a ruling"),
    CaseState.LAPSED: _("an official, to propose a ruling"),
    CaseState.DECLINED: NOBODY,
    CaseState.RULED: NOBODY,
}


@dataclass(frozen=True)
class Waiting:
    """One line of the desk: the case and what it waits for."""

    case: Case
    waits_for: str | Promise
    by_others: bool


def link_of(case: Case) -> str:
    """Return the address at which the candidate reads and answers the case."""
    return reverse("cases:case", args=[case.code])


def cases_in(sessions: QuerySet[Session]) -> QuerySet[Case]:
    """Return the cases of these sessions with what a page of them shows."""
    return (
        Case.objects.filter(attempt__session__in=sessions)
        .select_related(
            "attempt__session__project",
            "attempt__drawn_number",
            "article",
            "opened_by",
            "confirmed_by",
            "notice__sent_by",
            "notice__item",
            "statement",
        )
        .order_by("-opened_at", "-pk")
    )


def waiting_of(case: Case, *, reader: Staff, at: datetime) -> Waiting:
    """Return what the case waits for; `by_others` when the reader cannot do it."""
    proposal = pending_proposal(case, at=at)
    if proposal is not None:
        own = proposal.approval.requested_by_id == reader.pk
        return Waiting(case, _("a second official, to approve the ruling"), own)
    own = case.state == CaseState.OPENED and case.opened_by_id == reader.pk
    told = case.state == CaseState.NOTICED
    return Waiting(case, WAITS[CaseState(case.state)], own or told)


def last_ruling(case: Case) -> Ruling | None:
    """Return the ruling that holds now, with its two people."""
    return rulings_of(case).order_by("-turn").first()


def rulings_of(case: Case) -> QuerySet[Ruling]:
    return (
        Ruling.objects.filter(case=case)
        .select_related(
            "proposal__approval__requested_by", "proposal__approval__approved_by"
        )
        .order_by("turn")
    )


def pending_proposal(case: Case, *, at: datetime) -> Proposal | None:
    """Return the proposed ruling that waits for a second person, if there is one.

    Only the newest proposal can be approved, and only until it expires.
    """
    newest = (
        Proposal.objects.filter(case=case)
        .select_related("approval__requested_by", "approval__approved_by")
        .order_by("-turn")
        .first()
    )
    if (
        newest is None
        or newest.approval.approved_at
        or at >= newest.approval.expires_at
    ):
        return None
    return newest


def outcomes_open(case: Case) -> tuple[str, ...]:
    """Return what may be proposed now (R82: nothing before the candidate was heard)."""
    if case.state in CaseState.HEARD:
        return Outcome.FIRST
    last = last_ruling(case) if case.state == CaseState.RULED else None
    return (Outcome.RESTORE,) if last and last.outcome == Outcome.VOID else ()
