"""Cases: opened by one official, confirmed by another, answered by the candidate.

Owns `Case`, `CaseNotice`, `Statement` and the machine of cases; rulings are next door.
Nothing here cancels anything: it leads to the point where two people may decide
(R82, L6, L7, design §11).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain.inbox import deliver
from candidates.enums import InboxKind, LeaseState
from candidates.models import DeviceLease
from candidates.queries.rights import LeaseLost, LeaseWaiting
from exams.domain.approvals import SamePerson
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.kernel.errors import BadInput, Conflict, NotFound, WindowClosed
from exams.kernel.states import Machine
from exams.models import Attempt, Staff
from proctoring.access import require_official
from proctoring.domain import letters
from proctoring.domain.incidents import (
    lock,
    put_in_case,
    require_article,
    require_clip,
)
from proctoring.enums import CaseState, StatementKind
from proctoring.events import staff_topic
from proctoring.models import Article, Case, CaseNotice, Incident, Statement
from proctoring.queries.cases import link_of

MACHINE = Machine(
    {
        "opened": frozenset({"confirmed", "declined"}),
        "confirmed": frozenset({"noticed"}),
        "noticed": frozenset({"stated", "waived", "lapsed"}),
        "stated": frozenset({"ruled"}),
        "waived": frozenset({"ruled"}),
        "lapsed": frozenset({"ruled"}),
    }
)
# Moves that somebody else than the person before must make.
SECOND_PERSON = frozenset(
    {
        ("opened", "confirmed"),
        ("stated", "ruled"),
        ("waived", "ruled"),
        ("lapsed", "ruled"),
    }
)
ANSWER_WITHIN = timedelta(hours=24)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
MAX_TEXT = 2000


def advance(
    case: Case,
    *,
    to: str,
    by: Actor,
    at: datetime,
    facts: dict | None = None,
    **columns: object,
) -> Case:
    """Move the case, with its audit entry and its event, under the attempt's lock."""
    with transaction.atomic():
        attempt = lock(case.attempt)
        old = MACHINE.move(case, to=to, **columns)
        _record(f"case.{to}", case, by=by, at=at, facts={"from": old, **(facts or {})})
        publish(
            staff_topic(attempt.code),
            "case.moved",
            {"case": case.code, "from": old, "to": to},
            at=at,
        )
    return case


def open_case(
    attempt: Attempt,
    *,
    article: Article,
    facts: str,
    from_at: datetime,
    to_at: datetime,
    incidents: Collection[Incident],
    by: Staff,
    at: datetime,
) -> Case:
    """Open a case on open incidents of the attempt; `to_at` ends its clip.

    Raises `NotAllowed`, `BadInput` for empty or too long facts, a wrong clip, article
    or incident, and `IllegalMove` or `Conflict` for an incident that is not open.
    """
    require_official(by, attempt)
    require_clip(from_at, to_at)
    require_article(article, attempt)
    facts = checked_text(facts)
    with transaction.atomic():
        lock(attempt)
        case = Case.objects.create(
            attempt=attempt,
            article=article,
            facts=facts,
            from_at=from_at,
            to_at=to_at,
            opened_by=by,
            opened_at=at,
        )
        for incident in incidents:
            put_in_case(incident, case, by=by, at=at)
        _record(
            "case.opened",
            case,
            by=Actor.of_staff(by),
            at=at,
            facts={
                "article": article.code,
                "version": article.version,
                "incidents": [incident.code for incident in incidents],
            },
        )
    return case


def confirm_case(case: Case, *, reason: str, by: Staff, at: datetime) -> Case:
    """A second official finds that there is something to answer (L6).

    Raises `SamePerson` for the opener, `ReasonMissing`, `NotAllowed`, `IllegalMove`.
    """
    require_official(by, case.attempt)
    if by.pk == case.opened_by_id:
        raise SamePerson
    return advance(
        case,
        to=CaseState.CONFIRMED,
        by=Actor.of_staff(by),
        at=at,
        facts={"reason": _reason(reason)},
        confirmed_by=by,
        confirmed_at=at,
    )


