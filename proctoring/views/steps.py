"""The steps of a case as confirm pages: what happens, who may, what stays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.models import Staff
from proctoring.domain import cases, rulings
from proctoring.enums import CaseState
from proctoring.models import Case
from proctoring.queries.cases import outcomes_open, pending_proposal
from proctoring.views.forms import NoForm, NoticeForm, ReasonForm, RulingForm

Text = str | Promise
SECOND = _("This needs a second person: you did the step before yourself.")


@dataclass(frozen=True)
class CaseStep:
    """One act on a case; `hindrance` says why this reader cannot do it now."""

    name: str
    title: Text
    effect: Text
    final: Text
    act: Callable[[Case, Staff, datetime, dict], object]
    fits: Callable[[Case, datetime], bool]
    form: Callable[..., forms.Form]
    hindrance: Callable[[Case, Staff, datetime], Text | None] = lambda *_: None
    tone: str = "info"


def _own_case(case: Case, reader: Staff, at: datetime) -> Text | None:
    return SECOND if case.opened_by_id == reader.pk else None


def _own_proposal(case: Case, reader: Staff, at: datetime) -> Text | None:
    proposal = pending_proposal(case, at=at)
    own = proposal and proposal.approval.requested_by_id == reader.pk
    return SECOND if own else None


def _approve(case: Case, by: Staff, at: datetime, data: dict) -> object:
    proposal = pending_proposal(case, at=at)
    if proposal is None:
        raise rulings.NothingProposed
    return rulings.approve_ruling(proposal, by=by, at=at)


STEPS = (
    CaseStep(
        name="confirm",
        title=_("Confirm the case"),
        effect=_(
            "You say as the second official that the film shows something which the "
            "candidate has to answer."
        ),
        final=_("Nothing is decided about the candidate yet."),
        act=lambda case, by, at, data: cases.confirm_case(
            case, reason=data["reason"], by=by, at=at
        ),
        fits=lambda case, at: case.state == CaseState.OPENED,
        form=lambda data, case: ReasonForm(data),
        hindrance=_own_case,
    ),
    CaseStep(
        name="decline",
        title=_("Do not pursue the case"),
        effect=_("The case ends here. The candidate never hears of it."),
        final=_(
            "It stays in the record with your reason, and cannot be taken up again."
        ),
        act=lambda case, by, at, data: cases.decline_case(
            case, reason=data["reason"], by=by, at=at
        ),
        fits=lambda case, at: case.state == CaseState.OPENED,
        form=lambda data, case: ReasonForm(data),
        tone="warn",
    ),
    CaseStep(
        name="notice",
        title=_("Tell the candidate"),
        effect=_(
            "The candidate gets the notice in the inbox: facts, basis, what is "
            "intended, and until when to answer."
        ),
        final=_("A notice cannot be taken back. Nothing is decided before its time."),
        act=lambda case, by, at, data: cases.send_notice(
            case, by=by, at=at, within=timedelta(hours=data["hours"])
        ),
        fits=lambda case, at: case.state == CaseState.CONFIRMED,
        form=lambda data, case: NoticeForm(
            data,
            initial={"hours": max(1, case.attempt.session.defence_window // 3600)},
        ),
    ),
    CaseStep(
        name="propose",
        title=_("Propose a ruling"),
        effect=_("Your draft waits for a second official. Nothing happens before."),
        final=_("A newer proposal takes the place of an older one."),
        act=lambda case, by, at, data: rulings.propose_ruling(
            case, outcome=data["outcome"], reasons=data["reasons"], by=by, at=at
        ),
        fits=lambda case, at: bool(outcomes_open(case)),
        form=lambda data, case: RulingForm(data, outcomes=outcomes_open(case)),
    ),
    CaseStep(
        name="approve",
        title=_("Approve the ruling"),
        effect=_(
            "It is carried out at once: totals, ranks and the candidate's page change, "
            "and the letter is sent."
        ),
        final=_("The marks stay. A reversal is another ruling by two people."),
        act=_approve,
        fits=lambda case, at: pending_proposal(case, at=at) is not None,
        form=lambda data, case: NoForm(data),
        hindrance=_own_proposal,
        tone="warn",
    ),
)
BY_NAME = {step.name: step for step in STEPS}
