"""Results balanced between the rooms of a session, where the session asks for it (S4).

Writes `Result.value` and the part `correction` of its working; what the examiners gave
stays beside it. Computed anew whenever a result is computed, cancelled or brought
back, so that the means hold exactly the results that count: the same results give the
same digits again.
"""

import hashlib
from datetime import datetime
from decimal import Decimal

from exams.domain.aggregate import Outcome, Raw, balance
from exams.domain.audit import Actor, record
from exams.enums import GroupCorrection
from exams.kernel import canonical
from exams.models import Result, Session
from exams.queries.voids import void_attempts


def correct_results(session: Session) -> list[Result]:
    """Balance every computed result; return those that changed, none by default.

    In the caller's transaction.
    """
    if session.group_correction == GroupCorrection.NONE:
        return []
    found = Result.objects.filter(attempt__session=session)
    rows = {row.pk: row for row in found.select_related("attempt").order_by("pk")}
    void = set(void_attempts().filter(session=session).values_list("pk", flat=True))
    raws = {
        key: Raw(row.attempt.room_id, raw_of(row), counts=row.attempt_id not in void)
        for key, row in rows.items()
    }
    balanced = balance(raws, session.decimals)
    changed = [row for key, row in rows.items() if _write(row, balanced[key], session)]
    Result.objects.bulk_update(changed, ["value", "working"], batch_size=500)
    return changed


def correct_released(session: Session, *, by: Actor, at: datetime) -> None:
    """Balance anew after a score was cancelled or brought back, and record it."""
    changed = correct_results(session)
    if not changed:
        return
    values = {row.attempt.code: row.working["value"] for row in changed}
    record(
        "results.balanced",
        by=by,
        at=at,
        subject=f"session:{session.code}",
        facts={
            "results": len(changed),
            "digest": hashlib.sha256(canonical.encode(values)).hexdigest(),
        },
        chain=session.code,
    )


def raw_of(result: Result) -> Decimal:
    """Return the result as the examiners' totals gave it, before any balance."""
    correction = result.working.get("correction")
    return Decimal(correction["raw"] if correction else result.working["value"])


def _write(row: Result, outcome: Outcome, session: Session) -> bool:
    text = f"{outcome.value:.{session.decimals}f}"
    working = {**row.working, "value": text, "correction": outcome.working}
    changed = working != row.working
    row.value, row.working = outcome.value, working
    return changed
