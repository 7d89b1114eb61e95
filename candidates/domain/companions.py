"""The candidate's phone: a code on the screen, one phone that opens it, two people's
eyes on four digits, and then a camera at the side (R44–R48, R73).

Owns and writes `Companion` and moves its state. A code is good once and for two
minutes; a phone films only after the candidate has compared the digits on both
screens. Another phone takes over by a new code: same recording, another epoch.
Whether a phone is heard is `phone_presence`'s business.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from candidates.domain import budgets, pairing, silences
from candidates.domain.leases import Browser, lock_lease
from candidates.enums import CompanionState
from candidates.models import Companion, DeviceLease
from candidates.queries import companions as phones
from candidates.queries import rights
from candidates.queries.standing import standing_of
from exams.domain.attempts import is_over
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.enums import AttemptState, Stage
from exams.kernel import keys
from exams.kernel.errors import Conflict, Refusal
from exams.kernel.states import Machine
from exams.kernel.tokens import random_code
from exams.models import Attempt

MACHINE = Machine(
    {
        "offered": frozenset({"opened", "expired", "revoked", "superseded"}),
        "opened": frozenset({"bound", "expired", "revoked", "superseded"}),
        "bound": frozenset({"filming", "ended", "revoked", "superseded"}),
        "filming": frozenset({"ended", "revoked", "superseded"}),
    }
)
VALID = timedelta(minutes=2)
SOURCE_TRIES = 20
TRIES = 5


class CodeUnknown(Refusal):
    code = "code_unknown"
    status = 403
    message = _("This code is not valid. Ask for a new one on the computer.")


class CodeUsed(Refusal):
    code = "code_used"
    message = _("This code was used already. Ask for a new one on the computer.")


class CodeExpired(Refusal):
    code = "code_expired"
    message = _("This code is older than two minutes. Ask for a new one.")


class PanMissing(Refusal):
    code = "pan_missing"
    message = _("The turn around the room has not arrived yet.")


class PhoneNotFilming(Refusal):
    code = "phone_not_filming"
    message = _("The phone is not filming yet.")


class PhoneClosed(Refusal):
    """The pairing was revoked, replaced or ended; captured film may still come."""

    code = "phone_closed"
    status = 403
    message = _("This phone films no more. Scan a new code to go on.")


@dataclass(frozen=True)
class Opened:
    """A pairing and the phone's secret, which is stored nowhere."""

    companion: Companion
    secret: str


def offer_code(lease: DeviceLease, *, at: datetime) -> Companion:
    """Show a new code at the candidate's wish; an older one is void then (R44)."""
    with transaction.atomic():
        lease = lock_lease(lease)
        refusal = rights.refusal_to("pair", standing_of(lease), at=at)
        if refusal:
            raise refusal
        by = Actor.of_candidate(lease.attempt)
        return _offer(lease.attempt, by=by, at=at)


def offer_code_for(attempt: Attempt, *, by: Actor, at: datetime) -> Companion:
    """Print a new code for a candidate, by staff; raises `NoCompanion`, `ExamOver`."""
    with transaction.atomic():
        attempt = _locked(attempt)
        if Stage.COMPANION not in attempt.session.stages:
            raise rights.NoCompanion
        if is_over(attempt, at=at):
            raise rights.ExamOver
        return _offer(attempt, by=by, at=at)


def open_by_token(token: str, *, browser: Browser, at: datetime) -> Opened:
    """Open the pairing of a scanned code; of two phones exactly one does (AC-08).

    Raises `CodeUnknown`, `CodeUsed`, `CodeExpired`.
    """
    found = Companion.objects.filter(token_digest=pairing.token_digest(token))
    companion = found.select_related("attempt__session").first()
    if companion is None:
        raise CodeUnknown
    return _open(companion, browser=browser, at=at)


