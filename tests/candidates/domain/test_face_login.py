import json
from datetime import timedelta

import pytest

from candidates.backends.faces import FaceBusy, turn
from candidates.backends.faces.dlib_faces import DlibFaces
from candidates.backends.faces.fake import marked
from candidates.domain import checkin
from candidates.domain.checkin import ConsentMissing, approve_check_in
from candidates.domain.face_login import (
    ChallengeExpired,
    ChallengeUsed,
    answer_challenge,
    forget_faces,
    open_challenge,
    withdraw_consent,
)
from candidates.domain.photos import BadPhoto, PhotoTooLarge
from candidates.models import (
    CheckIn,
    CheckInPhoto,
    DeviceLease,
    FaceCheck,
    Recording,
    StagePassage,
)
from candidates.queries import rights
from candidates.queries.rights import (
    CheckInWaiting,
    FaceTriesUsed,
    FaceUnavailable,
    LeaseLost,
    LeaseWaiting,
    RosterPhotoMissing,
    StageMissing,
)
from exams.domain.audit import Actor, verify_chain
from exams.kernel.errors import BadInput, WindowClosed
from exams.models import AuditEntry, Event
from tests.builders.exams import START, make_staff
from tests.builders.faces import (
    AT,
    ME,
    NEARLY_ME,
    NOT_ME,
    at_door,
    challenge,
    frames_for,
)
from tests.builders.passages import claim

pytestmark = pytest.mark.django_db
TICK = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def _faces(settings, tmp_path):
    settings.FACE_BACKEND = "fake"
    settings.MEDIA_ROOT = tmp_path


def answered(check, *, at=AT, **other):
    return answer_challenge(check, frames=frames_for(check, **other), at=at)


def stored_files(tmp_path):
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_open_challenge_asks_for_every_turn_in_a_random_order():
    lease = at_door()

    found = {tuple(challenge(lease).steps) for _ in range(20)}

    assert all(sorted(steps) == ["centre", "left", "right"] for steps in found)
    assert len(found) > 1
    # The older ones are over: one challenge of an attempt is open.
    assert FaceCheck.objects.filter(state="open").count() == 1
    assert FaceCheck.objects.filter(state="expired").count() == 19


@pytest.mark.parametrize("version", ["", "1", "face-0"])
def test_open_challenge_without_this_consent_is_refused(version):
    with pytest.raises(ConsentMissing):
        open_challenge(at_door(), consent_version=version, at=AT)

    assert not FaceCheck.objects.exists()


@pytest.mark.parametrize("backend", ["manual", "dlib"])
def test_open_challenge_without_models_leaves_the_human_route(
    settings, monkeypatch, backend
):
    settings.FACE_BACKEND = backend
    monkeypatch.setattr(DlibFaces, "available", False)

    with pytest.raises(FaceUnavailable):
        challenge(at_door())


def test_open_challenge_without_a_roster_photo_leaves_the_human_route():
    with pytest.raises(RosterPhotoMissing):
        challenge(at_door(photo=b""))


def test_open_challenge_out_of_turn_or_time_or_place_is_refused():
    lease = at_door()
    second = claim(lease.attempt).lease

    with pytest.raises(LeaseWaiting):
        challenge(second)
    with pytest.raises(WindowClosed):
        challenge(lease, at=START)
    StagePassage.objects.all().delete()
    with pytest.raises(StageMissing):
        challenge(lease)


def test_answer_of_the_right_person_opens_the_passage():
    lease = at_door()
    check = answered(challenge(lease), who=ME + 0.3)

    lease = DeviceLease.objects.get(pk=lease.pk)
    assert (check.state, check.reasons) == ("passed", [])
    assert (lease.attempt.state, lease.level) == ("checked_in", "verified")
    assert StagePassage.objects.filter(stage="check_in").count() == 1
    assert Recording.objects.filter(attempt=lease.attempt).count() == 2
    assert not CheckIn.objects.exists()
    entry = AuditEntry.objects.get(action="face_check.passed")
    assert (entry.actor_kind, entry.facts["backend"]) == ("job", "fake")
    assert verify_chain(lease.attempt.session.code) == 4
    event = Event.objects.get(type="face_check.decided")
    assert event.payload == {"state": "passed"}


