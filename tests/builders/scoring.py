"""A panel, sealed attempts with exhibits, and sheets, built directly from the rows."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from exams.enums import Role
from exams.models import (
    Attempt,
    Draw,
    DrawnNumber,
    Exhibit,
    Mark,
    Session,
    Sheet,
    Staff,
)
from tests.builders.exams import (
    START,
    after_start,
    make_assignment,
    make_attempt,
    make_ready_session,
    make_staff,
)

SCORED = after_start(7200)
MEDIA = b"\x1aE\xdf\xa3" + bytes(range(256)) * 40
_serial = count(1)


def make_scoring_session(**columns: object) -> Session:
    """A session in `scoring` with two criteria of 50 marks."""
    columns.setdefault("state", "scoring")
    return make_ready_session(**columns)


def make_examiner(session: Session, **columns: object) -> Staff:
    """A member of the session's panel."""
    staff = make_staff(**columns)
    make_assignment(staff, role=Role.EXAMINER, session=session)
    return staff


def make_panel(session: Session, number: int) -> list[Staff]:
    return [make_examiner(session) for _ in range(number)]


def make_number(attempt: Attempt, number: int | None = None) -> DrawnNumber:
    """A drawn number, in the session's draw (made when there is none)."""
    draw, _ = Draw.objects.get_or_create(
        session=attempt.session,
        defaults={
            "roster_hash": "0" * 64,
            "roster": [],
            "seed": "0" * 64,
            "commitment": "0" * 64,
            "committed_at": START - timedelta(hours=2),
        },
    )
    taken = draw.numbers.count() + 1
    return DrawnNumber.objects.create(
        draw=draw,
        attempt=attempt,
        number=number or taken,
        position=taken,
        nonce="0" * 32,
        origin="auto",
        receipt={},
        drawn_at=START - timedelta(hours=1),
    )


def make_exhibit(
    attempt: Attempt, *, data: bytes = MEDIA, **columns: object
) -> Exhibit:
    """An exhibit of one part whose file is in the media store."""
    name = f"exhibits/{next(_serial)}.webm"
    path = Path(settings.RECORDINGS_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    columns.setdefault("version", attempt.exhibits.count() + 1)
    columns.setdefault(
        "parts", [{"path": name, "mime": "video/webm", "duration_ms": 8000}]
    )
    columns.setdefault("source_digest", hashlib.sha256(name.encode()).hexdigest())
    columns.setdefault("duration_ms", 8000)
    columns.setdefault("created_at", after_start(3600))
    return Exhibit.objects.create(attempt=attempt, **columns)


def make_sealed_attempt(session: Session | None = None, **columns: object) -> Attempt:
    """An attempt that can be scored: sealed, with a number and an exhibit."""
    number = columns.pop("number", None)
    columns.setdefault("state", "sealed")
    attempt = make_attempt(session or make_scoring_session(), **columns)
    make_number(attempt, number)
    make_exhibit(attempt)
    return attempt


def make_sheet(
    attempt: Attempt, examiner: Staff, *marks: str, state: str = "locked"
) -> Sheet:
    """A sheet with the marks given, in the order of the criteria."""
    sheet = Sheet.objects.create(
        attempt=attempt,
        examiner=examiner,
        exhibit=attempt.exhibits.order_by("-version").first(),
        state=state,
        submitted_at=None if state == "draft" else SCORED,
    )
    criteria = attempt.session.paper.criteria.all()
    for criterion, value in zip(criteria, marks, strict=False):
        Mark.objects.create(sheet=sheet, criterion=criterion, value=Decimal(value))
    return sheet


def url_of(page: str, sheet: Sheet) -> str:
    """Return the address of one of the examiner's pages of a sheet."""
    return reverse(f"examiner:{page}", args=[sheet.code])


def part_of(sheet: Sheet, number: int = 1) -> str:
    """Return the address of one film of the sheet's exhibit, counted from 1."""
    return reverse("examiner:part", args=[sheet.exhibit.code, number])
