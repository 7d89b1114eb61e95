"""Reading a sealed paper before its time: two people, a reason, and a trace.

Owns `PaperReading` and `PaperOpening`, both only added to. From the sealing on nothing
else in the admin decrypts a text: one administrator asks, another agrees, and then
each of the two may open it once, within an hour (design §9).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from exams.domain import approvals
from exams.domain.audit import Actor, record
from exams.domain.papers import PaperNotSealed, bundle_for, key_for, open_bundle
from exams.enums import ApprovalAction
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Criterion, Paper, PaperOpening, PaperReading, Session, Staff

OPEN_FOR = timedelta(hours=1)
TO_AGREE = timedelta(days=1)


class NoSession(Refusal):
    code = "no_session"
    message = _("A sealed paper is read for a session. This project has none yet.")


class ReadingWaits(Refusal):
    code = "reading_waits"
    message = _("A reading of this paper was asked for already and is not over.")


class ReadingOver(Refusal):
    """The hour has passed, or nobody ever agreed."""

    code = "reading_over"
    message = _("The time to open this paper is over. Ask for it again.")


class AlreadyOpened(Refusal):
    code = "already_opened"
    message = _("You have opened this paper once. Ask again to open it once more.")


@dataclass(frozen=True)
class Contents:
    """What is in a paper: `[{number, text, seconds}]`, and what it is scored on."""

    questions: list[dict]
    criteria: list[Criterion]


def ask_reading(paper: Paper, *, reason: str, by: Staff, at: datetime) -> PaperReading:
    """Ask to read a sealed paper; nothing is decrypted before a second person agrees.

    Raises `PaperNotSealed`, `NoSession`, `ReadingWaits`, `ReasonMissing`, `NotAllowed`.
    """
    with transaction.atomic():
        locked = Paper.objects.select_for_update().get(pk=paper.pk)
        if not locked.sealed_at:
            raise PaperNotSealed
        if current_reading(locked, at=at):
            raise ReadingWaits
        approval = approvals.request_approval(
            ApprovalAction.READING,
            session=_session_of(locked),
            subject=f"paper:{locked.pk}",
            payload=_payload(locked),
            reason=reason,
            by=by,
            at=at,
            lifetime=TO_AGREE,
        )
        return PaperReading.objects.create(paper=locked, approval=approval)


def agree_reading(reading: PaperReading, *, by: Staff, at: datetime) -> PaperReading:
    """Be the second person; from now on both may open the paper, each once.

    Raises `SamePerson`, `ApprovalExpired`, `PayloadChanged`, `NotAllowed`, `Conflict`.
    """
    payload = _payload(reading.paper)
    approvals.approve(reading.approval, payload=payload, by=by, at=at)
    return reading


def open_paper(reading: PaperReading, *, by: Staff, at: datetime) -> Contents:
    """Return the texts to one of the two people, once; the entry is written first.

    Raises `NotApproved`, `ApprovalExpired`, `PayloadChanged`, `NotAllowed` for a third
    person, `ReadingOver` and `AlreadyOpened`.
    """
    with transaction.atomic():
        paper = Paper.objects.select_for_update().get(pk=reading.paper_id)
        stored = _readings().get(pk=reading.pk)
        approval = stored.approval
        approvals.require_approved(
            approval, action=ApprovalAction.READING, payload=_payload(paper), at=at
        )
        if by.pk not in (approval.requested_by_id, approval.approved_by_id):
            raise NotAllowed
        if at >= closes_at(stored):
            raise ReadingOver
        if stored.openings.filter(by=by).exists():
            raise AlreadyOpened
        PaperOpening.objects.create(reading=stored, by=by, at=at)
        record(
            "paper.opened",
            by=Actor.of_staff(by),
            at=at,
            subject=f"paper:{paper.pk}",
            facts={"approval": approval.code},
            chain=approval.session.code,
        )
    questions = open_bundle(bundle_for(paper), key_for(paper))
    return Contents(questions, list(paper.criteria.order_by("position")))


def current_reading(paper: Paper, *, at: datetime) -> PaperReading | None:
    """Return the reading that waits for agreement or for being opened, if any."""
    newest = _readings().filter(paper=paper).order_by("-pk").first()
    if newest is None or at >= closes_at(newest):
        return None
    both = newest.openings.count() == len(_people(newest))
    return None if newest.approval.approved_at and both else newest


def openings_of(paper: Paper) -> QuerySet[PaperOpening]:
    """Return who opened the paper and why it was asked for, the newest first."""
    rows = PaperOpening.objects.filter(reading__paper=paper).order_by("-pk")
    return rows.select_related("by", "reading__approval")


def closes_at(reading: PaperReading) -> datetime:
    """Return until when it may be agreed to; once it is, until when it is opened."""
    approval = reading.approval
    if approval.approved_at is None:
        return approval.expires_at
    return min(approval.approved_at + OPEN_FOR, approval.expires_at)


def _people(reading: PaperReading) -> set[int]:
    return {reading.approval.requested_by_id, reading.approval.approved_by_id}


def _readings() -> QuerySet[PaperReading]:
    return PaperReading.objects.select_related(
        "approval__session", "approval__requested_by", "approval__approved_by"
    )


def _session_of(paper: Paper) -> Session:
    """Return the session whose trail tells of the reading: one that asks the paper."""
    asking = Session.objects.filter(Q(paper=paper) | Q(rooms__paper=paper))
    others = Session.objects.filter(project=paper.project_id)
    found = (rows.order_by("starts_at", "pk").first() for rows in (asking, others))
    session = next((row for row in found if row), None)
    if session is None:
        raise NoSession
    return session


def _payload(paper: Paper) -> dict:
    digest = hashlib.sha256(bundle_for(paper)).hexdigest()
    return {"paper": paper.pk, "bundle": digest}