def test_answer_is_stored_with_what_it_was_made_from(tmp_path):
    lease = at_door()
    check = FaceCheck.objects.get(pk=answered(challenge(lease)).pk)

    assert (check.backend, check.version) == ("fake", "1")
    assert check.thresholds == {"pass": 450, "review": 600}
    assert check.distances["frames"] <= 10
    assert len(check.distances["roster"]) == 3
    assert [len(digest) for digest in check.digests["frames"]] == [64] * 3
    assert len(check.digests["roster"]) == 64
    assert json.loads(check.embedding)[0] == pytest.approx(ME, abs=0.02)
    # Nothing of a person who passed is kept as a picture but the roster's photo.
    assert len(stored_files(tmp_path)) == 1


def test_embedding_is_ciphertext_and_in_no_entry_or_event(db):
    check = answered(challenge(at_door()))
    number = json.loads(FaceCheck.objects.get(pk=check.pk).embedding)[0]

    rows = FaceCheck.objects.extra(select={"raw": "embedding"}).values_list(
        "raw", flat=True
    )
    told = [
        *AuditEntry.objects.values_list("facts", flat=True),
        *Event.objects.values_list("payload", flat=True),
    ]
    assert str(number).encode() not in bytes(rows[0])
    assert str(number) not in str(told)
    assert str(number) not in repr(check)


def test_answer_that_is_unclear_waits_for_staff_with_its_frames():
    lease = at_door()
    check = answered(challenge(lease), who=NEARLY_ME)

    waiting = CheckIn.objects.get()
    assert (check.state, check.reasons) == ("review", ["unsure"])
    assert (waiting.state, waiting.consent_version) == ("waiting", "face-1")
    assert waiting.face_check.pk == check.pk
    photos = CheckInPhoto.objects.filter(check_in=waiting).order_by("pk")
    assert [photo.digest for photo in photos] == check.digests["frames"]
    with pytest.raises(CheckInWaiting):
        challenge(lease)

    approve_check_in(waiting, by=make_staff(), at=AT)
    lease.refresh_from_db()
    assert lease.level == "verified"


def test_roster_photo_without_a_face_goes_to_staff():
    lease = at_door(photo=marked(ME, count=0))

    check = answered(challenge(lease))

    assert (check.state, check.reasons) == ("review", ["roster_photo"])
    assert CheckIn.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"who": NOT_ME}, "other_person"),
        ({"left": {"who": NOT_ME}}, "frames_differ"),
        ({"centre": {"count": 2}}, "second_face"),
        ({"centre": {"count": 0}}, "no_face"),
        ({"right": {"light": 10}}, "dark"),
        ({"right": {"light": 250}}, "bright"),
        ({"left": {"sharpness": 4}}, "blurred"),
        ({"left": {"width": 150}}, "small"),
        ({"left": {"nose": 0.5}, "right": {"nose": 0.5}}, "movement"),
        ({"left": {"nose": 0.35}, "right": {"nose": 0.65}}, "movement"),
        ({"centre": {"nose": 0.1}, "right": {"nose": 0.01}}, "movement"),
    ],
)
def test_answer_that_proves_nothing_fails_and_says_why(tmp_path, other, reason):
    lease = at_door()

    check = answered(challenge(lease), **other)

    assert (check.state, check.reasons) == ("failed", [reason])
    assert FaceCheck.objects.get(pk=check.pk).embedding == ""
    assert len(stored_files(tmp_path)) == 1
    lease.refresh_from_db()
    assert (lease.attempt.state, lease.level) == ("enrolled", "claimed")
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    ("distance", "state"), [(0.44, "passed"), (0.47, "review"), (0.62, "failed")]
)
def test_thresholds_are_settings(distance, state, settings):
    settings.FACE_PASS, settings.FACE_REVIEW = distance + 0.02, distance + 0.05
    assert answered(challenge(at_door()), who=ME + distance).state == "passed"

    settings.FACE_PASS, settings.FACE_REVIEW = 0.45, 0.60
    check = answered(challenge(at_door(ticket="other")), who=ME + distance)
    assert check.state == state


def test_third_failure_leaves_the_human_route():
    lease = at_door()
    for _ in range(3):
        answered(challenge(lease), who=NOT_ME)

    with pytest.raises(FaceTriesUsed):
        challenge(lease)
    assert rights.refusal_to("check_in", standing(lease), at=AT) is None


def standing(lease):
    from candidates.queries.standing import standing_of

    return standing_of(lease)


def test_unanswered_challenges_are_no_tries_but_not_endless(monkeypatch):
    monkeypatch.setattr(rights, "MAX_FACE_CHALLENGES", 5)
    lease = at_door()
    for _ in range(5):
        challenge(lease)

    assert standing(lease).face.tries_left == 3
    with pytest.raises(FaceTriesUsed):
        challenge(lease)


