"""How often something secret may be guessed: a counter that survives a restart.

Owns and writes `SignInBudget`. A key is a keyed hash of a target or a source, so that
the table names nobody.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from candidates.models import SignInBudget
from exams.kernel.errors import Refusal

BUDGET_SECONDS = 900


class TooManyTries(Refusal):
    code = "too_many_tries"
    status = 429
    message = _(
        "Too many failed tries. Try again in %(minutes)s minutes, or call the hotline."
    )


def charge(budgets: Mapping[str, int], *, at: datetime) -> bool:
    """Count one try on every counter `{key: allowed}`; return whether one is used up.

    Charged before the comparison, each in a transaction of its own, so that tries
    at the same time are all counted.
    """
    exhausted = False
    for key, allowed in sorted(budgets.items()):
        with transaction.atomic():
            SignInBudget.objects.get_or_create(key=key, window=_window(at))
            row = SignInBudget.objects.filter(key=key, window=_window(at))
            row.update(failures=F("failures") + 1)
            exhausted |= row.get().failures > allowed
    return exhausted


def refund(budgets: Mapping[str, int], *, at: datetime) -> None:
    """Give the try back: it was right."""
    SignInBudget.objects.filter(
        key__in=budgets, window=_window(at), failures__gt=0
    ).update(failures=F("failures") - 1)


def too_many(at: datetime) -> TooManyTries:
    """Return the refusal that names when the next window opens."""
    opens = (_window(at) + 1) * BUDGET_SECONDS
    retry_at = datetime.fromtimestamp(opens, tz=at.tzinfo)
    return TooManyTries(
        minutes=-(-(opens - int(at.timestamp())) // 60), retry_at=retry_at
    )


def _window(at: datetime) -> int:
    return int(at.timestamp()) // BUDGET_SECONDS