def open_by_digits(digits: str, *, browser: Browser, at: datetime) -> Opened:
    """Open the pairing of six typed digits; guesses of one source are counted.

    Raises `CodeUnknown`, `TooManyTries`.
    """
    source = keys.lookup_hash(browser.address, purpose="companion-source")
    counters = {source: SOURCE_TRIES}
    exhausted = budgets.charge(counters, at=at)
    digits = "".join(digits.split())
    companion = (
        Companion.objects.filter(
            digits_hash=pairing.digits_hash(digits), state=CompanionState.OFFERED
        )
        .select_related("attempt__session")
        .first()
    )
    if exhausted:
        raise budgets.too_many(at)
    if companion is None or companion.expires_at <= at:
        raise CodeUnknown
    opened = _open(companion, browser=browser, at=at)
    budgets.refund(counters, at=at)
    return opened


def confirm_match(lease: DeviceLease, *, code: str, at: datetime) -> Companion:
    """The candidate sees the same four digits on both: bind this phone (R42, R44).

    The phone that was bound before films no more. Raises `CodeExpired`, `Conflict`.
    """
    with transaction.atomic():
        lease = lock_lease(lease)
        companion = _compared(lease, code=code, at=at)
        by = Actor.of_candidate(lease.attempt)
        if companion.expires_at <= at:
            raise CodeExpired
        before = phones.live_companion(lease.attempt)
        if before:
            _move(before, to=CompanionState.SUPERSEDED, by=by, at=at, ended_at=at)
            silences.note_silence(before, at=at)
        _move(
            companion,
            to=CompanionState.BOUND,
            by=by,
            at=at,
            bound_at=at,
            last_seen_at=at,
            epoch=_next_epoch(lease.attempt),
        )
    return companion


def refuse_match(lease: DeviceLease, *, code: str, at: datetime) -> Companion:
    """The digits differ: whoever opened the code gets nothing by it."""
    with transaction.atomic():
        lease = lock_lease(lease)
        companion = _compared(lease, code=code, at=at)
        by = Actor.of_candidate(lease.attempt)
        facts = {"why": "digits differ"}
        _move(companion, to=CompanionState.REVOKED, by=by, at=at, facts=facts)
    return companion


def start_filming(companion: Companion, *, at: datetime) -> Companion:
    """The room was shown and the phone stands: it films to the end (R46, R47).

    Raises `PanMissing` until the server holds enough of a pan, `PhoneClosed`.
    """
    with transaction.atomic():
        companion = _locked_companion(companion)
        if companion.state == CompanionState.FILMING:
            return companion
        require_live(companion)
        if not phones.is_panned(companion.attempt):
            raise PanMissing
        by = phone_actor(companion)
        _move(companion, to=CompanionState.FILMING, by=by, at=at, filming_at=at)
    return companion


def end_filming(companion: Companion, *, at: datetime) -> Companion:
    """The candidate stops the phone by hand after the exam (R73); may be repeated."""
    with transaction.atomic():
        companion = _locked_companion(companion)
        if companion.state == CompanionState.ENDED:
            return companion
        require_live(companion)
        if not is_over(companion.attempt, at=at):
            raise rights.NotOver
        by = phone_actor(companion)
        _move(companion, to=CompanionState.ENDED, by=by, at=at, ended_at=at)
    return companion


def revoke(companion: Companion, *, by: Actor, at: datetime) -> Companion:
    """Close a code or a phone, by staff. What it captured may still arrive.

    Taken from a running exam, the missing phone is written down at once.
    """
    with transaction.atomic():
        companion = _locked_companion(companion)
        was_live = companion.state in CompanionState.LIVE
        _move(companion, to=CompanionState.REVOKED, by=by, at=at, ended_at=at)
        attempt = companion.attempt
        inside = attempt.state == AttemptState.ENTERED
        if was_live and inside and not is_over(attempt, at=at):
            silences.note_gone(companion, at=at, facts={"why": "revoked"})
    return companion


def expire_codes(*, at: datetime) -> int:
    """Store what the clock has decided: codes and comparisons out of time."""
    expired = 0
    due = Companion.objects.filter(
        state__in=CompanionState.WAITING, expires_at__lte=at
    ).select_related("attempt__session")
    for companion in due.order_by("pk"):
        try:
            with transaction.atomic():
                by = Actor.job("sweep")
                _move(companion, to=CompanionState.EXPIRED, by=by, at=at)
        except Conflict:
            continue
        expired += 1
    return expired


