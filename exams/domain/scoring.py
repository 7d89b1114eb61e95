"""Examiners' sheets: marks while a draft, locked for good once submitted.

Owns `Sheet` and `Mark`, and the machine of sheets. Writes an attempt's state only
through `attempts.advance`, when the last expected sheet is in. Knows sequence
numbers, criteria and staff; nothing here can reach a person (R76, R114).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain import attempts
from exams.domain.audit import Actor, record
from exams.domain.exhibits import latest_exhibit
from exams.enums import AttemptState, SheetState
from exams.kernel.decimals import read_decimal, text_of
from exams.kernel.errors import NotAllowed, NotFound, Refusal
from exams.kernel.states import Machine
from exams.models import Attempt, Criterion, Mark, Session, Sheet, Staff
from exams.queries.examiner import counted_sheets, criteria_of, panel_of

SHEET_MACHINE = Machine(
    {
        "draft": frozenset({"submitted"}),
        "submitted": frozenset({"locked"}),
    }
)
DECIMALS = 2


class NotScorable(Refusal):
    """The attempt is not sealed yet, or its scoring is over."""

    code = "not_scorable"
    message = _("This recording cannot be scored now.")


class SheetLocked(Refusal):
    """The sheet was submitted; its marks stay."""

    code = "sheet_locked"
    message = _("This sheet is locked. Its marks can no longer be changed.")


class MarksMissing(Refusal):
    """A sheet was submitted before every criterion had its mark."""

    code = "marks_missing"
    status = 422
    message = _("Every criterion needs a mark. Still missing: %(positions)s.")


class NotANumber(Refusal):
    code = "mark_not_a_number"
    status = 422
    message = _("This is not a number. Enter 0–%(most)s.")


class MarkOutOfBounds(Refusal):
    code = "mark_out_of_bounds"
    status = 422
    message = _("At most %(most)s. Enter 0–%(most)s.")


class MarkTooFine(Refusal):
    code = "mark_too_fine"
    status = 422
    message = _("At most two decimals. Enter 0–%(most)s.")


def open_sheet(attempt: Attempt, *, examiner: Staff, at: datetime) -> Sheet:
    """Return the examiner's sheet for this attempt, made on first opening.

    A draft moves to the newest exhibit; a locked sheet keeps the version it scored.
    Raises `NotAllowed` for anybody outside the panel, `NotScorable`.
    """
    with transaction.atomic():
        attempt = _lock(attempt)
        _refuse_stranger(attempt, examiner)
        exhibit = latest_exhibit(attempt)
        if exhibit is None:
            raise NotScorable
        sheet = Sheet.objects.filter(attempt=attempt, examiner=examiner).first()
        if sheet and (sheet.state != SheetState.DRAFT or sheet.exhibit == exhibit):
            return sheet
        if attempt.state != AttemptState.SEALED:
            raise NotScorable
        if sheet is None:
            sheet = Sheet(attempt=attempt, examiner=examiner)
        sheet.exhibit = exhibit
        sheet.save()
        record(
            "sheet.opened",
            by=Actor.of_staff(examiner),
            at=at,
            subject=f"sheet:{sheet.code}",
            facts={"exhibit": str(exhibit.code), "version": exhibit.version},
            chain=attempt.session.code,
        )
    return sheet


def read_mark(text: str, *, criterion: Criterion) -> Decimal | None:
    """Return the mark typed, or `None` for an empty field.

    Full-width digits are folded. Raises `NotANumber`, `MarkTooFine` or
    `MarkOutOfBounds`, each naming the bound.
    """
    if not text.strip():
        return None
    try:
        value = read_decimal(text)
    except ValueError:
        raise NotANumber(**_bound(criterion)) from None
    _check_mark(value, criterion)
    return value


def save_marks(
    sheet: Sheet, *, marks: Mapping[int, Decimal | None], by: Actor, at: datetime
) -> Sheet:
    """Store marks of a draft, by criterion key; `None` takes a mark back.

    All or nothing. Marks of a draft are not audited one by one: the submission is,
    with every mark. Raises the refusals of `read_mark`, `SheetLocked`, `NotFound`
    for a criterion of another paper, `NotAllowed` for another examiner's sheet.
    """
    with transaction.atomic():
        attempt = _lock(sheet.attempt)
        _refuse_other_hand(sheet, attempt, by)
        if Sheet.objects.get(pk=sheet.pk).state != SheetState.DRAFT:
            raise SheetLocked
        criteria = {row.pk: row for row in criteria_of(attempt.session)}
        for key, value in marks.items():
            if key not in criteria:
                raise NotFound
            if value is not None:
                _check_mark(value, criteria[key])
        taken_back = [key for key, value in marks.items() if value is None]
        sheet.marks.filter(criterion__in=taken_back).delete()
        Mark.objects.bulk_create(
            [
                Mark(sheet=sheet, criterion_id=key, value=value)
                for key, value in marks.items()
                if value is not None
            ],
            update_conflicts=True,
            unique_fields=["sheet", "criterion"],
            update_fields=["value"],
        )
    return sheet


def submit_sheet(sheet: Sheet, *, by: Actor, at: datetime) -> Sheet:
    """Submit and lock the sheet; the last of the panel makes the attempt `marked`.

    Raises `MarksMissing` with the positions, `SheetLocked`, `NotScorable`,
    `NotAllowed`.
    """
    with transaction.atomic():
        attempt = _lock(sheet.attempt)
        _refuse_other_hand(sheet, attempt, by)
        sheet.refresh_from_db()
        if sheet.state != SheetState.DRAFT:
            raise SheetLocked
        if attempt.state != AttemptState.SEALED:
            raise NotScorable
        facts = {"marks": _complete_marks(sheet, attempt.session)}
        facts["version"] = sheet.exhibit.version
        _advance(
            sheet, to=SheetState.SUBMITTED, by=by, at=at, facts=facts, submitted_at=at
        )
        _advance(sheet, to=SheetState.LOCKED, by=by, at=at, facts={})
        _mark_if_complete(attempt, by=by, at=at)
    return sheet


def mark_complete_attempts(session: Session, *, by: Actor, at: datetime) -> int:
    """Move sealed attempts whose whole panel has submitted; return how many.

    For panels that became smaller (an exclusion, a removed seat) after the last
    sheet came in. May run at any time and twice.
    """
    moved = 0
    with transaction.atomic():
        for attempt in session.attempts.filter(state=AttemptState.SEALED):
            moved += _mark_if_complete(_lock(attempt), by=by, at=at)
    return moved


def recheck(attempt: Attempt, *, by: Actor, at: datetime) -> bool:
    """Move one attempt on if its smaller panel has submitted; return whether it did.

    The caller holds the attempt's lock.
    """
    return _mark_if_complete(attempt, by=by, at=at)


def _advance(
    sheet: Sheet, *, to: str, by: Actor, at: datetime, facts: dict, **columns: object
) -> None:
    with transaction.atomic():
        old = SHEET_MACHINE.move(sheet, to=to, **columns)
        record(
            f"sheet.{to}",
            by=by,
            at=at,
            subject=f"sheet:{sheet.code}",
            facts={"from": old, **facts},
            chain=sheet.attempt.session.code,
        )


def _lock(attempt: Attempt) -> Attempt:
    # The attempt's lock comes first everywhere, so two last examiners take turns
    # and the second sees the first one's sheet.
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("session")
        .get(pk=attempt.pk)
    )


def _refuse_stranger(attempt: Attempt, examiner: Staff) -> None:
    if not panel_of(attempt).filter(pk=examiner.pk).exists():
        raise NotAllowed


def _refuse_other_hand(sheet: Sheet, attempt: Attempt, by: Actor) -> None:
    if by != Actor.of_staff(sheet.examiner):
        raise NotAllowed
    _refuse_stranger(attempt, sheet.examiner)


def _check_mark(value: Decimal, criterion: Criterion) -> None:
    if not value.is_finite():
        raise NotANumber(**_bound(criterion))
    if not 0 <= value <= criterion.max_mark:
        raise MarkOutOfBounds(**_bound(criterion))
    if value != round(value, DECIMALS):
        raise MarkTooFine(**_bound(criterion))


def _bound(criterion: Criterion) -> dict:
    return {"most": text_of(criterion.max_mark, 0), "position": criterion.position}


def _complete_marks(sheet: Sheet, session: Session) -> dict[str, str]:
    given = dict(sheet.marks.values_list("criterion", "value"))
    criteria = criteria_of(session)
    missing = [str(row.position) for row in criteria if row.pk not in given]
    if missing or not criteria:
        raise MarksMissing(positions=", ".join(missing))
    return {str(row.position): text_of(given[row.pk]) for row in criteria}


def _mark_if_complete(attempt: Attempt, *, by: Actor, at: datetime) -> bool:
    if attempt.state != AttemptState.SEALED:
        return False
    counted = counted_sheets(attempt)
    waiting = panel_of(attempt).exclude(pk__in=counted.values("examiner"))
    if waiting.exists() or not counted.exists():
        return False
    attempts.advance(
        attempt,
        to=AttemptState.MARKED,
        by=by,
        at=at,
        facts={"sheets": counted.count()},
    )
    return True
