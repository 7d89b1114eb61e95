"""The audit trail: who did what, when, to what, and with which facts.

Owns `AuditEntry`. Every entry is written in the transaction of the change that it
describes, so neither exists without the other. Entries are chained by hash within
their chain; triggers on both engines refuse to change or delete them. Never holds a
name: an actor is a kind and an opaque reference (R113, design §13).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models

from exams.kernel import canonical, clock
from exams.kernel.errors import Fault
from exams.models import Attempt, AuditEntry, Staff

GENESIS = "0" * 64


@dataclass(frozen=True)
class Actor:
    """Who acts, as a value: `kind` and an opaque `ref`; never a foreign key."""

    kind: str
    ref: str

    @classmethod
    def of_staff(cls, staff: Staff) -> "Actor":
        return cls("staff", str(staff.pk))

    @classmethod
    def of_candidate(cls, attempt: Attempt) -> "Actor":
        return cls("candidate", attempt.code)

    @classmethod
    def job(cls, name: str) -> "Actor":
        return cls("job", name)


class ChainBroken(Fault):
    """A stored chain does not verify: rows were changed, removed or inserted."""


def record(
    action: str,
    *,
    by: Actor,
    at: datetime,
    subject: str,
    facts: dict,
    chain: str = "system",
) -> AuditEntry:
    """Append one entry to a chain, inside the caller's transaction.

    `facts` must be canonical JSON (no floats) and free of names. `chain` is a
    session's code, or `system`. Raises `Fault` outside a transaction.
    """
    if not connection.in_atomic_block:
        message = "an audit entry is written with the change that it describes"
        raise Fault(message)
    _lock_chain(chain)
    last = AuditEntry.objects.filter(chain=chain).order_by("-seq").first()
    entry = AuditEntry(
        chain=chain,
        seq=last.seq + 1 if last else 1,
        at=at,
        action=action,
        actor_kind=by.kind,
        actor_ref=by.ref,
        subject=subject,
        facts=facts,
        previous=last.digest if last else GENESIS,
    )
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    return entry


def digest_of(entry: AuditEntry) -> str:
    """Return the SHA-256 over the canonical JSON of all other columns."""
    return hashlib.sha256(
        canonical.encode(
            {
                "chain": entry.chain,
                "seq": entry.seq,
                "at_ms": clock.milliseconds(entry.at),
                "action": entry.action,
                "actor": [entry.actor_kind, entry.actor_ref],
                "subject": entry.subject,
                "facts": entry.facts,
                "previous": entry.previous,
            }
        )
    ).hexdigest()


def verify_chain(chain: str) -> int:
    """Re-derive a whole chain and return its length; raises `ChainBroken`."""
    previous, length = GENESIS, 0
    entries: models.QuerySet[AuditEntry] = AuditEntry.objects.filter(chain=chain)
    for entry in entries.order_by("seq").iterator(2000):
        length += 1
        sound = (
            entry.seq == length
            and entry.previous == previous
            and entry.digest == digest_of(entry)
        )
        if not sound:
            message = f"{chain}#{length}"
            raise ChainBroken(message)
        previous = entry.digest
    return length


def _lock_chain(chain: str) -> None:
    # SQLite has one writer at a time (BEGIN IMMEDIATE), so the last row is stable.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"audit:{chain}"],
            )
