"""What waits for an answer at the helpdesk, for the dashboard."""

from collections.abc import Iterable

from django.db.models import Count, Min

from candidates.queries.waiting import Waiting
from exams.models import Project
from helpdesk.enums import RequestState
from helpdesk.models import Request


def open_requests(projects: Iterable[Project]) -> Waiting:
    """Requests with something said that nobody has answered."""
    found = (
        Request.objects.filter(project__in=projects, waiting_since__isnull=False)
        .exclude(state=RequestState.RESOLVED)
        .aggregate(count=Count("pk"), since=Min("waiting_since"))
    )
    return Waiting(count=found["count"], since=found["since"])
