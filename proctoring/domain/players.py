"""Opening an attempt's films is an act: audited once per opened player (design §13)."""

from datetime import datetime

from django.db import transaction

from exams.domain.audit import Actor, record
from exams.models import Attempt, Staff
from proctoring.access import require_official


def open_films(attempt: Attempt, *, by: Staff, at: datetime) -> None:
    """Record that this official opened the films; raises `NotAllowed`."""
    require_official(by, attempt)
    with transaction.atomic():
        record(
            "films.opened",
            by=Actor.of_staff(by),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={},
            chain=attempt.session.code,
        )
