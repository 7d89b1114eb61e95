"""What cases hold back from being deleted. Reads only."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.models import Project
from proctoring.enums import CaseState
from proctoring.models import Case, Ruling

# A ruling is contested within 60 days of its being served (L8).
CONTESTED = timedelta(days=60)


def holds_of(project: Project, *, at: datetime) -> dict[int, str | Promise]:
    """Return why cases hold attempts back: `{attempt: words}`."""
    rows = _holding(at).filter(attempt__session__project=project)
    return {
        row.attempt_id: _("the time to contest a ruling is running")
        if row.state in CaseState.CLOSED
        else _("a case is open")
        for row in rows
    }


def is_held(attempts: Collection[int], *, at: datetime) -> bool:
    """Return whether a case holds any of these attempts back."""
    return _holding(at).filter(attempt__in=attempts).exists()


def _holding(at: datetime) -> QuerySet[Case]:
    recent = Ruling.objects.filter(case=OuterRef("pk"), at__gt=at - CONTESTED)
    is_open = ~Q(state__in=CaseState.CLOSED)
    return Case.objects.filter(is_open | Q(Exists(recent)))
