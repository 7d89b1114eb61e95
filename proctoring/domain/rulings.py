"""Rulings: proposed by one official, approved by another, told to the candidate.

Owns `Proposal` and `Ruling`, moves a case to `ruled`, and is the only caller of
`exams.domain.voids`. What is approved is the whole of the case as it stands: facts,
article, statement and reasons (R82, L6–L8, design §11).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain.inbox import deliver
from candidates.enums import InboxKind
from exams.domain import approvals, voids
from exams.domain.audit import Actor, record
from exams.domain.voids import AlreadyVoid
from exams.enums import ApprovalAction, VoidKind
from exams.kernel.errors import BadInput, Conflict, IllegalMove, Refusal
from exams.models import Staff
from exams.queries.voids import void_of
from proctoring.access import require_official
from proctoring.domain import letters
from proctoring.domain.cases import advance, checked_text
from proctoring.domain.incidents import lock
from proctoring.enums import CaseState, Outcome, Sanction
from proctoring.models import Case, Proposal, Ruling, Statement
from proctoring.queries.cases import last_ruling, link_of, outcomes_open

ACTIONS = {
    Outcome.DISMISS: ApprovalAction.RULING,
    Outcome.WARN: ApprovalAction.RULING,
    Outcome.VOID: ApprovalAction.VOID,
    Outcome.RESTORE: ApprovalAction.RESTORE,
}
TURNS = {Outcome.VOID: VoidKind.VOID, Outcome.RESTORE: VoidKind.RESTORE}


class NoSanction(Refusal):
    """The article does not provide for cancelling a score."""

    code = "no_sanction"
    message = _("This article does not provide for cancelling the score.")


class NothingProposed(Refusal):
    """There is no proposal that could be approved."""

    code = "nothing_proposed"
    message = _("No proposal waits for approval. It may have expired.")


def propose_ruling(
    case: Case, *, outcome: str, reasons: str, by: Staff, at: datetime
) -> Proposal:
    """Put a ruling with its reasons before a second person; nothing is decided yet.

    Raises `IllegalMove` before the candidate was heard or where the outcome does not
    follow, `NoSanction`, `AlreadyVoid`, `BadInput`, `NotAllowed`.
    """
    require_official(by, case.attempt)
    reasons = checked_text(reasons)
    if outcome not in Outcome.values:
        raise BadInput(reason="outcome")
    with transaction.atomic():
        attempt = lock(case.attempt)
        case.refresh_from_db(fields=["state"])
        if outcome not in outcomes_open(case):
            raise IllegalMove(old=case.state, new=outcome)
        if outcome == Outcome.VOID:
            if case.article.sanction not in Sanction.CANCELS:
                raise NoSanction
            if void_of(attempt):
                raise AlreadyVoid
        turn = case.proposals.count() + 1
        grounds = _grounds(case, outcome=outcome, reasons=reasons, turn=turn)
        approval = approvals.request_approval(
            ACTIONS[outcome],
            session=attempt.session,
            subject=_subject(case, outcome),
            payload=_payload(case, outcome=outcome, grounds=grounds),
            reason=reasons,
            by=by,
            at=at,
        )
        return Proposal.objects.create(
            case=case, turn=turn, outcome=outcome, approval=approval
        )


def approve_ruling(proposal: Proposal, *, by: Staff, at: datetime) -> Ruling:
    """Give the second yes and carry the ruling out, in one transaction.

    Raises `SamePerson`, `ApprovalExpired`, `PayloadChanged`, `NotAllowed`, `Conflict`
    when a newer proposal stands, `IllegalMove`, `AlreadyVoid`.
    """
    case, outcome, approval = proposal.case, proposal.outcome, proposal.approval
    with transaction.atomic():
        attempt = lock(case.attempt)
        case.refresh_from_db(fields=["state"])
        if proposal.turn != case.proposals.count():
            raise Conflict
        if outcome not in outcomes_open(case):
            raise IllegalMove(old=case.state, new=outcome)
        reasons = approval.reason
        grounds = _grounds(case, outcome=outcome, reasons=reasons, turn=proposal.turn)
        payload = _payload(case, outcome=outcome, grounds=grounds)
        approval = approvals.approve(approval, payload=payload, by=by, at=at)
        letter = letters.ruling_of(case, outcome=outcome, reasons=reasons, at=at)
        last = last_ruling(case)
        ruling = Ruling.objects.create(
            case=case,
            turn=last.turn + 1 if last else 1,
            outcome=outcome,
            proposal=proposal,
            letter=letter.body,
            at=at,
        )
        facts = {"outcome": str(outcome), "approval": approval.code}
        if case.state != CaseState.RULED:
            advance(case, to=CaseState.RULED, by=Actor.of_staff(by), at=at, facts=facts)
        else:
            _record_reversal(case, by=by, at=at, facts=facts)
        if outcome in TURNS:
            _turn(proposal, grounds=grounds, at=at)
        deliver(
            attempt,
            kind=InboxKind.RULING,
            title=letter.title,
            body=letter.body,
            link=link_of(case),
            must_acknowledge=True,
            at=at,
        )
    return ruling


def _turn(proposal: Proposal, *, grounds: str, at: datetime) -> None:
    acts = {
        Outcome.VOID: voids.void_attempt,
        Outcome.RESTORE: voids.restore_attempt,
    }
    case, approval = proposal.case, proposal.approval
    acts[proposal.outcome](
        case.attempt, approval=approval, ref=case.code, grounds=grounds, at=at
    )


def _payload(case: Case, *, outcome: str, grounds: str) -> dict:
    if outcome in TURNS:
        return voids.payload_of(
            case.attempt, kind=TURNS[outcome], ref=case.code, grounds=grounds
        )
    return {"case": case.code, "grounds": grounds}


def _grounds(case: Case, *, outcome: str, reasons: str, turn: int) -> str:
    """Return one digest over all that the two people have before them."""
    statement = Statement.objects.filter(case=case).first()
    return approvals.digest_of(
        {
            "case": case.code,
            "turn": turn,
            "outcome": str(outcome),
            "reasons": reasons,
            "facts": case.facts,
            "clip": [case.from_at.isoformat(), case.to_at.isoformat()],
            "article": [case.article.code, case.article.version, case.article.text_zh],
            "statement": [statement.kind, statement.text] if statement else [],
            "rulings": case.rulings.count(),
        }
    )


def _subject(case: Case, outcome: str) -> str:
    if outcome in TURNS:
        return f"attempt:{case.attempt.code}"
    return f"case:{case.code}"


def _record_reversal(case: Case, *, by: Staff, at: datetime, facts: dict) -> None:
    record(
        "case.reversed",
        by=Actor.of_staff(by),
        at=at,
        subject=f"attempt:{case.attempt.code}",
        facts={"case": case.code, **facts},
        chain=case.attempt.session.code,
    )
