"""Heartbeats and silences of the phone: facts with their times (R32, R47)."""

from datetime import timedelta

import pytest

from candidates.domain import companions, phone_presence
from candidates.domain.companions import PhoneClosed
from candidates.domain.segments import Head
from candidates.models import Observation, Recording, Segment
from candidates.queries.companions import companion_state
from exams.kernel.clock import milliseconds
from exams.kernel.errors import BadInput
from tests.builders.candidates import make_segment
from tests.builders.exams import after_start, before_start
from tests.builders.passages import picture
from tests.builders.phones import (
    bind_phone,
    enter,
    film,
    heard,
    make_pairing_lease,
)

pytestmark = pytest.mark.django_db
NOW = after_start(60)


@pytest.fixture(autouse=True)
def recordings(settings, tmp_path):
    settings.RECORDINGS_ROOT = tmp_path


@pytest.fixture
def lease():
    """Inside the exam, with a phone that films."""
    lease = make_pairing_lease()
    film(lease)
    enter(lease.attempt, at=before_start(60))
    return lease


@pytest.fixture
def phone(lease):
    found = companions.phones.live_companion(lease.attempt)
    found.attempt = lease.attempt
    return found


def silences():
    rows = Observation.objects.filter(kind="phone_gone").order_by("pk")
    return [(row.from_at, row.to_at) for row in rows]


def hear(phone, **more):
    phone_presence.hear(phone, heads=[], at=NOW, **{"facts": {}, **more})


def test_silence_shorter_than_fifteen_seconds_is_nothing(phone):
    heard(phone, seconds_ago=14.999, at=NOW)

    assert phone_presence.sweep_phones(at=NOW) == 0
    hear(phone)

    assert silences() == []


def test_silence_is_written_once_when_it_begins_and_once_when_it_ends(phone):
    heard(phone, seconds_ago=15, at=NOW)
    last = phone.last_seen_at

    assert phone_presence.sweep_phones(at=NOW) == 1
    assert phone_presence.sweep_phones(at=NOW) == 0
    hear(phone)
    hear(phone)

    assert silences() == [(last, None), (last, NOW)]


def test_silence_that_no_sweep_saw_is_written_by_the_next_heartbeat(phone):
    heard(phone, seconds_ago=40, at=NOW)
    last = phone.last_seen_at

    hear(phone)

    assert silences() == [(last, NOW)]


def test_silence_ends_where_another_phone_takes_over(lease, phone):
    heard(phone, seconds_ago=40, at=NOW)
    last = phone.last_seen_at
    phone_presence.sweep_phones(at=NOW)

    bind_phone(lease, at=NOW)

    assert silences() == [(last, None), (last, NOW)]


def test_silence_before_entry_and_after_the_end_is_nobodys_business():
    early = make_pairing_lease()
    heard(film(early).companion, seconds_ago=60, at=NOW)
    late = make_pairing_lease(early.attempt.session, ticket="9", suffix="999999")
    heard(film(late).companion, seconds_ago=60, at=NOW)
    enter(late.attempt, at=before_start(60))

    assert phone_presence.sweep_phones(at=NOW + timedelta(days=1)) == 0
    assert silences() == []


def test_heartbeat_keeps_heads_of_the_phones_film_and_of_nothing_else(lease, phone):
    own = make_segment(
        Recording.objects.get(attempt=lease.attempt, stream="companion"), reason="film"
    )
    camera = make_segment(Recording.objects.get(attempt=lease.attempt, stream="camera"))
    heads = [Head(own.uuid, 7, "a" * 64), Head(camera.uuid, 9, "b" * 64)]

    phone_presence.hear(phone, heads=heads, facts={"battery": 92}, at=NOW)

    witnessed = dict(
        Segment.objects.exclude(reason="pan").values_list("pk", "witnessed_count")
    )
    assert witnessed == {own.pk: 7, camera.pk: None}
    told = companion_state(lease.attempt, at=NOW)
    assert (told["last_seen_ms"], told["facts"]) == (milliseconds(NOW), {"battery": 92})


@pytest.mark.parametrize(
    "facts",
    [
        [],
        {"battery": 101},
        {"battery": -1},
        {"battery": 1.5},
        {"name": 1},
        {"free_mb": "1"},
    ],
)
def test_misshapen_facts_are_refused_and_change_nothing(phone, facts):
    before = phone.last_seen_at

    with pytest.raises(BadInput):
        hear(phone, facts=facts)

    phone.refresh_from_db()
    assert phone.last_seen_at == before


def test_phone_that_was_replaced_is_heard_no_more(lease, phone):
    bind_phone(lease, at=NOW)
    phone.refresh_from_db()

    with pytest.raises(PhoneClosed):
        hear(phone)
    with pytest.raises(PhoneClosed):
        phone_presence.take_picture(phone, picture(), at=NOW)


def test_picture_of_the_phone_has_a_version_that_the_computer_reads(lease, phone):
    version = phone_presence.take_picture(phone, picture(), at=NOW)

    told = companion_state(lease.attempt, at=NOW)
    assert told["thumbnail_version"] == version == milliseconds(NOW)
