"""The listed operations on a frozen session: one asks, a second person agrees.

Owns `Emergency`. Agreeing carries out exactly what was asked for, or nothing: what held
then is compared again. None gives anybody extra time (R20, design §4). Locks the
session before its attempts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.access import require_role
from exams.domain import approvals, attempts
from exams.domain.audit import Actor, record
from exams.domain.papers import seal_paper
from exams.domain.schedule import Schedule
from exams.domain.soundness import contradictions
from exams.enums import (
    ApprovalAction,
    AttemptState,
    EmergencyKind,
    Role,
    SessionState,
)
from exams.kernel.errors import Conflict, Refusal
from exams.models import Attempt, Emergency, Paper, Session, Staff

# The edge knows an attempt's windows for some seconds: nothing moves that late.
MARGIN = timedelta(seconds=60)


class NotFrozen(Refusal):
    """Before the freeze everything is changed on the form."""

    code = "not_frozen"
    message = _("This session is not frozen. Change it on its form.")


class TooLate(Refusal):
    """The start has come, or comes within a minute."""

    code = "too_late"
    message = _(
        "This is possible until one minute before the start. Nothing was changed."
    )


class NotPossible(Refusal):
    """The operation does not fit this session; `why` says it."""

    code = "not_possible"
    status = 422
    message = _("This does not fit this session: %(why)s")


class AlreadyDone(Refusal):
    code = "already_done"
    message = _("This operation has been carried out.")


@dataclass(frozen=True)
class _Operation:
    """`look` returns what holds now, `check` refuses, `carry_out` writes."""

    look: Callable[[Session, dict], dict]
    check: Callable[[Session, dict, datetime], None]
    carry_out: Callable[[Session, dict, Actor, datetime], None]


def propose(
    session: Session,
    *,
    kind: str,
    arguments: dict,
    reason: str,
    by: Staff,
    at: datetime,
) -> Emergency:
    """Ask for one operation; nothing happens before a second person agrees.

    `arguments` by kind: postpone `{starts_at: ISO instant}`, cancel `{}`, paper
    `{paper: id}`, entry `{attempt: code, until: ISO instant}`, upload_cap
    `{seconds}`. Raises `NotFrozen`, `TooLate`, `NotPossible`, `ReasonMissing`,
    `NotAllowed`.
    """
    with transaction.atomic():
        locked = lock_frozen(session)
        operation = _OPERATIONS[kind]
        operation.check(locked, arguments, at)
        before = operation.look(locked, arguments)
        approval = approvals.request_approval(
            ApprovalAction.EMERGENCY,
            session=locked,
            subject=f"session:{locked.code}",
            payload=_payload(kind, arguments, before),
            reason=reason,
            by=by,
            at=at,
        )
        return Emergency.objects.create(
            session=locked,
            kind=kind,
            arguments=arguments,
            before=before,
            approval=approval,
        )


def agree(emergency: Emergency, *, by: Staff, at: datetime) -> Emergency:
    """Give the second person's yes and carry the operation out, both or neither.

    Raises `SamePerson`, `ApprovalExpired`, `PayloadChanged` when what held has moved,
    `AlreadyDone`, and whatever the operation refuses with by now.
    """
    with transaction.atomic():
        session = lock_frozen(emergency.session)
        stored = Emergency.objects.select_related("approval__session").get(
            pk=emergency.pk
        )
        if stored.done_at:
            raise AlreadyDone
        operation, arguments = _OPERATIONS[stored.kind], stored.arguments
        operation.check(session, arguments, at)
        now = operation.look(session, arguments)
        payload = _payload(stored.kind, arguments, now)
        approvals.approve(stored.approval, payload=payload, by=by, at=at)
        operation.carry_out(session, arguments, Actor.of_staff(by), at)
        changed = Emergency.objects.filter(pk=stored.pk, done_at=None).update(
            done_at=at
        )
        if changed != 1:
            raise Conflict
        record(
            f"session.emergency_{stored.kind}",
            by=Actor.of_staff(by),
            at=at,
            subject=f"session:{session.code}",
            facts={
                "approval": stored.approval.code,
                "arguments": arguments,
                "before": now,
            },
            chain=session.code,
        )
    emergency.refresh_from_db()
    return emergency


def waiting_for(session: Session, *, by: Staff, at: datetime) -> list[Emergency]:
    """Return the operations that this person may agree to, oldest first."""
    require_role(by, Role.ADMINISTRATOR, session=session)
    waiting = session.emergencies.filter(
        done_at=None,
        approval__approved_at=None,
        approval__expires_at__gt=at,
    ).exclude(approval__requested_by=by)
    return list(waiting.select_related("approval__requested_by").order_by("pk"))


def lock_frozen(session: Session) -> Session:
    """Return the session, locked; raises unless it is frozen and goes on."""
    locked = Session.objects.select_for_update().get(pk=session.pk)
    if not locked.frozen_at:
        raise NotFrozen
    if locked.state != SessionState.PUBLISHED:
        raise NotPossible(why=locked.get_state_display())
    return locked


def _payload(kind: str, arguments: dict, before: dict) -> dict:
    return {"kind": str(kind), "arguments": arguments, "before": before}


def _require_time(session: Session, at: datetime) -> None:
    if at >= session.starts_at - MARGIN:
        raise TooLate


def _look_start(session: Session, arguments: dict) -> dict:
    return {"starts_at": session.starts_at.isoformat()}


def _check_postpone(session: Session, arguments: dict, at: datetime) -> None:
    _require_time(session, at)
    starts = datetime.fromisoformat(arguments["starts_at"])
    if starts <= session.starts_at:
        raise NotPossible(why=_("the new start is not later than the old one."))
    session_then = Session.objects.get(pk=session.pk)
    session_then.starts_at = starts
    for clash in contradictions(session_then):
        raise clash


def _postpone(session: Session, arguments: dict, by: Actor, at: datetime) -> None:
    session.starts_at = datetime.fromisoformat(arguments["starts_at"])
    session.save(update_fields=["starts_at"])


def _look_people(session: Session, arguments: dict) -> dict:
    waiting = session.attempts.filter(state__in=AttemptState.BEFORE_ENTRY)
    return {"attempts": waiting.count()}


def _check_cancel(session: Session, arguments: dict, at: datetime) -> None:
    _require_time(session, at)
    if session.attempts.filter(state__in=AttemptState.PRESENT).exists():
        raise NotPossible(why=_("somebody has already entered."))


def _cancel(session: Session, arguments: dict, by: Actor, at: datetime) -> None:
    facts = {"why": "session cancelled"}
    waiting = session.attempts.filter(state__in=AttemptState.BEFORE_ENTRY)
    for attempt in waiting.select_related("session"):
        attempts.advance(attempt, to=AttemptState.WITHDRAWN, by=by, at=at, facts=facts)


def _look_paper(session: Session, arguments: dict) -> dict:
    return {"paper": session.paper_id}


def _check_paper(session: Session, arguments: dict, at: datetime) -> None:
    _require_time(session, at)
    paper = Paper.objects.filter(
        pk=arguments["paper"], project=session.project_id
    ).first()
    if paper is None or paper.pk == session.paper_id:
        raise NotPossible(why=_("choose another paper of the same project."))
    if not paper.questions.exists() or not paper.criteria.exists():
        raise NotPossible(why=_("the paper has no questions or no criteria."))


def _replace_paper(session: Session, arguments: dict, by: Actor, at: datetime) -> None:
    paper = Paper.objects.get(pk=arguments["paper"])
    session.paper = seal_paper(paper, by=by, at=at)
    session.save(update_fields=["paper"])
    session.rooms.update(paper=None)


def _look_entry(session: Session, arguments: dict) -> dict:
    attempt = session.attempts.filter(code=arguments["attempt"]).first()
    until = attempt.entry_until if attempt else None
    return {"entry_until": until.isoformat() if until else None}


def _check_entry(session: Session, arguments: dict, at: datetime) -> None:
    attempt = session.attempts.filter(code=arguments["attempt"]).first()
    if attempt is None:
        raise NotPossible(why=_("there is no such attempt in it."))
    if attempt.state not in (*AttemptState.BEFORE_ENTRY, AttemptState.ABSENT):
        raise NotPossible(why=_("this person has already entered or withdrawn."))
    until = datetime.fromisoformat(arguments["until"])
    plan = Schedule.of(session, attempt)
    if not max(at, plan.entry_closes) < until <= plan.ends:
        raise NotPossible(
            why=_("entry is reopened from its closing at most until the end.")
        )


def _reopen_entry(session: Session, arguments: dict, by: Actor, at: datetime) -> None:
    attempt = Attempt.objects.select_for_update().get(code=arguments["attempt"])
    attempt.entry_until = datetime.fromisoformat(arguments["until"])
    attempt.save(update_fields=["entry_until"])
    if attempt.state == AttemptState.ABSENT:
        attempts.restore(attempt, by=by, at=at, reason="entry reopened")


def _look_cap(session: Session, arguments: dict) -> dict:
    return {"seconds": session.upload_cap}


def _check_cap(session: Session, arguments: dict, at: datetime) -> None:
    session_then = Session.objects.get(pk=session.pk)
    session_then.upload_cap = arguments["seconds"]
    if arguments["seconds"] == session.upload_cap:
        raise NotPossible(why=_("this is the cap that it has."))
    for clash in contradictions(session_then):
        raise clash
    if Schedule.of(session_then).upload_closes <= at:
        raise NotPossible(why=_("the upload would be closed already."))


def _move_cap(session: Session, arguments: dict, by: Actor, at: datetime) -> None:
    session.upload_cap = arguments["seconds"]
    session.save(update_fields=["upload_cap"])


_OPERATIONS: dict[str, _Operation] = {
    EmergencyKind.POSTPONE: _Operation(_look_start, _check_postpone, _postpone),
    EmergencyKind.CANCEL: _Operation(_look_people, _check_cancel, _cancel),
    EmergencyKind.PAPER: _Operation(_look_paper, _check_paper, _replace_paper),
    EmergencyKind.ENTRY: _Operation(_look_entry, _check_entry, _reopen_entry),
    EmergencyKind.UPLOAD_CAP: _Operation(_look_cap, _check_cap, _move_cap),
}
