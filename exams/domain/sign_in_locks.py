"""How often a password may be wrong: per account and per address, in the database.

Owns `SignInLock`. An unknown account is counted as a known one, so that a lock tells
nobody who exists. A right password does not open a lock before its time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.kernel import keys
from exams.kernel.errors import Conflict, Refusal
from exams.models import SignInLock, Staff

ACCOUNT_FAILURES, ADDRESS_FAILURES = 5, 30
WINDOW = timedelta(minutes=15)
LOCKED = timedelta(minutes=15)


class SignInLocked(Refusal):
    """Too many wrong passwords; `until` is the instant from which one may try."""

    code = "sign_in_locked"
    status = 429
    message = _(
        "Too many wrong passwords or codes. Try again from %(time)s, or ask an "
        "administrator to unlock the account."
    )


@dataclass(frozen=True)
class Whose:
    """Whose failures are counted: the audit's subject, and what a lock shows."""

    subject: str
    staff: Staff | None = None
    address: str = ""


def require_open(username: str, address: str, *, at: datetime) -> None:
    """Raise `SignInLocked` while the account or the address is locked."""
    keys_ = [account_key(username), _address_key(address)]
    until = (
        SignInLock.objects.filter(key__in=keys_, locked_until__gt=at)
        .order_by("-locked_until")
        .values_list("locked_until", flat=True)
        .first()
    )
    if until:
        there = until.astimezone(ZoneInfo(settings.STAFF_TIME_ZONE))
        raise SignInLocked(
            until=until, time=f"{there:%H:%M:%S} ({settings.STAFF_TIME_ZONE})"
        )


def count_failure(username: str, address: str, *, at: datetime) -> None:
    """Count one wrong password or code, and lock what has too many; audited then."""
    staff = Staff.objects.filter(username=username).first()
    subject = f"staff:{staff.pk}" if staff else "staff:unknown"
    account, place = Whose(subject, staff=staff), Whose("address", address=address)
    _count(account_key(username), ACCOUNT_FAILURES, account, at=at)
    _count(_address_key(address), ADDRESS_FAILURES, place, at=at)


def forget_failures(username: str) -> None:
    """Begin anew for an account after a whole sign-in; the address keeps its count."""
    SignInLock.objects.filter(key=account_key(username)).delete()


def unlock(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Open a locked account before its time."""
    with transaction.atomic():
        forget_failures(staff.username)
        record("staff.unlocked", by=by, at=at, subject=f"staff:{staff.pk}", facts={})


def lift(lock: SignInLock, *, by: Actor, at: datetime) -> None:
    """End the lock of an account or an address; raises `Conflict` when it is over."""
    with transaction.atomic():
        row = SignInLock.objects.select_for_update().get(pk=lock.pk)
        if row.locked_until is None or row.locked_until <= at:
            raise Conflict
        facts = {"failures": row.failures}
        row.failures, row.locked_until = 0, None
        row.save()
        subject = f"signinlock:{row.pk}"
        record("sign_in.unlocked", by=by, at=at, subject=subject, facts=facts)


def locked_until(staff: Staff, *, at: datetime) -> datetime | None:
    """Return until when the account is locked, `None` when it is not."""
    row = SignInLock.objects.filter(key=account_key(staff.username)).first()
    until = row.locked_until if row else None
    return until if until and until > at else None


def account_key(username: str) -> str:
    """Return the keyed hash under which an account's failures are counted."""
    return keys.lookup_hash(username.strip().casefold(), purpose="staff-account")


def _address_key(address: str) -> str:
    return keys.lookup_hash(address, purpose="staff-address")


def _count(key: str, allowed: int, whose: Whose, *, at: datetime) -> None:
    with transaction.atomic():
        SignInLock.objects.get_or_create(key=key, defaults={"first_at": at})
        row = SignInLock.objects.select_for_update().get(key=key)
        if row.first_at + WINDOW <= at:
            row.first_at, row.failures, row.locked_until = at, 0, None
            row.address = ""
        row.failures += 1
        if row.failures >= allowed:
            row.locked_until = at + LOCKED
            row.staff, row.address = whose.staff, whose.address
            record(
                "sign_in.locked",
                by=Actor("system", "sign-in"),
                at=at,
                subject=whose.subject,
                facts={"failures": row.failures},
            )
        row.save()
