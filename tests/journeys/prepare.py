"""Rows that a journey needs before its first page; runs inside the portal's world.

`python -m tests.journeys.prepare NAME JSON` prints one JSON line.
"""

import json
import sys
from datetime import datetime, timedelta
from decimal import Decimal

import django

django.setup()

from config.pages import demo  # noqa: E402 - after django.setup()
from exams.domain import papers, projects, setup, staff  # noqa: E402 - after django.setup()
from exams.domain.audit import Actor  # noqa: E402
from exams.enums import DocumentKind, Role  # noqa: E402
from exams.kernel import clock  # noqa: E402
from exams.models import Paper, Project  # noqa: E402

BY = Actor("system", "journey")
PASSWORD = "journey-password-1"


def examination(
    *,
    start_in: float,
    login_before: int,
    entry_before: int,
    draw_before: int,
    answer: int,
) -> dict:
    """Make staff, a project, a paper and a draft session; return their names."""
    at = clock.now()
    administrator = staff.create_superuser(
        "administrator", password=PASSWORD, name="Administrator", by=BY, at=at
    )
    project = _project(at=at)
    session = setup.create_session(
        project,
        title="Morning",
        starts_at=at + timedelta(seconds=start_in),
        login_open_before=login_before,
        entry_open_before=entry_before,
        draw_close_before=draw_before,
        answer=answer,
        paper=_paper(project, at=at),
        by=BY,
        at=at,
    )
    for username, role in (("helpdesk", Role.HELPDESK), ("examiner", Role.EXAMINER)):
        person = staff.create_staff(
            username, password=PASSWORD, name=username.title(), by=BY, at=at
        )
        staff.assign(person, role=role, session=session, by=BY, at=at)
    return {
        "session": session.pk,
        "code": session.code,
        "password": PASSWORD,
        "administrator": administrator.username,
        "starts_ms": clock.milliseconds(session.starts_at),
    }


def _project(*, at: datetime) -> Project:
    project = setup.create_project(
        "interview",
        title="2027 interview",
        hotline="400-000-1234",
        hotline_hours="08:00–20:00",
        access_opens_at=at - timedelta(days=1),
        access_closes_at=at + timedelta(days=1),
        by=BY,
        at=at,
    )
    for kind, title in ((DocumentKind.FLOW, "Flow"), (DocumentKind.RULES, "Rules")):
        document = setup.create_document(
            project, kind=kind, title=title, body=f"{title}: read me.", by=BY, at=at
        )
        projects.publish_document(document, by=BY, at=at)
    return project


def _paper(project: Project, *, at: datetime) -> Paper:
    return papers.create_paper(
        project,
        title="Paper",
        questions=[papers.QuestionText("What would you do first?", 60)],
        criteria=[
            papers.CriterionText("Analysis", Decimal(40)),
            papers.CriterionText("Expression", Decimal(60)),
        ],
        by=BY,
        at=at,
    )


def crowd(*, base: str, candidates: int, start_in: int, answer: int) -> dict:
    """Make the demo with short windows; return its accounts."""
    return demo.seed(
        base=base,
        candidates=candidates,
        at=clock.now(),
        known=None,
        crowd=demo.Timing(start_in, entry_before=20, draw_before=8, answer=answer),
    )


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
