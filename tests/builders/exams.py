"""Rows of the bottom floor, built directly from the models.

Every builder saves one plausible row (and what it must hang on) and takes any
column as a keyword. `START` is the start of every session that names no other.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count

from django.contrib.auth.hashers import make_password

from exams.domain.documents import CheckedFile, attach
from exams.models import (
    Assignment,
    Attempt,
    Criterion,
    Document,
    Exclusion,
    Paper,
    Project,
    Question,
    Room,
    Session,
    Staff,
)

START = datetime(2030, 5, 20, 1, 0, tzinfo=UTC)
_serial = count(1)


def before_start(seconds: int) -> datetime:
    """Return the instant that many seconds before `START`."""
    return START - timedelta(seconds=seconds)


def after_start(seconds: int) -> datetime:
    """Return the instant that many seconds after `START`."""
    return START + timedelta(seconds=seconds)


def make_project(**columns: object) -> Project:
    """A project whose access period runs 30 days either side of `START`."""
    number = next(_serial)
    columns.setdefault("slug", f"project-{number}")
    columns.setdefault("title", f"Project {number}")
    columns.setdefault("hotline", "010-12345678")
    columns.setdefault("hotline_hours", "08:00-18:00")
    columns.setdefault("access_opens_at", START - timedelta(days=30))
    columns.setdefault("access_closes_at", START + timedelta(days=30))
    return Project.objects.create(**columns)


def make_session(**columns: object) -> Session:
    """A formal session at `START` with preset A's windows; no paper unless given."""
    number = next(_serial)
    if "project" not in columns:
        columns["project"] = make_project()
    columns.setdefault("title", f"Session {number}")
    columns.setdefault("starts_at", START)
    if columns.get("kind") == "mock":
        columns.setdefault("mock_closes_at", columns["starts_at"] + timedelta(days=2))
    return Session.objects.create(**columns)


def make_room(session: Session | None = None, **columns: object) -> Room:
    columns.setdefault("name", f"Room {next(_serial)}")
    return Room.objects.create(session=session or make_session(), **columns)


def make_paper(
    project: Project | None = None,
    *,
    questions: int = 2,
    criteria: int = 2,
    **columns: object,
) -> Paper:
    """A draft paper: `questions` texts, `criteria` elements of 50 marks each."""
    columns.setdefault("title", f"Paper {next(_serial)}")
    paper = Paper.objects.create(project=project or make_project(), **columns)
    for number in range(1, questions + 1):
        make_question(paper, number=number)
    for position in range(1, criteria + 1):
        make_criterion(paper, position=position)
    return paper


def make_question(paper: Paper, *, number: int = 1, **columns: object) -> Question:
    columns.setdefault("text", f"第 {number} 题：请谈谈你的看法。")
    columns.setdefault("seconds", 300)
    return Question.objects.create(paper=paper, number=number, **columns)


def make_criterion(paper: Paper, *, position: int = 1, **columns: object) -> Criterion:
    columns.setdefault("name", f"Criterion {position}")
    columns.setdefault("max_mark", Decimal("50.00"))
    columns.setdefault("weight", Decimal("1.000"))
    return Criterion.objects.create(paper=paper, position=position, **columns)


def make_ready_session(**columns: object) -> Session:
    """A published session that can be frozen, once it has an attempt."""
    columns.setdefault("state", "published")
    if "project" not in columns:
        columns["project"] = make_project()
    if "paper" not in columns:
        columns["paper"] = make_paper(columns["project"])
    return make_session(**columns)


def make_attempt(session: Session | None = None, **columns: object) -> Attempt:
    """An enrolled attempt; any state may be given, no machine is asked."""
    return Attempt.objects.create(session=session or make_session(), **columns)


def make_attempts(session: Session, number: int, **columns: object) -> list[Attempt]:
    return [make_attempt(session, **columns) for _ in range(number)]


def make_staff(**columns: object) -> Staff:
    """A member of staff whose password is `password-for-tests`."""
    columns.setdefault("username", f"staff-{next(_serial)}")
    password = str(columns.pop("password", "password-for-tests"))
    return Staff.objects.create(password=_hashed(password), **columns)


@cache
def _hashed(password: str) -> str:
    """Hash a password once: Argon2 is slow on purpose, for every row anew."""
    return make_password(password)


def make_administrator(**columns: object) -> Staff:
    """A superuser, who passes for an administrator everywhere."""
    return make_staff(is_staff=True, is_superuser=True, **columns)


def make_assignment(
    staff: Staff | None = None, *, role: str, **columns: object
) -> Assignment:
    """A role in the one scope given: `project=`, `session=` or `room=`.

    Without a scope a new session is made for it.
    """
    if not {"project", "session", "room"} & columns.keys():
        columns["session"] = make_session()
    columns.setdefault("created_at", START - timedelta(days=10))
    return Assignment.objects.create(staff=staff or make_staff(), role=role, **columns)


def make_document(project: Project | None = None, **columns: object) -> Document:
    """A published document of the kind given (the exam flow unless told)."""
    number = next(_serial)
    columns.setdefault("kind", "flow")
    columns.setdefault("title", f"Document {number}")
    columns.setdefault("body", "请仔细阅读。")
    columns.setdefault("published_at", START - timedelta(days=5))
    return Document.objects.create(project=project or make_project(), **columns)


def make_filed_document(project: Project | None = None, **columns: object) -> Document:
    """A published manual with a plain text as its file."""
    columns.setdefault("kind", "manual")
    columns.setdefault("published_at", datetime(2026, 1, 1, tzinfo=UTC))
    document = make_document(project, **columns)
    text = f"第 {document.pk} 号手册".encode()
    attach(document, CheckedFile(text, "text/plain")).save()
    return document


def make_exclusion(attempt: Attempt, staff: Staff) -> Exclusion:
    return Exclusion.objects.create(attempt=attempt, staff=staff)
