"""Which browser may act for an attempt.

Owns and writes `DeviceLease`. The cookie holds a secret and the row only its digest.
One lease per attempt is active (R42, held by a constraint); a second browser waits
until staff decide. Knows no person: who signs in is `sign_in`'s business.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from candidates.domain import observations
from candidates.enums import LeaseLevel, LeaseState, ObservationKind, Stream
from candidates.models import Companion, DeviceLease
from exams.domain import attempts
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.enums import AttemptState
from exams.kernel import tokens
from exams.kernel.errors import Refusal
from exams.kernel.states import Machine
from exams.models import Attempt, Staff

MACHINE = Machine(
    {
        "waiting": frozenset({"active", "ended"}),
        "active": frozenset({"superseded", "ended"}),
    }
)
EDGE_AUDIENCE = "edge"
EDGE_LIFETIME = timedelta(hours=12)


class SignOutInExam(Refusal):
    code = "sign_out_in_exam"
    message = _("You are in the exam. End it before you sign out.")


@dataclass(frozen=True)
class Browser:
    """What a request tells of its browser; `cookie` is the lease cookie's value."""

    cookie: str
    device: str = ""
    address: str = ""

    @property
    def secret(self) -> str:
        """The browser's own secret, the same in each of its leases."""
        return self.cookie.partition(".")[2]


@dataclass(frozen=True)
class Claim:
    """A lease and the cookie's value that names it; the value is stored nowhere."""

    lease: DeviceLease
    cookie: str


def claim_lease(attempt: Attempt, *, browser: Browser, at: datetime) -> Claim:
    """Return this browser's lease of the attempt, made when it has none.

    Active when no other browser holds the attempt, otherwise `waiting` for staff.
    Once the result is out there is nothing left to guard: whoever proves the ticket
    number reads it on any computer, and the browser before only uploads.
    """
    with transaction.atomic():
        locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
        secret = browser.secret or new_secret()
        row = _lease_of(attempt, secret)
        if row and row.state in MACHINE.moves:
            return Claim(row, _cookie(attempt, secret))
        if row:
            # Ended or superseded here: that secret never comes back to life.
            secret = new_secret()
        if locked.state == AttemptState.RELEASED:
            _supersede_holder(attempt)
        lease = DeviceLease.objects.create(
            attempt=attempt,
            token_digest=tokens.digest(_cookie(attempt, secret)),
            device=browser.device[:200],
            address=browser.address[:45],
            created_at=at,
            **_place(attempt),
        )
        record(
            f"lease.{lease.state}",
            by=Actor.of_candidate(attempt),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"lease": lease.pk, "epoch": lease.epoch},
            chain=attempt.session.code,
        )
        if lease.state == LeaseState.WAITING:
            _tell_staff(attempt, at=at)
    return Claim(lease, _cookie(attempt, secret))


def approve_takeover(lease: DeviceLease, *, by: Staff, at: datetime) -> DeviceLease:
    """Give the attempt to the waiting browser; the old one only uploads (R42).

    The level goes over with it: staff vouch that the same person sits there, which
    the audit entry says in their name. Raises `Conflict` when decided already.
    """
    attempt = lease.attempt
    with transaction.atomic():
        Attempt.objects.select_for_update().get(pk=attempt.pk)
        old = _supersede_holder(attempt)
        MACHINE.move(
            lease,
            to=LeaseState.ACTIVE,
            epoch=_next_epoch(attempt),
            level=old.level if old else LeaseLevel.CLAIMED,
            decided_by=by,
        )
        facts = {"lease": lease.pk, "epoch": lease.epoch, "level": str(lease.level)}
        _record_decision(lease, "lease.takeover_approved", by=by, at=at, facts=facts)
        observations.note(
            attempt,
            kind=ObservationKind.TAKEOVER,
            from_at=at,
            facts={"epoch": lease.epoch},
        )
        publish(
            f"attempt:{attempt.code}", "lease.activated", {"epoch": lease.epoch}, at=at
        )
    return lease


def refuse_takeover(lease: DeviceLease, *, by: Staff, at: datetime) -> DeviceLease:
    """End the waiting lease; the browser may ask again after a new sign-in."""
    with transaction.atomic():
        MACHINE.move(lease, to=LeaseState.ENDED, decided_by=by)
        _record_decision(
            lease, "lease.takeover_refused", by=by, at=at, facts={"lease": lease.pk}
        )
        publish(f"attempt:{lease.attempt.code}", "lease.refused", {}, at=at)
    return lease


