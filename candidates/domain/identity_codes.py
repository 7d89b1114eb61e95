"""Identity by a code that staff give: once, for one attempt, for ten minutes (G2).

Owns `IdentityCode` and the machine of its state. Whoever issues a code vouches for the
person and says why; the code does then what an approval does, in their name. Only a
keyed hash is stored, and five wrong tries use a code up.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain import checkin, leases
from candidates.domain.checkin import MAX_REASON
from candidates.enums import IdentityCodeState
from candidates.models import DeviceLease, IdentityCode
from candidates.queries import rights
from candidates.queries.identity_codes import issue_refusal
from candidates.queries.standing import standing_of
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.enums import IdentityMethod
from exams.kernel import keys
from exams.kernel.errors import BadInput, Refusal
from exams.kernel.states import Machine
from exams.models import Attempt, Staff

MACHINE = Machine({"open": frozenset({"used", "replaced", "spent"})})
DIGITS = 8
LIFETIME = timedelta(minutes=10)
MAX_WRONG = 5


class CodeWrong(Refusal):
    """Mistyped, too old, used and never given are the same."""

    code = "code_wrong"
    status = 422
    message = _(
        "This code is not valid: mistyped, too old, or used already. Compare it again, "
        "or ask for a new one."
    )


@dataclass(frozen=True)
class Issued:
    """A new code; `digits` are stored nowhere."""

    row: IdentityCode
    digits: str


def issue_code(attempt: Attempt, *, reason: str, by: Staff, at: datetime) -> Issued:
    """Make a code for the attempt; an older open one is no longer good.

    Raises `ReasonMissing`, `BadInput` for a reason over 300 characters, and what
    `issue_refusal` says at `at`.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if len(reason) > MAX_REASON:
        raise BadInput(reason=f"reason: 1..{MAX_REASON}")
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=("self",))
            .select_related("session__project")
            .get(pk=attempt.pk)
        )
        if refusal := issue_refusal(attempt, at=at):
            raise refusal
        for old in IdentityCode.objects.filter(attempt=attempt, state="open"):
            MACHINE.move(old, to=IdentityCodeState.REPLACED)
        row = IdentityCode.objects.create(
            attempt=attempt,
            digest=_digest(attempt, digits),
            reason=reason,
            issued_by=by,
            issued_at=at,
            expires_at=at + LIFETIME,
        )
        # The words may name a person; only their hash goes into the chain.
        facts = {"reason_sha256": hashlib.sha256(reason.encode()).hexdigest()}
        _record(row, "issued", Actor.of_staff(by), facts, at=at)
    return Issued(row, digits)


def use_code(lease: DeviceLease, *, digits: str, at: datetime) -> None:
    """Prove the identity of the lease's browser with what was typed.

    Spaces and full-width digits are fine. Raises `CodeWrong`, which counts as a try
    of an open code, and what `rights` says of `identity_code` at `at`.
    """
    with transaction.atomic():
        lease = leases.lock_lease(lease)
        refusal = rights.refusal_to("identity_code", standing_of(lease), at=at)
        if refusal:
            raise refusal
        row = (
            IdentityCode.objects.filter(
                attempt=lease.attempt, state="open", expires_at__gt=at
            )
            .select_related("attempt__session__project", "issued_by")
            .first()
        )
        is_right = row is not None and _fits(row, digits)
        if is_right:
            _prove(row, lease, at=at)
        elif row is not None:
            _count_wrong(row, at=at)
    if not is_right:
        # Not inside, where it would take the count back.
        raise CodeWrong


def _prove(row: IdentityCode, lease: DeviceLease, *, at: datetime) -> None:
    vouching = Actor.of_staff(row.issued_by)
    MACHINE.move(row, to=IdentityCodeState.USED, used_at=at, lease=lease)
    candidate = Actor.of_candidate(lease.attempt)
    _record(row, "used", candidate, {"lease": lease.pk}, at=at)
    checkin.settle_check_in(lease.attempt, by=row.issued_by, at=at)
    checkin.open_passage(
        lease.attempt, lease, method=IdentityMethod.CODE, by=vouching, at=at
    )


def _count_wrong(row: IdentityCode, *, at: datetime) -> None:
    """Count a wrong try; the attempt is locked, so that no two are one."""
    wrong = row.wrong + 1
    IdentityCode.objects.filter(pk=row.pk).update(wrong=wrong)
    if wrong >= MAX_WRONG:
        MACHINE.move(row, to=IdentityCodeState.SPENT)
        _record(row, "spent", Actor.of_candidate(row.attempt), {"wrong": wrong}, at=at)


def _fits(row: IdentityCode, digits: str) -> bool:
    typed = "".join(unicodedata.normalize("NFKC", digits).split())
    return hmac.compare_digest(_digest(row.attempt, typed), row.digest)


def _digest(attempt: Attempt, digits: str) -> str:
    return keys.lookup_hash(f"{attempt.code}\0{digits}", purpose="identity-code")


def _record(
    row: IdentityCode, act: str, by: Actor, facts: dict, *, at: datetime
) -> None:
    record(
        f"identity_code.{act}",
        by=by,
        at=at,
        subject=f"attempt:{row.attempt.code}",
        facts={"identity_code": row.pk, **facts},
        chain=row.attempt.session.code,
    )
