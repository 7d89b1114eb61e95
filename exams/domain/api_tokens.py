"""API tokens: made and shown once, used, revoked.

Owns `ApiToken`. A token reads one project within its scopes and never writes. The
secret is random enough that a plain digest is no help to whoever reads the table.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.enums import Scope
from exams.kernel import tokens
from exams.kernel.errors import BadInput, Conflict, Refusal
from exams.models import ApiToken, Project, Staff

PREFIX, SECRET_BYTES, HEAD = "kaowu_", 32, 12
MOST_DAYS, MAX_LENGTH = 366, 100
NOTICE = timedelta(minutes=1)  # between two writes of "last used"


class TokenRefused(Refusal):
    """No token, or none that is valid now."""

    code = "token_refused"
    status = 401
    message = _("This needs a valid API token.")


def make_token(
    project: Project,
    *,
    name: str,
    scopes: Collection[str],
    days: int,
    by: Staff,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Return the row and the secret, which nobody can look up later.

    `days` from 1 to 366. Raises `BadInput`.
    """
    if not scopes or not set(scopes) <= set(Scope.values):
        raise BadInput(reason=_("Choose what the token may read."))
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(reason=_("From 1 to %(most)s days.") % {"most": MOST_DAYS})
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            project=project,
            name=name.strip(),
            digest=tokens.digest(secret),
            head=secret[:HEAD],
            scopes=sorted(scopes),
            made_by=by,
            made_at=at,
            expires_at=at + timedelta(days=days),
        )
        facts = {"project": project.pk, "scopes": token.scopes, "days": days}
        _record("token.made", token, facts, by=Actor.of_staff(by), at=at)
    return token, secret


def revoke_token(token: ApiToken, *, by: Actor, at: datetime) -> None:
    """End a token at once; raises `Conflict` when it is revoked already."""
    with transaction.atomic():
        changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
            revoked_at=at
        )
        if changed != 1:
            raise Conflict
        _record("token.revoked", token, {}, by=by, at=at)


def use_token(secret: str, *, at: datetime) -> ApiToken:
    """Return the token of this secret and note its use; raises `TokenRefused`.

    Wrong, expired and revoked are the same to whoever asks.
    """
    if not secret.startswith(PREFIX) or len(secret) > MAX_LENGTH:
        raise TokenRefused
    token = (
        ApiToken.objects.filter(
            digest=tokens.digest(secret), revoked_at=None, expires_at__gt=at
        )
        .select_related("project")
        .first()
    )
    if token is None:
        raise TokenRefused
    if token.last_used_at is None or token.last_used_at + NOTICE <= at:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def _record(
    action: str, token: ApiToken, facts: dict, *, by: Actor, at: datetime
) -> None:
    record(action, by=by, at=at, subject=f"token:{token.pk}", facts=facts)
