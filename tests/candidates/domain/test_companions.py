"""The phone's code, comparison, takeover and end (R42, R44–R47, R73)."""

from datetime import timedelta

import pytest

from candidates.domain import companions
from candidates.domain.budgets import TooManyTries
from candidates.domain.companions import (
    SOURCE_TRIES,
    VALID,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    PanMissing,
    PhoneClosed,
    PhoneNotFilming,
)
from candidates.domain.pairing import digits_of, qr_svg, token_of
from candidates.domain.passage import finish_stage
from candidates.domain.recordings import create_recordings
from candidates.models import Companion, Observation, StagePassage
from candidates.queries import rights
from candidates.queries.companions import companion_state
from exams.domain.audit import Actor, verify_chain
from exams.kernel.errors import Conflict, IllegalMove
from exams.models import Attempt, AuditEntry
from tests.builders.events import misshapen_events
from tests.builders.exams import after_start, make_attempt
from tests.builders.passages import make_person, make_verified
from tests.builders.phones import (
    AT,
    PHONE,
    bind_phone,
    enter,
    film,
    make_pairing_lease,
    make_pan,
    make_phone_session,
    open_phone,
)

pytestmark = pytest.mark.django_db
STAFF = Actor("staff", "1")
MILLISECOND = timedelta(milliseconds=1)


def states():
    return list(Companion.objects.order_by("pk").values_list("state", flat=True))


def test_recording_of_the_phone_exists_where_the_session_asks_for_it():
    with_phone = make_attempt(make_phone_session())
    without = make_attempt()

    asked = create_recordings(with_phone, at=AT)
    plain = create_recordings(without, at=AT)

    assert [one.stream for one in asked] == ["camera", "companion", "screen"]
    assert [one.stream for one in plain] == ["camera", "screen"]


def test_code_is_good_until_two_minutes_have_passed():
    lease = make_pairing_lease()
    token = token_of(companions.offer_code(lease, at=AT).code)

    with pytest.raises(CodeExpired):
        companions.open_by_token(token, browser=PHONE, at=AT + VALID)
    opened = companions.open_by_token(token, browser=PHONE, at=AT + VALID - MILLISECOND)

    assert opened.companion.state == "opened"
    assert len(opened.companion.cross_check) == 4


def test_code_opens_one_phone_and_tells_the_second_that_it_is_used():
    lease = make_pairing_lease()
    token = token_of(companions.offer_code(lease, at=AT).code)
    companions.open_by_token(token, browser=PHONE, at=AT)

    with pytest.raises(CodeUsed):
        companions.open_by_token(token, browser=PHONE, at=AT)


def test_new_code_voids_the_one_before():
    lease = make_pairing_lease()
    old = companions.offer_code(lease, at=AT)
    companions.offer_code(lease, at=AT)

    with pytest.raises(CodeUsed):
        companions.open_by_token(token_of(old.code), browser=PHONE, at=AT)
    assert states() == ["superseded", "offered"]


def test_six_digits_open_the_same_pairing():
    lease = make_pairing_lease()
    offered = companions.offer_code(lease, at=AT)
    digits = digits_of(offered.code)

    opened = companions.open_by_digits(
        f"{digits[:3]} {digits[3:]}", browser=PHONE, at=AT
    )

    assert opened.companion.pk == offered.pk


def test_guessing_digits_is_counted_by_source_and_a_right_try_is_given_back():
    lease = make_pairing_lease()
    digits = digits_of(companions.offer_code(lease, at=AT).code)
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    for _ in range(SOURCE_TRIES):
        with pytest.raises(CodeUnknown):
            companions.open_by_digits(wrong, browser=PHONE, at=AT)

    with pytest.raises(TooManyTries):
        companions.open_by_digits(digits, browser=PHONE, at=AT)
    later = AT + timedelta(seconds=900)
    digits = digits_of(companions.offer_code(lease, at=later).code)
    companions.open_by_digits(digits, browser=PHONE, at=later)

    assert states()[-1] == "opened"


def test_phone_is_bound_only_by_the_computer_that_saw_the_digits():
    lease = make_pairing_lease()
    other = make_pairing_lease(lease.attempt.session, ticket="2", suffix="222222")
    opened = open_phone(lease)

    with pytest.raises(Conflict):
        companions.confirm_match(other, code=opened.companion.code, at=AT)
    bound = companions.confirm_match(lease, code=opened.companion.code, at=AT)

    assert (bound.state, bound.epoch) == ("bound", 1)