def decline_case(case: Case, *, reason: str, by: Staff, at: datetime) -> Case:
    """End a case before the candidate hears of it; its incidents stay with it."""
    require_official(by, case.attempt)
    return advance(
        case,
        to=CaseState.DECLINED,
        by=Actor.of_staff(by),
        at=at,
        facts={"reason": _reason(reason)},
    )


def send_notice(
    case: Case, *, by: Staff, at: datetime, within: timedelta = ANSWER_WITHIN
) -> CaseNotice:
    """Tell the candidate facts, basis, intended decision and the right to answer (L7).

    The notice goes to the inbox and is due after `within` (an hour to 30 days).
    Raises `BadInput`, `NotAllowed`, `IllegalMove`, `Conflict`.
    """
    require_official(by, case.attempt)
    if not SHORTEST <= within <= LONGEST:
        raise BadInput(reason="hours")
    due_at = at + within
    with transaction.atomic():
        attempt = lock(case.attempt)
        advance(
            case,
            to=CaseState.NOTICED,
            by=Actor.of_staff(by),
            at=at,
            facts={"due": due_at.isoformat()},
        )
        letter = letters.notice_of(case, due_at=due_at)
        item = deliver(
            attempt,
            kind=InboxKind.CASE_NOTICE,
            title=letter.title,
            body=letter.body,
            link=link_of(case),
            due_at=due_at,
            must_acknowledge=True,
            at=at,
        )
        return CaseNotice.objects.create(
            case=case, item=item, body=letter.body, due_at=due_at, sent_by=by, at=at
        )


def state_case(case: Case, *, text: str, lease: DeviceLease, at: datetime) -> Statement:
    """Keep the candidate's statement (1 to 2000 characters), once, in its window.

    Raises `NotFound` for another attempt's lease, `LeaseLost`, `LeaseWaiting`,
    `WindowClosed`, `BadInput`, `IllegalMove`.
    """
    text = checked_text(text)
    return _answer(case, StatementKind.STATEMENT, text=text, lease=lease, at=at)


def waive_case(case: Case, *, lease: DeviceLease, at: datetime) -> Statement:
    """Keep that the candidate makes no statement; raises what `state_case` does."""
    return _answer(case, StatementKind.WAIVER, text="", lease=lease, at=at)


def sweep_cases(*, at: datetime) -> int:
    """Store that no statement came in time; return how many."""
    lapsed = 0
    late = Case.objects.filter(state=CaseState.NOTICED, notice__due_at__lte=at)
    for case in late.select_related("attempt__session"):
        try:
            advance(case, to=CaseState.LAPSED, by=Actor.job("sweep"), at=at)
        except Conflict:
            # The candidate's answer came first.
            continue
        lapsed += 1
    return lapsed


def checked_text(text: str) -> str:
    """Return the text without its margins; raises `BadInput` if empty or too long."""
    text = text.strip()
    if not 0 < len(text) <= MAX_TEXT:
        raise BadInput(reason=_("a text of 1–%(most)s characters") % {"most": MAX_TEXT})
    return text


def _answer(
    case: Case, kind: StatementKind, *, text: str, lease: DeviceLease, at: datetime
) -> Statement:
    if lease.attempt_id != case.attempt_id:
        raise NotFound
    if lease.state == LeaseState.WAITING:
        raise LeaseWaiting
    if lease.state != LeaseState.ACTIVE:
        raise LeaseLost
    with transaction.atomic():
        lock(case.attempt)
        case.refresh_from_db(fields=["state"])
        if case.state == CaseState.NOTICED and at >= case.notice.due_at:
            raise WindowClosed(opens=case.notice.at, closes=case.notice.due_at)
        to = CaseState.STATED if kind == StatementKind.STATEMENT else CaseState.WAIVED
        advance(case, to=to, by=Actor.of_candidate(case.attempt), at=at)
        return Statement.objects.create(
            case=case, kind=kind, text=text, lease=lease, at=at
        )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:MAX_TEXT]


def _record(action: str, case: Case, *, by: Actor, at: datetime, facts: dict) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"attempt:{case.attempt.code}",
        facts={"case": case.code, **facts},
        chain=case.attempt.session.code,
    )
