"""What waits for an answer at the helpdesk, for the dashboard."""

from collections.abc import Iterable

from candidates.queries.waiting import Waiting, waiting_of
from exams.models import Project
from helpdesk.enums import RequestState
from helpdesk.models import Request


def open_requests(projects: Iterable[Project]) -> Waiting:
    """Requests with something said that nobody has answered."""
    rows = Request.objects.filter(project__in=projects, waiting_since__isnull=False)
    return waiting_of(rows.exclude(state=RequestState.RESOLVED), "waiting_since")
