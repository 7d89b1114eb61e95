"""A person at the door and on the way through, as the real roster makes them."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from candidates.domain.leases import Browser, Claim, claim_lease
from candidates.domain.people import sign_in_hash
from candidates.models import DeviceLease, StagePassage
from exams.models import Attempt, Session
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import before_start, make_attempt, make_session

TICKET = "20300520001"
SUFFIX = "01123X"
BEFORE_ENTER = ("devices", "check_in", "flow", "draw", "attachments")
COOKIE = "the-cookie"


def make_published_session(**columns: object) -> Session:
    columns.setdefault("state", "published")
    return make_session(**columns)


def make_person(
    session: Session | None = None,
    *,
    ticket: str = TICKET,
    suffix: str = SUFFIX,
    **columns: object,
) -> Attempt:
    """An attempt whose person can sign in with this ticket number and suffix."""
    session = session or make_published_session()
    attempt = make_attempt(session, **columns)
    candidate = make_candidate(
        session.project,
        ticket_number=ticket,
        sign_in_hash=sign_in_hash(session.project, ticket, suffix),
    )
    make_enrolment(candidate, attempt)
    return attempt


def claim(attempt: Attempt, *, cookie: str = "", **facts: str) -> Claim:
    """Claim the attempt as some browser; without a cookie it is a new one."""
    return claim_lease(
        attempt, browser=Browser(cookie=cookie, **facts), at=before_start(1500)
    )


def make_stages(attempt: Attempt, *stages: str) -> None:
    for stage in stages:
        StagePassage.objects.create(attempt=attempt, stage=stage, at=before_start(900))


def make_verified(attempt: Attempt, *, token: str = COOKIE) -> DeviceLease:
    """A checked-in attempt's verified lease, its device and identity stages done."""
    if attempt.state == "enrolled":
        Attempt.objects.filter(pk=attempt.pk).update(state="checked_in")
        attempt.refresh_from_db()
    make_stages(attempt, "devices", "check_in")
    lease = make_lease(attempt, token=token)
    return DeviceLease.objects.select_related("attempt__session__project").get(
        pk=lease.pk
    )


def picture(
    size: tuple[int, int] = (320, 240), kind: str = "JPEG", **options: object
) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (120, 130, 140)).save(buffer, kind, **options)
    return buffer.getvalue()


def photo(content: bytes | None = None, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or picture(), "image/jpeg")
