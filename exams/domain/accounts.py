"""Accounts: made without a password, reset, closed and opened; every sign-in ended.

Writes `Staff` and `OneTimeLink`. A secret is returned once and kept as a digest.
Whoever signed in under an earlier `sign_in_epoch` is signed out at the next request,
and an open socket within its next look at the right (two seconds).
"""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.kernel import tokens
from exams.kernel.errors import BadInput, Conflict, NotFound, Refusal
from exams.models import OneTimeLink, Staff

LINK_LIFETIME = timedelta(hours=24)
TOKEN_LENGTH, PASSWORD_LENGTH = 32, 14


class LinkOver(NotFound):
    """The link was used, replaced or is too old; which of them is nobody's business."""

    code = "link_over"
    message = _("This link is over. Ask an administrator for a new one.")


class OwnAccount(Refusal):
    """Nobody closes the own account: the last administrator could lock all out."""

    code = "own_account"
    message = _("You cannot do this to your own account.")


def give_link(staff: Staff, *, by: Actor, at: datetime) -> str:
    """Return the token of a link that sets a password once, within 24 hours.

    The password of before ends at once, links given before too.
    """
    token = tokens.random_code(TOKEN_LENGTH)
    with transaction.atomic():
        stored = _locked(staff)
        OneTimeLink.objects.filter(staff=stored, used_at=None).update(used_at=at)
        OneTimeLink.objects.create(
            staff=stored,
            digest=tokens.digest(token),
            made_at=at,
            expires_at=at + LINK_LIFETIME,
        )
        stored.set_unusable_password()
        _save(stored, must_change_password=False)
        _record("staff.link_given", staff, by=by, at=at)
    return token


def give_password(staff: Staff, *, by: Actor, at: datetime) -> str:
    """Return a temporary password; signing in with it asks for a new one first."""
    password = tokens.random_code(PASSWORD_LENGTH)
    with transaction.atomic():
        stored = _locked(staff)
        OneTimeLink.objects.filter(staff=stored, used_at=None).update(used_at=at)
        stored.set_password(password)
        _save(stored, must_change_password=True)
        _record("staff.password_given", staff, by=by, at=at)
    return password


def owner_of_link(token: str, *, at: datetime) -> Staff:
    """Return whose link it is; raises `LinkOver`."""
    return _link(token, at=at).staff


def use_link(token: str, *, password: str, at: datetime) -> Staff:
    """Set the password of a link's owner and end the link.

    Raises `LinkOver`, `BadInput` for a weak password.
    """
    with transaction.atomic():
        link = _link(token, at=at)
        # Of two at once, one sets the password.
        if not OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=at):
            raise LinkOver
        change_password(link.staff, password=password, at=at)
    return link.staff


def change_password(staff: Staff, *, password: str, at: datetime) -> Staff:
    """Set the own new password; every other sign-in of the person ends.

    Raises `BadInput` for a weak one, and for the present one.
    """
    with transaction.atomic():
        stored = _locked(staff)
        try:
            validate_password(password, stored)
        except ValidationError as error:
            raise BadInput(reason=" ".join(error.messages)) from error
        if stored.check_password(password):
            raise BadInput(reason=_("This is the password of before. Choose another."))
        stored.set_password(password)
        _save(stored, must_change_password=False)
        _record("staff.password_changed", staff, by=Actor.of_staff(stored), at=at)
    return stored


def deactivate(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Close an account: it signs in no more, and every open page of it ends.

    Raises `OwnAccount`, and `Conflict` when it is closed already.
    """
    if by == Actor.of_staff(staff):
        raise OwnAccount
    with transaction.atomic():
        stored = _locked(staff)
        if not stored.is_active:
            raise Conflict
        OneTimeLink.objects.filter(staff=stored, used_at=None).update(used_at=at)
        stored.is_active = False
        _save(stored)
        _record("staff.deactivated", staff, by=by, at=at)


def activate(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Open a closed account again, with the password of before."""
    with transaction.atomic():
        stored = _locked(staff)
        if stored.is_active:
            raise Conflict
        stored.is_active = True
        _save(stored)
        _record("staff.activated", staff, by=by, at=at)


def end_sign_ins(staff: Staff) -> None:
    """End every sign-in of the person, at the next look that anybody takes."""
    Staff.objects.filter(pk=staff.pk).update(sign_in_epoch=F("sign_in_epoch") + 1)


def _link(token: str, *, at: datetime) -> OneTimeLink:
    link = (
        OneTimeLink.objects.filter(
            digest=tokens.digest(token), used_at=None, expires_at__gt=at
        )
        .select_related("staff")
        .first()
    )
    if link is None or not link.staff.is_active:
        raise LinkOver
    return link


def _locked(staff: Staff) -> Staff:
    return Staff.objects.select_for_update().get(pk=staff.pk)


def _save(staff: Staff, **columns: object) -> None:
    for name, value in columns.items():
        setattr(staff, name, value)
    staff.sign_in_epoch += 1
    staff.save()


def _record(action: str, staff: Staff, *, by: Actor, at: datetime) -> None:
    record(action, by=by, at=at, subject=f"staff:{staff.pk}", facts={})
