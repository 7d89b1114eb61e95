"""The second step of signing in: six digits of an app, or one of ten recovery codes.

Owns `SecondFactor` and `RecoveryCode`. The arithmetic is django-otp's; the rows are our
own, so that the secret is encrypted at rest, codes are hashed, and time is the
application's clock (`docs/decisions/0009`).
"""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from exams.domain.audit import Actor, record
from exams.enums import Role
from exams.kernel import keys
from exams.kernel.errors import Refusal
from exams.kernel.tokens import random_code
from exams.models import Assignment, RecoveryCode, SecondFactor, Staff

ISSUER = "Kaowu"
SECRET_BYTES, STEP_SECONDS, DIGITS, TOLERANCE = 20, 30, 6, 1
CODES, CODE_LENGTH = 10, 10


class WrongCode(Refusal):
    """Neither the app's present digits nor an unused recovery code."""

    code = "wrong_code"
    status = 422
    message = _("This code is not right, or was used before. Wait for the next one.")


def is_required(staff: Staff) -> bool:
    """Return whether one of the person's roles needs a second step by `TOTP_ROLES`."""
    needing = set(settings.TOTP_ROLES)
    if staff.is_superuser and Role.ADMINISTRATOR in needing:
        return True
    return Assignment.objects.filter(staff=staff, role__in=needing).exists()


def is_enrolled(staff: Staff) -> bool:
    """Return whether the person has confirmed an app."""
    return SecondFactor.objects.filter(staff=staff, confirmed_at__isnull=False).exists()


def begin(staff: Staff) -> str:
    """Return the `otpauth:` address to be scanned, made on first call.

    The same until it is confirmed, so that a reload does not void what was scanned.
    """
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    factor, _made = SecondFactor.objects.get_or_create(
        staff=staff, defaults={"secret": secret}
    )
    label = quote(f"{ISSUER}:{staff.username}")
    query = urlencode(
        {
            "secret": factor.secret,
            "issuer": ISSUER,
            "algorithm": "SHA1",
            "digits": DIGITS,
            "period": STEP_SECONDS,
        }
    )
    return f"otpauth://totp/{label}?{query}"


def confirm(staff: Staff, *, code: str, at: datetime) -> list[str]:
    """Accept the app by its first code; return ten recovery codes, shown only now.

    Raises `WrongCode`.
    """
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(staff=staff)
        _use_digits(factor, code, at=at)
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=at)
        _record("second_step.enrolled", staff, by=Actor.of_staff(staff), at=at)
        return _new_codes(factor)


def check(staff: Staff, *, code: str, at: datetime) -> None:
    """Take the app's digits or a recovery code, each once; raises `WrongCode`."""
    with transaction.atomic():
        factor = (
            SecondFactor.objects.select_for_update()
            .filter(staff=staff, confirmed_at__isnull=False)
            .first()
        )
        if factor is None:
            raise WrongCode
        text = "".join(code.split()).lower().replace("-", "")
        if len(text) != CODE_LENGTH:
            _use_digits(factor, text, at=at)
            return
        used = factor.codes.filter(code_hash=_hash(text), used_at=None).update(
            used_at=at
        )
        if not used:
            raise WrongCode
        _record("second_step.recovered", staff, by=Actor.of_staff(staff), at=at)


def renew_codes(staff: Staff, *, code: str, at: datetime) -> list[str]:
    """Void the recovery codes and return ten new ones; raises `WrongCode`."""
    with transaction.atomic():
        check(staff, code=code, at=at)
        factor = SecondFactor.objects.get(staff=staff)
        _record("second_step.renewed", staff, by=Actor.of_staff(staff), at=at)
        return _new_codes(factor)


def remove(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Forget the person's app, which is lost; the next sign-in asks for a new one."""
    with transaction.atomic():
        SecondFactor.objects.filter(staff=staff).delete()
        _record("second_step.removed", staff, by=by, at=at)


def codes_left(staff: Staff) -> int:
    """Return how many recovery codes are unused."""
    return RecoveryCode.objects.filter(factor__staff=staff, used_at=None).count()


def _use_digits(factor: SecondFactor, code: str, *, at: datetime) -> None:
    text = "".join(code.split())
    if len(text) != DIGITS or not (text.isascii() and text.isdigit()):
        raise WrongCode
    totp = TOTP(base64.b32decode(factor.secret), step=STEP_SECONDS, digits=DIGITS)
    totp.time = at.timestamp()
    if not totp.verify(int(text), tolerance=TOLERANCE, min_t=factor.last_step + 1):
        raise WrongCode
    SecondFactor.objects.filter(pk=factor.pk).update(last_step=totp.t())


def _new_codes(factor: SecondFactor) -> list[str]:
    found = [random_code(CODE_LENGTH) for _each in range(CODES)]
    factor.codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, code_hash=_hash(code)) for code in found
    )
    return found


def _hash(code: str) -> str:
    return keys.lookup_hash(code, purpose="recovery-code")


def _record(action: str, staff: Staff, *, by: Actor, at: datetime) -> None:
    record(action, by=by, at=at, subject=f"staff:{staff.pk}", facts={})