def test_comparison_out_of_time_binds_nothing():
    lease = make_pairing_lease()
    opened = open_phone(lease)

    with pytest.raises(CodeExpired):
        companions.confirm_match(lease, code=opened.companion.code, at=AT + VALID)
    assert companions.expire_codes(at=AT + VALID) == 1
    assert states() == ["expired"]


def test_digits_that_differ_close_the_phone_that_opened_the_code():
    lease = make_pairing_lease()
    opened = open_phone(lease)

    companions.refuse_match(lease, code=opened.companion.code, at=AT)

    opened.companion.refresh_from_db()
    assert opened.companion.state == "revoked"
    with pytest.raises(PhoneClosed):
        companions.start_filming(opened.companion, at=AT)


def test_second_phone_takes_over_with_the_next_epoch():
    lease = make_pairing_lease()
    first = film(lease).companion
    second = bind_phone(lease).companion

    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "bound")
    assert (first.epoch, second.epoch) == (1, 2)
    # The room was shown before: the new phone films at once.
    assert companions.start_filming(second, at=AT).state == "filming"
    assert misshapen_events() == []
    assert verify_chain(lease.attempt.session.code) > 0


def test_film_begins_once_the_turn_around_the_room_has_arrived():
    lease = make_pairing_lease()
    companion = bind_phone(lease).companion
    with pytest.raises(PanMissing):
        companions.start_filming(companion, at=AT)

    make_pan(lease.attempt, seconds=10)
    companions.start_filming(companion, at=AT)

    assert states() == ["filming"]


def test_turn_of_nine_seconds_is_too_short():
    lease = make_pairing_lease()
    companion = bind_phone(lease).companion
    make_pan(lease.attempt, seconds=9)

    with pytest.raises(PanMissing):
        companions.start_filming(companion, at=AT)


def test_stage_is_finished_while_the_phone_films_and_after_a_confirmation():
    lease = make_pairing_lease()
    bind_phone(lease)
    with pytest.raises(PhoneNotFilming):
        finish_stage(lease, stage="companion", answers={"confirmed": True}, at=AT)

    film(lease)
    finish_stage(lease, stage="companion", answers={"confirmed": True}, at=AT)

    assert StagePassage.objects.filter(stage="companion").count() == 1


def test_code_is_refused_before_the_stages_in_front_and_after_the_end():
    lease = make_verified(make_person(make_phone_session()))
    with pytest.raises(rights.StageMissing):
        companions.offer_code(lease, at=AT)

    ready = make_pairing_lease(lease.attempt.session, ticket="3", suffix="333333")
    Attempt.objects.filter(pk=ready.attempt_id).update(state="submitted")
    with pytest.raises(rights.ExamOver):
        companions.offer_code(ready, at=AT)


def test_session_without_a_phone_offers_no_code():
    lease = make_verified(make_person())

    with pytest.raises(rights.NoCompanion):
        companions.offer_code(lease, at=AT)
    with pytest.raises(rights.NoCompanion):
        companions.offer_code_for(lease.attempt, by=STAFF, at=AT)
    assert companion_state(lease.attempt, at=AT) is None


def test_phone_stops_by_hand_after_the_exam_and_not_before():
    lease = make_pairing_lease()
    companion = film(lease).companion
    enter(lease.attempt, at=after_start(-300))
    with pytest.raises(rights.NotOver):
        companions.end_filming(companion, at=after_start(60))

    Attempt.objects.filter(pk=lease.attempt_id).update(state="submitted")
    companions.end_filming(companion, at=after_start(120))
    companions.end_filming(companion, at=after_start(121))

    assert states() == ["ended"]
    assert AuditEntry.objects.filter(action="companion.ended").count() == 1


def test_revoked_phone_inside_the_exam_is_observed_at_once():
    lease = make_pairing_lease()
    companion = film(lease).companion
    enter(lease.attempt, at=after_start(-300))

    companions.revoke(companion, by=STAFF, at=after_start(60))

    observation = Observation.objects.get(kind="phone_gone")
    assert (observation.from_at, observation.stream) == (after_start(60), "companion")
    with pytest.raises(IllegalMove):
        companions.revoke(companion, by=STAFF, at=after_start(61))


def test_database_holds_neither_token_nor_digits_nor_the_phones_secret():
    lease = make_pairing_lease()
    opened = open_phone(lease)
    row = Companion.objects.values().get()
    code = row.pop("code")

    told = " ".join(str(value) for value in row.values())

    assert token_of(code) not in told
    assert digits_of(code) not in told
    assert opened.secret not in told


def test_picture_of_the_code_is_one_path_without_scripts():
    svg = qr_svg("https://exam.example/phone/" + "a" * 32 + "/")

    assert svg.count("<path") == 1
    assert "<script" not in svg
    assert len(svg) < 12_000
