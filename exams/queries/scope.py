"""Which projects an administrator administers, and rows within them."""

from django.db.models import QuerySet

from exams.access import assignments_of
from exams.enums import Role
from exams.models import Project, Staff


def administered(staff: Staff) -> QuerySet[Project]:
    """Return the projects whose rows this person may see in the admin."""
    if staff.is_superuser:
        return Project.objects.all()
    held = assignments_of(staff, Role.ADMINISTRATOR)
    return Project.objects.filter(pk__in=held.values("project"))


def scoped(queryset: QuerySet, path: str, staff: Staff) -> QuerySet:
    """Return the rows whose project, along `path`, this person administers."""
    if staff.is_superuser or not path:
        return queryset
    return queryset.filter(**{f"{path}__in": administered(staff)})
