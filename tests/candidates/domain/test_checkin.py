import hashlib
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from candidates.domain.checkin import (
    ConsentMissing,
    approve_check_in,
    decline_check_in,
    request_check_in,
)
from candidates.domain.photos import BadPhoto
from candidates.models import CheckIn, CheckInPhoto, DeviceLease, Recording
from candidates.queries.rights import CheckInWaiting, LeaseWaiting, StageMissing
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import verify_chain
from exams.kernel.errors import BadInput, IllegalMove, WindowClosed
from exams.models import AuditEntry, Event
from tests.builders.exams import START, before_start, make_staff
from tests.builders.passages import claim, make_person, make_stages, photo

pytestmark = pytest.mark.django_db
AT = before_start(1500)
TICK = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def at_door(**columns):
    attempt = make_person(**columns)
    lease = claim(attempt).lease
    make_stages(attempt, "devices")
    return lease


def ask(lease, *, photos=2, version="1", at=AT):
    return request_check_in(
        lease,
        consent_version=version,
        photos=[photo() for _ in range(photos)],
        at=at,
    )


def stored_files(tmp_path):
    return sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


def test_request_check_in_photos_wait_for_a_person(tmp_path):
    lease = at_door()

    check_in = ask(lease, photos=3)

    assert (check_in.state, check_in.consent_version) == ("waiting", "1")
    rows = list(CheckInPhoto.objects.filter(check_in=check_in))
    digests = [hashlib.sha256(row.image.read()).hexdigest() for row in rows]
    assert digests == [row.digest for row in rows]
    assert len(stored_files(tmp_path)) == 3
    lease.attempt.refresh_from_db()
    assert lease.attempt.state == "enrolled"
    assert set(Event.objects.values_list("topic__name", "type")) >= {
        (f"attempt:{lease.attempt.code}", "check_in.requested"),
        (
            f"staff:checkins:{lease.attempt.session.project.slug}",
            "check_in.requested",
        ),
    }


@pytest.mark.parametrize("version", ["", "0", "2"])
def test_request_check_in_without_this_consent_stores_nothing(version, tmp_path):
    lease = at_door()

    with pytest.raises(ConsentMissing):
        ask(lease, version=version)

    assert stored_files(tmp_path) == []


@pytest.mark.parametrize("photos", [0, 1, 5])
def test_request_check_in_too_few_or_many_photos_are_refused(photos, tmp_path):
    with pytest.raises(BadInput):
        ask(at_door(), photos=photos)

    assert stored_files(tmp_path) == []


def test_request_check_in_one_bad_photo_stores_none(tmp_path):
    lease = at_door()

    with pytest.raises(BadPhoto):
        request_check_in(
            lease,
            consent_version="1",
            photos=[photo(), photo(b"<html>")],
            at=AT,
        )

    assert stored_files(tmp_path) == []
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    ("edge", "shift", "open_"),
    [
        (before_start(1800), -TICK, False),
        (before_start(1800), timedelta(), True),
        (before_start(1800), TICK, True),
        (START, -TICK, True),
        (START, timedelta(), False),
        (START, TICK, False),
    ],
)
def test_request_check_in_at_the_edges_of_the_login_window(edge, shift, open_):
    lease = at_door()

    if open_:
        assert ask(lease, at=edge + shift).state == "waiting"
    else:
        with pytest.raises(WindowClosed):
            ask(lease, at=edge + shift)


def test_request_check_in_second_while_one_waits_is_refused(tmp_path):
    lease = at_door()
    ask(lease)

    with pytest.raises(CheckInWaiting):
        ask(lease)

    assert len(stored_files(tmp_path)) == 2


def test_request_check_in_before_the_devices_or_without_the_lease():
    attempt = make_person()
    first = claim(attempt).lease
    second = claim(attempt).lease

    with pytest.raises(StageMissing):
        ask(first)
    with pytest.raises(LeaseWaiting):
        ask(second)


def test_approve_check_in_opens_the_passage():
    lease = at_door()
    check_in = ask(lease)
    staff = make_staff()

    approve_check_in(check_in, by=staff, at=AT)

    lease = DeviceLease.objects.get(pk=lease.pk)
    assert (lease.attempt.state, lease.level) == ("checked_in", "verified")
    assert sorted(Recording.objects.values_list("stream", flat=True)) == [
        "camera",
        "screen",
    ]
    entry = AuditEntry.objects.get(action="check_in.approved")
    assert (entry.actor_kind, entry.actor_ref) == ("staff", str(staff.pk))
    assert verify_chain(lease.attempt.session.code) == 4


def test_approve_check_in_waiting_since_the_window_until_entry_closes():
    late = START - TICK
    first, second = ask(at_door(), at=late), ask(at_door_of_another(), at=late)

    approve_check_in(first, by=make_staff(), at=late)
    with pytest.raises(WindowClosed):
        approve_check_in(second, by=make_staff(), at=START)

    second.refresh_from_db()
    assert second.state == "waiting"


def at_door_of_another():
    return at_door(ticket="another")


def test_decline_check_in_with_reason_lets_the_candidate_try_again():
    lease = at_door()
    check_in = ask(lease)

    decline_check_in(check_in, by=make_staff(), at=AT, reason=" too dark ")
    again = ask(lease)

    check_in.refresh_from_db()
    assert (check_in.state, check_in.reason) == ("declined", "too dark")
    assert again.state == "waiting"
    lease.attempt.refresh_from_db()
    assert lease.attempt.state == "enrolled"


@pytest.mark.parametrize("reason", ["", "   "])
def test_decline_check_in_without_reason_is_refused(reason):
    check_in = ask(at_door())

    with pytest.raises(ReasonMissing):
        decline_check_in(check_in, by=make_staff(), at=AT, reason=reason)

    check_in.refresh_from_db()
    assert check_in.state == "waiting"


def test_decline_check_in_reason_is_not_told_in_the_audit_trail():
    check_in = ask(at_door())

    decline_check_in(check_in, by=make_staff(), at=AT, reason="张三 is not on it")

    entry = AuditEntry.objects.get(action="check_in.declined")
    assert "张三" not in str(entry.facts)


def test_decided_check_in_is_not_decided_again():
    check_in = ask(at_door())
    approve_check_in(check_in, by=make_staff(), at=AT)

    with pytest.raises(IllegalMove):
        decline_check_in(check_in, by=make_staff(), at=AT, reason="no")
    with pytest.raises(IllegalMove):
        approve_check_in(check_in, by=make_staff(), at=AT)


def test_approve_check_in_of_an_absent_attempt_changes_nothing():
    lease = at_door()
    check_in = ask(lease)
    type(lease.attempt).objects.filter(pk=lease.attempt_id).update(state="absent")

    with pytest.raises(IllegalMove):
        approve_check_in(check_in, by=make_staff(), at=AT)

    stored = CheckIn.objects.get(pk=check_in.pk)
    assert stored.state == "waiting"


def test_stored_photo_name_tells_nothing_of_the_person():
    check_in = ask(at_door())

    names = list(check_in.photos.values_list("image", flat=True))

    assert all(default_storage.exists(name) for name in names)
    assert all(name.startswith("photos/") and "photo.jpg" not in name for name in names)
