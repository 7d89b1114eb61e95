"""Checks of the audit trail, and what they came to.

A check re-derives a whole chain and is itself written down, in the chain `system`:
who checked which chain when, how many entries, and its last digest, so that a later
check can tell whether the end was cut off (R113, design §13).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, ChainBroken, record, verify_chain
from exams.kernel.errors import NotFound, Refusal
from exams.models import AuditEntry

MOST_ENTRIES = 100_000


class ChainTooLong(Refusal):
    """Facts: `most`, `chain`. Nothing was checked."""

    code = "chain_too_long"
    message = _(
        "This chain has more than %(most)s entries. Check it on the server: "
        "manage.py verify_audit --record %(chain)s"
    )


class WasCut(ChainBroken):
    """The chain is sound and shorter than, or other than, when it was checked last."""


def check_chain(chain: str, *, by: Actor, at: datetime, most: int | None = None) -> str:
    """Check one chain, write the result down and return it: "sound" or "broken".

    Raises `NotFound` without entries, `ChainTooLong` above `most` entries.
    """
    length = AuditEntry.objects.filter(chain=chain).aggregate(last=Max("seq"))["last"]
    if length is None:
        raise NotFound
    if most is not None and length > most:
        raise ChainTooLong(most=most, chain=chain)
    try:
        facts = {"result": "sound", "entries": verify_chain(chain)}
        require_uncut(chain, facts["entries"])
        facts["head"] = (
            AuditEntry.objects.filter(chain=chain, seq=facts["entries"])
            .values_list("digest", flat=True)
            .get()
        )
    except ChainBroken as broken:
        facts = {"result": "broken", "entries": int(str(broken).rpartition("#")[2])}
    with transaction.atomic():
        record("audit.verified", by=by, at=at, subject=f"chain:{chain}", facts=facts)
    return facts["result"]


def require_uncut(chain: str, length: int) -> None:
    """Raise `WasCut` when an earlier check saw more, or another digest there."""
    earlier = (
        AuditEntry.objects.filter(
            subject=f"chain:{chain}", action="audit.verified", facts__result="sound"
        )
        .order_by("-pk")
        .first()
    )
    if earlier is None:
        return
    seen = earlier.facts["entries"]
    digest = (
        AuditEntry.objects.filter(chain=chain, seq=seen)
        .values_list("digest", flat=True)
        .first()
    )
    if length < seen or digest != earlier.facts["head"]:
        message = f"{chain}#{min(length, seen)}"
        raise WasCut(message)