def test_challenge_is_good_until_it_expires_and_no_try_afterwards():
    lease = at_door()
    check = challenge(lease)

    with pytest.raises(ChallengeExpired):
        answered(check, at=check.expires_at)

    check.refresh_from_db()
    assert check.state == "expired"
    assert standing(lease).face.tries_left == 3
    assert answered(challenge(lease), at=check.expires_at - TICK).state == "passed"


def test_challenge_is_answered_once():
    lease = at_door()
    check = challenge(lease)
    frames = frames_for(check, who=NOT_ME)
    answer_challenge(check, frames=frames, at=AT)

    with pytest.raises(ChallengeUsed):
        answer_challenge(check, frames=frames_for(check), at=AT)

    check.refresh_from_db()
    assert check.state == "failed"


def test_frames_of_one_challenge_do_not_answer_another():
    lease = at_door()
    check = challenge(lease)
    kept = frames_for(check)
    other = check
    while other.steps == check.steps:
        other = challenge(lease)

    assert answer_challenge(other, frames=kept, at=AT).reasons == ["movement"]


def test_answer_after_another_computer_took_over_is_refused():
    lease = at_door()
    check = challenge(lease)
    DeviceLease.objects.filter(pk=lease.pk).update(state="superseded")

    with pytest.raises(LeaseLost):
        answered(check)

    check.refresh_from_db()
    assert check.state == "open"


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 7])
def test_wrong_number_of_frames_uses_nothing_up(count):
    check = challenge(at_door())

    with pytest.raises(BadInput):
        answer_challenge(check, frames=[marked(ME)] * count, at=AT)

    check.refresh_from_db()
    assert check.state == "open"


def test_six_frames_show_every_step_twice():
    check = challenge(at_door())
    frames = [frame for frame in frames_for(check) for _ in range(2)]

    check = answer_challenge(check, frames=frames, at=AT)

    assert (check.state, len(check.distances["roster"])) == ("passed", 6)


def test_file_that_is_no_picture_or_too_large_uses_nothing_up(settings):
    check = challenge(at_door())
    good = frames_for(check)

    with pytest.raises(BadPhoto):
        answer_challenge(check, frames=[*good[:2], b"<html>"], at=AT)
    with pytest.raises(PhotoTooLarge):
        answer_challenge(check, frames=[*good[:2], b"x" * (2**20 + 1)], at=AT)

    assert answer_challenge(check, frames=good, at=AT).state == "passed"


def test_answer_while_others_are_compared_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr("candidates.backends.faces.PATIENCE_SECONDS", 0.01)
    check = challenge(at_door())

    with turn(), pytest.raises(FaceBusy):
        answered(check)

    assert answered(check).state == "passed"


def test_review_that_cannot_be_queued_leaves_no_photo(tmp_path, monkeypatch):
    lease = at_door()
    check = challenge(lease)

    def fail(*args, **kwargs):
        raise WindowClosed

    monkeypatch.setattr(checkin, "put_in_queue", fail)
    with pytest.raises(WindowClosed):
        answered(check, who=NEARLY_ME)

    assert len(stored_files(tmp_path)) == 1


def test_forget_faces_deletes_the_embedding_and_keeps_the_decision():
    check = answered(challenge(at_door()))
    by = Actor("system", "test")

    assert forget_faces(check.attempt, by=by, at=AT) == 1
    assert forget_faces(check.attempt, by=by, at=AT) == 0

    check = FaceCheck.objects.get(pk=check.pk)
    assert (check.embedding, check.state) == ("", "passed")
    assert check.distances["roster"]
    entries = AuditEntry.objects.filter(action="face.forgotten").order_by("seq")
    assert [entry.facts for entry in entries] == [{"deleted": 1}, {"deleted": 0}]


def test_withdraw_consent_is_for_who_holds_the_attempt():
    check = answered(challenge(at_door()))
    other = claim(check.attempt).lease

    with pytest.raises(LeaseWaiting):
        withdraw_consent(other, at=AT)
    assert FaceCheck.objects.get(pk=check.pk).embedding

    withdraw_consent(check.lease, at=AT)
    assert FaceCheck.objects.get(pk=check.pk).embedding == ""
    entry = AuditEntry.objects.get(action="face.forgotten")
    assert entry.actor_kind == "candidate"
