"""What administrators do on forms and confirm pages, in the audit trail.

Writes audit entries only; the row itself is written by the form or by the domain
call that is carried out here. An entry names the fields that changed and never their
values: values of persons and papers have no place in the trail (design §13).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from django.db import models, transaction

from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.kernel import keys
from exams.models import Session

REASON_LENGTH = 300
FILTER_LENGTH = 80
DIGEST_SHOWN = 16


def record_admin_write(
    action: str, row: models.Model, *, fields: list[str], by: Actor, at: datetime
) -> None:
    """Record `admin.add`, `admin.change` or `admin.delete` of one row.

    In the transaction of the form when there is one.
    """
    with transaction.atomic():
        record(
            action,
            by=by,
            at=at,
            subject=subject_of(row),
            facts={"fields": sorted(fields)},
            chain=chain_of(row),
        )


def carry_out(
    act: Callable[[], object],
    row: models.Model,
    *,
    step: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> object:
    """Do one step of a confirm page and record its reason, both or neither.

    Raises `ReasonMissing`, and whatever the step itself refuses with.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        outcome = act()
        record(
            f"step.{step}",
            by=by,
            at=at,
            subject=subject_of(row),
            facts={"reason": reason.strip()[:REASON_LENGTH]},
            chain=chain_of(row),
        )
    return outcome


def record_export(
    what: str,
    *,
    kind: str,
    rows: int,
    filters: Mapping[str, str],
    private: Collection[str] = (),
    by: Actor,
    at: datetime,
) -> None:
    """Record `list.exported`: which list, how many rows, and how it was filtered.

    Of filters in `private`, which may hold a name, the entry has a keyed digest: it
    tells later whether a known text was asked for, and nothing else.
    """
    told = {
        name: keys.lookup_hash(value, purpose="export")[:DIGEST_SHOWN]
        if name in private
        else value[:FILTER_LENGTH]
        for name, value in sorted(filters.items())
    }
    with transaction.atomic():
        record(
            "list.exported",
            by=by,
            at=at,
            subject=f"list:{what}",
            facts={"format": kind, "rows": rows, "filters": told},
        )


def subject_of(row: models.Model) -> str:
    """Return `<model>:<code or key>`, which is opaque and never a name."""
    code = getattr(row, "code", None) or row.pk
    return f"{row._meta.model_name}:{code}"


def chain_of(row: models.Model) -> str:
    """Return the code of the row's session, its attempt's, or `system`."""
    if isinstance(row, Session):
        return row.code
    session = getattr(getattr(row, "attempt", row), "session", None)
    return session.code if isinstance(session, Session) else "system"
