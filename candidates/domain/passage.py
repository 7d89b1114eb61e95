"""The stages of a passage, in the session's order, up to Enter and to the end.

Owns `StagePassage` and `DocumentRead`. A stage is finished by a row; "may enter" asks
for the rows of every stage before. Moves the attempt only through
`exams.domain.attempts`; knows no person (R40–R58, R68).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from candidates.domain import leases
from candidates.domain.companions import PhoneNotFilming
from candidates.enums import CompanionState
from candidates.models import DeviceLease, DocumentRead, StagePassage
from candidates.queries import rights
from candidates.queries.companions import live_companion
from candidates.queries.home import published_documents
from candidates.queries.platforms import (
    ComputerNotAllowed,
    computer_refusal,
    platform_of,
)
from candidates.queries.rights import Standing
from candidates.queries.standing import standing_of
from exams.domain import attempts
from exams.domain.audit import Actor, record
from exams.domain.draw import close_draw, draw_number
from exams.domain.events import publish
from exams.domain.schedule import Schedule
from exams.enums import (
    AttemptState,
    DocumentKind,
    HeadphonePolicy,
    SessionKind,
    Stage,
)
from exams.kernel.errors import BadInput, NotFound, Refusal
from exams.models import AuditEntry, Draw, DrawnNumber
from exams.queries.draws import practice_number

DOCUMENT_KINDS: dict[str, tuple[str, ...]] = {
    Stage.FLOW: (DocumentKind.FLOW,),
    Stage.ATTACHMENTS: (DocumentKind.ATTACHMENT, DocumentKind.RULES),
    Stage.COMMITMENT: (DocumentKind.COMMITMENT,),
    Stage.NOTICE: (DocumentKind.NOTICE,),
}
DEVICE_NAMES = ("camera", "microphone", "surface", "screen")
CONFIRMED_DEVICES = ("camera", "microphone")
MAX_NAME = 200


@dataclass(frozen=True)
class PracticeNumber:
    """What a mock shows in place of a drawn number; of no draw, so never signed."""

    number: int
    origin: str = "practice"
    receipt: None = None


class NotYourStep(Refusal):
    """The stage is finished by something else than this request."""

    code = "not_your_step"
    message = _("This step finishes by itself.")


class DocumentsUnread(Refusal):
    code = "documents_unread"
    status = 422
    message = _("Confirm every document of this step after reading it.")


class ConfirmMissing(Refusal):
    code = "confirm_missing"
    status = 422
    message = _("Please confirm first.")


def finish_stage(
    lease: DeviceLease, *, stage: str, answers: Mapping, at: datetime
) -> None:
    """Finish one stage in its turn; a repeat of a finished stage changes nothing.

    `answers` by stage: devices and device_confirmation name the devices, devices also
    `{"without_headphones": true}` where none are allowed (R37), reading stages bring
    `{"documents": [ids]}`, information and paper_check `{"confirmed": true}`, companion
    too while the phone films, draw nothing. Raises what stands in the way,
    `ComputerNotAllowed` among it (R25).
    """
    refusal = None
    if stage not in lease.attempt.session.stages:
        raise NotFound
    if stage not in _FINISHERS:
        raise NotYourStep
    if stage == Stage.DRAW:
        _deal_if_due(lease, at=at)
    with transaction.atomic():
        lease = leases.lock_lease(lease)
        standing = standing_of(lease)
        _require_turn(standing, stage, at=at)
        if stage in standing.done and stage != Stage.DRAW:
            return
        if stage == Stage.DEVICES:
            refusal = _refused_computer(lease, at=at)
        if refusal is None:
            facts = _FINISHERS[stage](standing, stage, answers, at)
            _write_row(lease, stage, facts=facts, at=at)
    if refusal:
        # Not inside, where it would take its own entry back.
        raise refusal


def draw(
    lease: DeviceLease, *, nonce: str, at: datetime
) -> DrawnNumber | PracticeNumber:
    """Draw the candidate's own number, or return the one drawn before (R49).

    In a mock, show the practice number: no draw is asked and no nonce used.
    """
    standing = standing_of(lease)
    refusal = rights.refusal_to("draw", standing, at=at)
    if refusal and not isinstance(refusal, rights.AlreadyDrawn):
        raise refusal
    if lease.attempt.session.kind == SessionKind.MOCK:
        dealt = PracticeNumber(practice_number(lease.attempt))
    else:
        by = Actor.of_candidate(lease.attempt)
        dealt = draw_number(lease.attempt, nonce=nonce, by=by, at=at)
    with transaction.atomic():
        _write_row(lease, Stage.DRAW, facts={"origin": dealt.origin}, at=at)
    return dealt


def enter_exam(lease: DeviceLease, *, at: datetime) -> None:
    """Enter, or come back into the exam that was entered (R53, E13).

    First entry asks for every stage before, a verified lease and the entry window;
    coming back only for the lease and the end. Entering after the draw closed deals
    the rest first, or is refused where only the helpdesk deals it, so that nobody
    sits in the exam without a number (R50, G6).
    """
    _deal_if_due(lease, at=at)
    with transaction.atomic():
        lease = leases.lock_lease(lease)
        standing = standing_of(lease)
        if standing.attempt.state == AttemptState.ENTERED:
            _require("resume", standing, at=at)
            return
        _require("enter", standing, at=at)
        if standing.missing_before(Stage.ENTER):
            raise rights.StageMissing
        attempts.enter(lease.attempt, by=Actor.of_candidate(lease.attempt), at=at)
        if Stage.DRAW in standing.stages():
            _write_row(lease, Stage.DRAW, facts={}, at=at)
        _write_row(lease, Stage.ENTER, facts={"epoch": lease.epoch}, at=at)


def submit_exam(lease: DeviceLease, *, confirmed: bool, at: datetime) -> None:
    """End early, after a confirmation (R68); a repeat changes nothing.

    A press that arrives after the deadline stores the end by the deadline.
    """
    if not confirmed:
        raise ConfirmMissing
    with transaction.atomic():
        lease = leases.lock_lease(lease)
        standing = standing_of(lease)
        refusal = rights.verified_refusal(standing)
        if refusal:
            raise refusal
        if standing.attempt.state in AttemptState.ENDED:
            return
        if not standing.is_over(at):
            _require("submit", standing, at=at)
        by = Actor.of_candidate(lease.attempt)
        attempts.submit(lease.attempt, by=by, at=at, how="candidate")


def _require(action: str, standing: Standing, *, at: datetime) -> None:
    refusal = rights.refusal_to(action, standing, at=at)
    if refusal:
        raise refusal


def _require_turn(standing: Standing, stage: str, *, at: datetime) -> None:
    if stage == Stage.DEVICES:
        # Before the check-in there is no verified browser yet.
        refusal = rights.lease_refusal(standing)
    else:
        refusal = rights.verified_refusal(standing)
    if refusal:
        raise refusal
    if standing.is_over(at):
        raise rights.ExamOver
    if standing.missing_before(stage) and stage not in standing.done:
        raise rights.StageMissing
    inside = standing.attempt.state == AttemptState.ENTERED
    if stage in Stage.AFTER_ENTER and not inside:
        raise rights.NotEntered


def _refused_computer(lease: DeviceLease, *, at: datetime) -> ComputerNotAllowed | None:
    """Return why this computer may not be used, with one entry however often asked."""
    refusal = computer_refusal(lease)
    attempt = lease.attempt
    entry = {
        "action": "computer.refused",
        "subject": f"attempt:{attempt.code}",
        "chain": attempt.session.code,
    }
    if refusal and not AuditEntry.objects.filter(**entry).exists():
        facts = {"lease": lease.pk, "platform": platform_of(lease.device)}
        record(**entry, by=Actor.of_candidate(attempt), at=at, facts=facts)
    return refusal


def _deal_if_due(lease: DeviceLease, *, at: datetime) -> None:
    """Close the draw when its time has come: whoever needs it first does it."""
    session = lease.attempt.session
    due = Stage.DRAW in session.stages and at >= Schedule.of(session).draw_closes
    if due and Draw.objects.filter(session=session, closed_at=None).exists():
        close_draw(session, at=at)


def _write_row(lease: DeviceLease, stage: str, *, facts: dict, at: datetime) -> None:
    attempt = lease.attempt
    _row, made = StagePassage.objects.get_or_create(
        attempt=attempt, stage=stage, defaults={"at": at, "facts": facts}
    )
    if made:
        publish(
            f"attempt:{attempt.code}", "stage.finished", {"stage": str(stage)}, at=at
        )


def _devices(standing: Standing, stage: str, answers: Mapping, at: datetime) -> dict:
    names: dict[str, object] = {}
    for name in DEVICE_NAMES:
        value = answers.get(name, "")
        if not isinstance(value, str) or len(value) > MAX_NAME:
            raise BadInput(reason=name)
        if value:
            names[name] = value
    if stage == Stage.DEVICE_CONFIRMATION:
        for name in CONFIRMED_DEVICES:
            if name not in names:
                raise BadInput(reason=name)
        return names
    if standing.attempt.session.headphones == HeadphonePolicy.FORBID:
        if answers.get("without_headphones") is not True:
            raise ConfirmMissing
        names["without_headphones"] = True
    return names | {"platform": platform_of(standing.lease.device)}


def _reading(standing: Standing, stage: str, answers: Mapping, at: datetime) -> dict:
    attempt = standing.attempt
    published = published_documents(
        attempt.session.project,
        kinds=DOCUMENT_KINDS[stage],
        at=at,
        language=get_language(),
    )
    stated = answers.get("documents", [])
    if not isinstance(stated, list):
        raise BadInput(reason="documents")
    wanted = {document.pk for document in published if document.must_read}
    read = {one for one in stated if type(one) is int}
    if not wanted <= read:
        raise DocumentsUnread
    rows = [row for row in published if row.pk in read]
    DocumentRead.objects.bulk_create(
        [DocumentRead(attempt=attempt, document=row, at=at) for row in rows],
        ignore_conflicts=True,
    )
    return {"documents": sorted(row.pk for row in rows)}


def _drawing(standing: Standing, stage: str, answers: Mapping, at: datetime) -> dict:
    if rights.missed_draw(standing, at):
        raise rights.NotDrawn
    if standing.number is None:
        raise rights.StageMissing
    return {}


def _confirming(standing: Standing, stage: str, answers: Mapping, at: datetime) -> dict:
    if answers.get("confirmed") is not True:
        raise ConfirmMissing
    return {}


def _phone(standing: Standing, stage: str, answers: Mapping, at: datetime) -> dict:
    companion = live_companion(standing.attempt)
    if companion is None or companion.state != CompanionState.FILMING:
        raise PhoneNotFilming
    _confirming(standing, stage, answers, at)
    return {"epoch": companion.epoch}


_FINISHERS = {
    Stage.DEVICES: _devices,
    Stage.FLOW: _reading,
    Stage.COMPANION: _phone,
    Stage.DRAW: _drawing,
    Stage.ATTACHMENTS: _reading,
    Stage.COMMITMENT: _reading,
    Stage.NOTICE: _reading,
    Stage.DEVICE_CONFIRMATION: _devices,
    Stage.INFORMATION: _confirming,
    Stage.PAPER_CHECK: _confirming,
}
