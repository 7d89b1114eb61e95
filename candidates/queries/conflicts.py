"""What is shown of declared conflicts: to an examiner the own words, no match."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from candidates.enums import ConflictKind
from candidates.models import DeclaredConflict
from exams.access import assignments_of
from exams.models import Project, Staff
from exams.queries.examiner import EXAMINERS


@dataclass(frozen=True)
class OwnConflict:
    """One line of the examiner's page; a suffix shows its last two only."""

    project: str
    kind: str
    text: str
    at: datetime


def projects_examined(staff: Staff) -> QuerySet[Project]:
    """Return the projects in which this person examines."""
    held = assignments_of(staff, *EXAMINERS)
    return Project.objects.filter(
        Q(pk__in=held.values("project"))
        | Q(pk__in=held.values("session__project"))
        | Q(pk__in=held.values("room__session__project"))
    ).order_by("title", "pk")


def own_conflicts(staff: Staff) -> list[OwnConflict]:
    """Return what this person declared; never what others entered about them."""
    rows = DeclaredConflict.objects.filter(
        staff=staff,
        declared_by=staff,
        withdrawn_at=None,
        kind__in=ConflictKind.DECLARED,
    )
    return [
        OwnConflict(
            project=row.project.title,
            kind=row.get_kind_display(),
            text=shown_value(row),
            at=row.declared_at,
        )
        for row in rows.select_related("project").order_by("-declared_at", "-pk")
    ]


def shown_value(conflict: DeclaredConflict) -> str:
    """Return the value as a screen may show it."""
    if conflict.kind == ConflictKind.ID_SUFFIX:
        return f"****{conflict.value[-2:]}"
    return conflict.value
