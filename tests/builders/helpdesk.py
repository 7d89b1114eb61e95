"""Rows of the helpdesk's floor."""

from itertools import count
from uuid import uuid4

from exams.models import Attempt, Project
from helpdesk.domain.requests import CANDIDATE, Author, post_message
from helpdesk.models import Message, Request
from tests.builders.exams import START, make_attempt

_serial = count(1)


def make_request(attempt: Attempt | None = None, **columns: object) -> Request:
    """A request of an attempt; `project=` makes one of a browser not signed in."""
    if "project" not in columns:
        attempt = attempt or make_attempt()
        columns |= {"attempt": attempt, "project": attempt.session.project}
    else:
        columns.setdefault("asker_digest", f"{next(_serial):064}")
    columns.setdefault("opened_at", START)
    columns.setdefault("last_at", START)
    return Request.objects.create(**columns)


def make_message(request: Request, text: str = "你好", **how: object) -> Message:
    """Said by the candidate unless `by=` names one of the staff."""
    by = how.get("by")
    author = Author("staff", by) if by else CANDIDATE
    return post_message(
        request,
        author=author,
        client_id=how.get("client_id") or uuid4(),
        text=text,
        at=how.get("at") or START,
    )


def make_unsigned_request(project: Project, **columns: object) -> Request:
    return make_request(project=project, **columns)