def require_live(companion: Companion) -> None:
    """Raise `PhoneClosed` unless this phone films for its attempt."""
    if companion.state not in CompanionState.LIVE:
        raise PhoneClosed


def phone_actor(companion: Companion) -> Actor:
    """Return the phone as who acts; it is named by its pairing."""
    return Actor("device", companion.code)


def _offer(attempt: Attempt, *, by: Actor, at: datetime) -> Companion:
    old = Companion.objects.filter(attempt=attempt, state__in=CompanionState.WAITING)
    for before in old:
        before.attempt = attempt
        late = before.expires_at <= at
        to = CompanionState.EXPIRED if late else CompanionState.SUPERSEDED
        _move(before, to=to, by=by, at=at)
    companion = _make_code(attempt, at=at)
    _tell(companion, old="", by=by, at=at, facts={})
    return companion


def _make_code(attempt: Attempt, *, at: datetime) -> Companion:
    """Make a code whose six digits nobody else is shown now."""
    for turn in range(TRIES):
        code = random_code()
        try:
            with transaction.atomic():
                return Companion.objects.create(
                    attempt=attempt,
                    code=code,
                    token_digest=pairing.token_digest(pairing.token_of(code)),
                    digits_hash=pairing.digits_hash(pairing.digits_of(code)),
                    created_at=at,
                    expires_at=at + VALID,
                )
        except IntegrityError:
            if turn == TRIES - 1:
                raise
    raise Conflict


def _open(companion: Companion, *, browser: Browser, at: datetime) -> Opened:
    """Give the code to this phone; whoever comes second finds it used."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        companion = _locked_companion(companion)
        if companion.state != CompanionState.OFFERED:
            is_late = companion.state == CompanionState.EXPIRED
            raise CodeExpired if is_late else CodeUsed
        if companion.expires_at <= at:
            raise CodeExpired
        _move(
            companion,
            to=CompanionState.OPENED,
            by=phone_actor(companion),
            at=at,
            phone_digest=pairing.token_digest(secret),
            cross_check=f"{secrets.randbelow(10_000):04}",
            device=browser.device[:200],
            address=browser.address[:45],
            expires_at=at + VALID,
        )
    return Opened(companion, secret)


def _compared(lease: DeviceLease, *, code: str, at: datetime) -> Companion:
    """Return the opened pairing that the candidate looks at, its lease checked."""
    refusal = rights.refusal_to("pair", standing_of(lease), at=at)
    if refusal:
        raise refusal
    companion = Companion.objects.filter(
        attempt=lease.attempt, code=code, state=CompanionState.OPENED
    ).first()
    if companion is None:
        raise Conflict
    companion.attempt = lease.attempt
    return companion


def _move(
    companion: Companion,
    *,
    to: str,
    by: Actor,
    at: datetime,
    facts: dict | None = None,
    **columns: object,
) -> None:
    old = MACHINE.move(companion, to=to, **columns)
    _tell(companion, old=old, by=by, at=at, facts=facts or {})


def _tell(
    companion: Companion, *, old: str, by: Actor, at: datetime, facts: dict
) -> None:
    attempt, state = companion.attempt, str(companion.state)
    record(
        f"companion.{state}",
        by=by,
        at=at,
        subject=f"companion:{companion.code}",
        facts={"from": old, "attempt": attempt.code, "epoch": companion.epoch, **facts},
        chain=attempt.session.code,
    )
    publish(
        f"attempt:{attempt.code}",
        "companion.moved",
        {"companion": companion.code, "from": old, "to": state},
        at=at,
    )


def _next_epoch(attempt: Attempt) -> int:
    rows = Companion.objects.filter(attempt=attempt)
    return (rows.aggregate(top=Max("epoch"))["top"] or 0) + 1


def _locked(attempt: Attempt) -> Attempt:
    Attempt.objects.select_for_update().get(pk=attempt.pk)
    return Attempt.objects.select_related("session__project").get(pk=attempt.pk)


def _locked_companion(companion: Companion) -> Companion:
    """Lock the attempt first, as everybody does, and read the pairing again."""
    attempt = _locked(companion.attempt)
    fresh = Companion.objects.get(pk=companion.pk)
    fresh.attempt = attempt
    return fresh
