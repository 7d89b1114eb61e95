"""Exclusions: this examiner never scores this attempt.

Owns `Exclusion`. The floor above knows why and about whom; here it is an examiner and
an attempt, and never a name (design §2). Taken under the attempt's lock, as sheets
are, so that no sheet is opened or submitted beside it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.scoring import recheck
from exams.enums import AttemptState
from exams.kernel.errors import Refusal
from exams.models import Attempt, Exclusion, Staff
from exams.queries.examiner import counted_sheets

OPEN = (
    *AttemptState.BEFORE_ENTRY,
    *(AttemptState.ENTERED, AttemptState.SUBMITTED, AttemptState.SEALED),
    *(AttemptState.MARKED, AttemptState.ABSENT),
)


class ScoringOver(Refusal):
    """All marks of the attempt are in: its panel does not grow again."""

    code = "scoring_over"
    message = _("The scoring of this attempt is over; its panel stays as it is.")


def exclude(
    staff: Staff, attempts: Iterable[Attempt], *, ref: str, by: Actor, at: datetime
) -> set[int]:
    """Keep an examiner from scoring these attempts; return the keys that it holds for.

    `ref` is the opaque code of the reason above. Left out, and not returned, are
    attempts whose results are out, and those whose only counting marks are this
    examiner's: nobody could mark them again. Idempotent.
    """
    held = set()
    with transaction.atomic():
        for attempt in sorted(attempts, key=lambda row: row.pk):
            locked = _lock(attempt)
            if locked.state not in OPEN or _is_sole_marker(staff, locked):
                continue
            held.add(locked.pk)
            made = Exclusion.objects.get_or_create(staff=staff, attempt=locked)[1]
            if not made:
                continue
            _tell("exclusion.made", staff, locked, ref=ref, by=by, at=at)
            recheck(locked, by=by, at=at)
    return held


def lift(staff: Staff, attempt: Attempt, *, ref: str, by: Actor, at: datetime) -> None:
    """Let an examiner score the attempt again; raises `ScoringOver`."""
    with transaction.atomic():
        locked = _lock(attempt)
        if locked.state in (AttemptState.MARKED, AttemptState.RELEASED):
            raise ScoringOver
        held = Exclusion.objects.filter(staff=staff, attempt=locked)
        if held.delete()[0]:
            _tell("exclusion.lifted", staff, locked, ref=ref, by=by, at=at)


def _is_sole_marker(staff: Staff, attempt: Attempt) -> bool:
    if attempt.state != AttemptState.MARKED:
        return False
    return not counted_sheets(attempt).exclude(examiner=staff).exists()


def _lock(attempt: Attempt) -> Attempt:
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("session")
        .get(pk=attempt.pk)
    )


def _tell(
    action: str, staff: Staff, attempt: Attempt, *, ref: str, by: Actor, at: datetime
) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"attempt:{attempt.code}",
        facts={"staff": staff.pk, "ref": ref},
        chain=attempt.session.code,
    )
