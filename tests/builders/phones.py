"""A session that asks for a phone, and phones at every step of their way."""

from datetime import datetime, timedelta

from django.test import Client

from candidates.domain import companions
from candidates.domain.leases import Browser
from candidates.domain.pairing import token_of
from candidates.domain.recordings import create_recordings
from candidates.models import Companion, DeviceLease, Recording
from candidates.phone_access import COOKIE
from exams.models import Attempt, Session
from exams.models.project import preset_a
from tests.builders.candidates import Take, make_chunk, make_segment
from tests.builders.exams import before_start
from tests.builders.passages import (
    make_person,
    make_published_session,
    make_stages,
    make_verified,
)

PHONE = Browser(cookie="", device="Pixel", address="192.0.2.7")
AT = before_start(1200)


def make_phone_session(**columns: object) -> Session:
    return make_published_session(stages=preset_a(), **columns)


def make_pairing_lease(session: Session | None = None, **person: str) -> DeviceLease:
    """A verified computer whose next stage is the phone."""
    attempt = make_person(session or make_phone_session(), **person)
    lease = make_verified(attempt, **({"token": person["ticket"]} if person else {}))
    make_stages(attempt, "flow")
    create_recordings(attempt, at=AT)
    return lease


def open_phone(
    lease: DeviceLease, *, at: datetime = AT, browser: Browser = PHONE
) -> companions.Opened:
    offered = companions.offer_code(lease, at=at)
    return companions.open_by_token(token_of(offered.code), browser=browser, at=at)


def bind_phone(lease: DeviceLease, *, at: datetime = AT) -> companions.Opened:
    opened = open_phone(lease, at=at)
    companions.confirm_match(lease, code=opened.companion.code, at=at)
    opened.companion.refresh_from_db()
    opened.companion.attempt = lease.attempt
    return opened


def make_pan(attempt: Attempt, *, seconds: int = 12) -> Take:
    """As if a turn around the room had arrived."""
    recording = Recording.objects.get(attempt=attempt, stream="companion")
    take = Take(reason="pan").record(*[b"pan"] * seconds)
    segment = make_segment(
        recording, uuid=take.uuid, mime=take.mime, reason="pan", lease_epoch=1
    )
    for one in take.slices:
        make_chunk(segment, seq=one.seq, size=3, digest=one.digest, head=one.head)
    return take


def film(lease: DeviceLease, *, at: datetime = AT) -> companions.Opened:
    """A phone that has shown the room and films."""
    opened = bind_phone(lease, at=at)
    make_pan(lease.attempt)
    companions.start_filming(opened.companion, at=at)
    opened.companion.refresh_from_db()
    return opened


def enter(attempt: Attempt, *, at: datetime) -> None:
    """As if the candidate had entered."""
    Attempt.objects.filter(pk=attempt.pk).update(state="entered", entered_at=at)
    attempt.refresh_from_db()


def heard(companion: Companion, *, seconds_ago: float, at: datetime) -> None:
    Companion.objects.filter(pk=companion.pk).update(
        last_seen_at=at - timedelta(seconds=seconds_ago)
    )
    companion.refresh_from_db()


def phone_client(secret: str) -> Client:
    client = Client(HTTP_KAOWU_CLIENT="1", HTTP_SEC_FETCH_SITE="same-origin")
    client.cookies[COOKIE] = secret
    return client
