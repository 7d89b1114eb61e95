"""Rows that a journey needs before its first page; runs inside the portal's world.

`python -m tests.journeys.prepare NAME JSON` prints one JSON line.
"""

import json
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import django

django.setup()

from candidates.domain import (  # noqa: E402 - after django.setup()
    inbox,
    leases,
    photo_files,
)
from candidates.models import Candidate  # noqa: E402
from config.pages import demo  # noqa: E402 - after django.setup()
from exams.domain import papers, projects, scoring, setup, staff  # noqa: E402 - after django.setup()
from exams.domain.audit import Actor  # noqa: E402
from exams.enums import DocumentKind, Role  # noqa: E402
from exams.kernel import clock  # noqa: E402
from exams.models import Attempt, Paper, Project, Session, Staff  # noqa: E402
from exams.models.project import default_stages  # noqa: E402
from exams.queries.examiner import criteria_of  # noqa: E402
from tests.builders.candidates import (  # noqa: E402
    make_enrolment,
    make_lease,
    make_recording,
)
from tests.builders.exams import make_attempt  # noqa: E402
from tests.builders.scoring import make_number  # noqa: E402

BY = Actor("system", "journey")
PASSWORD = "journey-password-1"


def examination(
    *,
    start_in: float,
    login_before: int,
    entry_before: int,
    draw_before: int,
    answer: int,
    stages: list[str] | None = None,
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
        stages=stages or default_stages(),
        by=BY,
        at=at,
    )
    for username, role in (
        ("helpdesk", Role.HELPDESK),
        ("examiner", Role.EXAMINER),
        ("proctor", Role.PROCTOR),
        ("official", Role.OFFICIAL),
        ("second_official", Role.OFFICIAL),
    ):
        person = staff.create_staff(
            username, password=PASSWORD, name=username.title(), by=BY, at=at
        )
        staff.assign(person, role=role, session=session, by=BY, at=at)
    return {
        "session": session.pk,
        "code": session.code,
        "password": PASSWORD,
        "administrator": administrator.username,
        "ends_ms": clock.milliseconds(session.starts_at) + answer * 1000,
    }


def sitting(*, answer: int) -> dict:
    """Make one candidate who has just entered, and their proctor."""
    facts = examination(
        start_in=-5, login_before=1800, entry_before=600, draw_before=600, answer=answer
    )
    at = clock.now()
    session = Session.objects.get(pk=facts["session"])
    room = projects.create_rooms(session, names=["Room 1"])["Room 1"]
    secret = leases.new_secret()
    seat = make_attempt(session, room=room, state="entered", entered_at=at)
    make_number(seat, 17)
    lease = make_lease(seat, token=secret)
    codes = {
        stream: str(make_recording(seat, stream=stream).code)
        for stream in ("camera", "screen")
    }
    Session.objects.filter(pk=session.pk).update(state="published", frozen_at=at)
    token = leases.edge_token(lease, at=at)
    return {
        **facts,
        "attempt": seat.code,
        "cookie": secret,
        "token": token,
        "recordings": codes,
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


def seated(*, session: int, token: str) -> dict:
    """Publish the session and sit one candidate in it; `token` is their lease."""
    row = Session.objects.get(pk=session)
    projects.publish_session(row, by=BY, at=clock.now())
    attempt = make_attempt(row, state="checked_in")
    make_enrolment(attempt=attempt)
    make_lease(attempt, token=token)
    return {"attempt": attempt.code}


def warned(*, attempt: str) -> dict:
    """Warn a candidate, who has to confirm it."""
    item = inbox.deliver(
        Attempt.objects.get(code=attempt),
        kind="warning",
        title="Look at the camera",
        at=clock.now(),
        must_acknowledge=True,
    )
    return {"item": item.code}


def photographed(*, ticket: str, photo: str) -> dict:
    """Put a candidate's roster photo, a file."""
    candidate = Candidate.objects.get(ticket_number=ticket)
    photo_files.set_photo(
        candidate, photo=Path(photo).read_bytes(), by=BY, at=clock.now()
    )
    return {"candidate": candidate.pk}


def scored(*, session: int, but: str, marks: list[str]) -> dict:
    """Let the examiner give everybody else the same marks."""
    at = clock.now()
    examiner = Staff.objects.get(username="examiner")
    others = Attempt.objects.filter(session=session, state="sealed").exclude(code=but)
    for attempt in others:
        sheet = scoring.open_sheet(attempt, examiner=examiner, at=at)
        given = {
            criterion.pk: Decimal(mark)
            for criterion, mark in zip(criteria_of(attempt.session), marks, strict=True)
        }
        by = Actor.of_staff(examiner)
        scoring.save_marks(sheet, marks=given, by=by, at=at)
        scoring.submit_sheet(sheet, by=by, at=at)
    return {"scored": len(others)}


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