def end_lease(lease: DeviceLease, *, at: datetime) -> None:
    """Sign this browser out. Refused inside an exam: coming back would need staff."""
    attempt = lease.attempt
    inside = attempt.state == AttemptState.ENTERED
    if inside and not attempts.is_over(attempt, at=at) and lease.state == "active":
        raise SignOutInExam
    if lease.state not in MACHINE.moves:
        return
    with transaction.atomic():
        MACHINE.move(lease, to=LeaseState.ENDED)
        record(
            "lease.ended",
            by=Actor.of_candidate(attempt),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"lease": lease.pk},
            chain=attempt.session.code,
        )


def verify_lease(lease: DeviceLease) -> None:
    """Raise an active lease to verified; in the caller's transaction (R41)."""
    DeviceLease.objects.filter(pk=lease.pk, state=LeaseState.ACTIVE).update(
        level=LeaseLevel.VERIFIED
    )


def lock_lease(lease: DeviceLease) -> DeviceLease:
    """Lock the attempt and read lease and attempt again, in a transaction.

    The attempt is always the first lock, so that two acts of one candidate queue.
    """
    Attempt.objects.select_for_update().get(pk=lease.attempt_id)
    return DeviceLease.objects.select_related("attempt__session__project").get(
        pk=lease.pk
    )


def edge_token(lease: DeviceLease, *, at: datetime) -> str | None:
    """Return the token for the edge, good for twelve hours.

    A superseded lease gets one too: what it captured still has to arrive. None for
    a lease that never held the attempt or was ended.
    """
    if lease.state not in LeaseState.MAY_UPLOAD or lease.epoch is None:
        return None
    claims = {"a": lease.attempt.code, "e": lease.epoch}
    return tokens.issue(EDGE_AUDIENCE, claims, at=at, lifetime=EDGE_LIFETIME)


def phone_token(companion: Companion, *, at: datetime) -> str:
    """Return the phone's token for the edge: its own recording, and nothing else."""
    claims = {
        "a": companion.attempt.code,
        "e": companion.epoch,
        "s": str(Stream.COMPANION),
    }
    return tokens.issue(EDGE_AUDIENCE, claims, at=at, lifetime=EDGE_LIFETIME)


def new_secret() -> str:
    """Return the secret of a browser that has none yet (256 bits)."""
    return secrets.token_urlsafe(32)


def _cookie(attempt: Attempt, secret: str) -> str:
    return f"{attempt.code}.{secret}"


def _lease_of(attempt: Attempt, secret: str) -> DeviceLease | None:
    digest = tokens.digest(_cookie(attempt, secret))
    return DeviceLease.objects.filter(token_digest=digest).first()


def _place(attempt: Attempt) -> dict:
    """Return state and epoch of a new lease: active where nobody is."""
    if DeviceLease.objects.filter(attempt=attempt, state="active").exists():
        return {"state": LeaseState.WAITING, "epoch": None}
    return {"state": LeaseState.ACTIVE, "epoch": _next_epoch(attempt)}


def _supersede_holder(attempt: Attempt) -> DeviceLease | None:
    """Take the attempt from the browser that holds it; return its lease."""
    old = DeviceLease.objects.filter(attempt=attempt, state="active").first()
    if old:
        MACHINE.move(old, to=LeaseState.SUPERSEDED)
    return old


def _next_epoch(attempt: Attempt) -> int:
    leases = DeviceLease.objects.filter(attempt=attempt)
    return (leases.aggregate(top=Max("epoch"))["top"] or 0) + 1


def _tell_staff(attempt: Attempt, *, at: datetime) -> None:
    topic = f"staff:checkins:{attempt.session.project.slug}"
    publish(topic, "takeover.requested", {"attempt": attempt.code}, at=at)


def _record_decision(
    lease: DeviceLease, action: str, *, by: Staff, at: datetime, facts: dict
) -> None:
    record(
        action,
        by=Actor.of_staff(by),
        at=at,
        subject=f"attempt:{lease.attempt.code}",
        facts=facts,
        chain=lease.attempt.session.code,
    )
