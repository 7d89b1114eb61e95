"""Drawing, closing and adding latecomers, and every refusal."""

import hashlib

import pytest
from django.db import DatabaseError, transaction

from exams.domain import draw, drawing
from exams.domain.audit import Actor, verify_chain
from exams.domain.freezing import freeze
from exams.kernel import seals
from exams.kernel.errors import BadInput, WindowClosed
from exams.models import Attempt, AuditEntry, Draw, DrawnNumber, Event, Session
from exams.queries.draws import (
    attempts_without_number,
    number_of,
    practice_number,
    transcript,
)
from tests.builders.events import misshapen_events
from tests.builders.exams import (
    after_start,
    before_start,
    make_attempt,
    make_attempts,
    make_ready_session,
)

pytestmark = pytest.mark.django_db

OFFICER = Actor("staff", "1")
FROZEN = before_start(3600)
OPEN = before_start(1200)
CLOSED = before_start(600)


def nonce_of(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def make_frozen_session(attempts=5, **columns):
    session = make_ready_session(**columns)
    make_attempts(session, attempts, state="checked_in")
    return freeze(session, by=OFFICER, at=FROZEN)


def press(attempt, *, at=OPEN, nonce=None):
    return draw.draw_number(
        attempt,
        nonce=nonce or nonce_of(attempt.code),
        by=Actor.of_candidate(attempt),
        at=at,
    )


def attempts_of(session):
    return list(session.attempts.order_by("code"))


def test_commitment_is_published_before_the_first_number():
    session = make_frozen_session(attempts=3)
    committed = Draw.objects.get(session=session)

    published = transcript(session)
    seal = seals.open_seal(published.pop("seal"))

    assert published == {
        "protocol": "kaowu/draw/1",
        "session": session.code,
        "roster": sorted(attempt.code for attempt in attempts_of(session)),
        "roster_hash": committed.roster_hash,
        "commitment": committed.commitment,
        "committed_ms": round(FROZEN.timestamp() * 1000),
        "closed_ms": None,
        "seed": None,
        "numbers": [],
        "late": [],
    }
    assert seal["kind"] == "kaowu/draw-transcript/1"
    assert committed.commitment == drawing.commitment(
        bytes.fromhex(committed.seed), committed.roster_hash
    )


def test_seed_is_not_readable_in_the_database():
    session = make_frozen_session()
    seed = session.draw.seed

    raw = Draw.objects.extra(select={"raw": "seed"}).values_list("raw", flat=True)[0]

    assert bytes.fromhex(seed) not in bytes(raw)
    assert seed.encode() not in bytes(raw)


def test_press_gives_a_signed_number_an_event_and_an_entry():
    session = make_frozen_session(attempts=5)
    attempt = attempts_of(session)[2]

    row = press(attempt)

    event = Event.objects.get(topic__name=f"attempt:{attempt.code}")
    entry = AuditEntry.objects.get(chain=session.code, action="draw.number_drawn")
    assert 1 <= row.number <= 5
    assert seals.open_seal(row.receipt) == {
        "kind": "kaowu/draw/1",
        "session": session.code,
        "commitment": session.draw.commitment,
        "attempt": attempt.code,
        "position": 1,
        "number": row.number,
        "nonce": nonce_of(attempt.code),
        "origin": "candidate",
        "drawn_ms": round(OPEN.timestamp() * 1000),
    }
    assert (event.type, event.payload) == ("draw.number_drawn", {"number": row.number})
    assert entry.actor_kind == "candidate"
    assert entry.facts["number"] == row.number
    assert verify_chain(session.code) == 3


def test_press_again_with_another_nonce_returns_the_same_receipt():
    session = make_frozen_session()
    attempt = attempts_of(session)[0]
    first = press(attempt)

    again = press(attempt, nonce="f" * 32)
    long_after = press(attempt, nonce="e" * 32, at=after_start(5000))

    assert again.receipt == first.receipt == long_after.receipt
    assert DrawnNumber.objects.count() == 1
    assert AuditEntry.objects.filter(action="draw.number_drawn").count() == 1


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (before_start(1800.001), False),
        (before_start(1800), True),
        (before_start(600.001), True),
        (before_start(600), False),
        (after_start(1), False),
    ],
)
def test_press_at_the_edges_of_the_window(at, is_open):
    attempt = attempts_of(make_frozen_session())[0]

    if is_open:
        assert press(attempt, at=at).drawn_at == at
        return
    with pytest.raises(WindowClosed) as refusal:
        press(attempt, at=at)
    assert refusal.value.facts == {"opens": before_start(1800), "closes": CLOSED}
    assert not DrawnNumber.objects.exists()


@pytest.mark.parametrize("nonce", ["", "0" * 31, "0" * 64, "A" * 32, "z" * 32])
def test_press_with_a_bad_nonce_is_refused(nonce):
    attempt = attempts_of(make_frozen_session())[0]

    with pytest.raises(BadInput):
        draw.draw_number(attempt, nonce=nonce, by=OFFICER, at=OPEN)

    assert not DrawnNumber.objects.exists()


def test_press_before_the_freeze_is_refused():
    attempt = make_attempt(make_ready_session(), state="checked_in")

    with pytest.raises(draw.DrawNotCommitted):
        press(attempt)


@pytest.mark.parametrize("state", ["enrolled", "absent", "withdrawn", "submitted"])
def test_press_from_another_state_is_refused(state):
    session = make_frozen_session()
    attempt = attempts_of(session)[0]
    Attempt.objects.filter(pk=attempt.pk).update(state=state)

    with pytest.raises(draw.NotInDraw):
        press(attempt)


def test_press_of_a_latecomer_nobody_added_is_refused():
    session = make_frozen_session()
    late = make_attempt(session, state="checked_in")

    with pytest.raises(draw.NotInDraw):
        press(late)


def test_close_deals_the_rest_in_roster_order_and_reveals_the_seed():
    session = make_frozen_session(attempts=9)
    everybody = attempts_of(session)
    for attempt in (everybody[6], everybody[1], everybody[4]):
        press(attempt)

    rest = draw.close_draw(session, at=CLOSED)

    rows = list(DrawnNumber.objects.order_by("position").select_related("attempt"))
    published = transcript(session)
    assert rest == 6
    assert sorted(row.number for row in rows) == list(range(1, 10))
    assert [row.attempt.code for row in rows[3:]] == [
        everybody[place].code for place in (0, 2, 3, 5, 7, 8)
    ]
    assert [row.origin for row in rows] == ["candidate"] * 3 + ["auto"] * 6
    assert published["seed"] == session.draw.seed
    assert published["closed_ms"] == round(CLOSED.timestamp() * 1000)
    assert drawing.find_faults(published) == []
    assert all(seals.open_seal(row.receipt)["number"] == row.number for row in rows)
    assert misshapen_events() == []


def test_close_without_auto_assign_leaves_the_rest_to_the_helpdesk():
    session = make_frozen_session(attempts=4, auto_assign=False)
    first, forgotten, asking, gone = attempts_of(session)
    press(first)
    with pytest.raises(draw.NotMissed):
        draw.deal_missed(asking, by=OFFICER, at=OPEN)

    dealt = draw.sweep_draws(at=CLOSED)
    Attempt.objects.filter(pk=gone.pk).update(state="absent")
    helped = draw.deal_missed(asking, by=OFFICER, at=after_start(0))
    again = draw.deal_missed(asking, by=OFFICER, at=after_start(1))
    with pytest.raises(draw.NotMissed):
        draw.deal_missed(gone, by=OFFICER, at=after_start(1))

    published = transcript(session)
    assert (dealt, again.pk) == (1, helped.pk)
    assert (helped.origin, helped.position) == ("helped", 2)
    assert published["undrawn"] == sorted([forgotten.code, gone.code])
    assert list(attempts_without_number(Session.objects.all())) == [forgotten]
    assert drawing.find_faults(published) == []
    assert drawing.find_faults({**published, "undrawn": []}) != []
    assert AuditEntry.objects.filter(facts__origin="helped").count() == 1


def test_close_twice_changes_nothing():
    session = make_frozen_session()
    draw.close_draw(session, at=CLOSED)
    first = transcript(session)

    again = draw.close_draw(session, at=after_start(60))

    assert again == 0
    assert transcript(session) == first
    assert AuditEntry.objects.filter(action="draw.closed").count() == 1


def test_close_while_candidates_may_draw_is_refused():
    session = make_frozen_session()

    with pytest.raises(WindowClosed):
        draw.close_draw(session, at=before_start(601))

    assert not DrawnNumber.objects.exists()


def test_close_before_the_freeze_is_refused():
    with pytest.raises(draw.DrawNotCommitted):
        draw.close_draw(make_ready_session(), at=CLOSED)


def test_close_numbers_a_latecomer_nobody_added():
    session = make_frozen_session(attempts=5)
    late = make_attempt(session)
    withdrawn = make_attempt(session, state="withdrawn")

    draw.close_draw(session, at=CLOSED)

    assert number_of(late) == 6
    assert number_of(withdrawn) is None
    assert drawing.find_faults(transcript(session)) == []


def test_press_after_closing_is_refused_even_in_a_window_moved_since():
    session = make_frozen_session()
    drawn = attempts_of(session)[0]
    draw.close_draw(session, at=CLOSED)
    Session.objects.filter(pk=session.pk).update(draw_close_before=0)
    undrawn = make_attempt(Session.objects.get(pk=session.pk), state="checked_in")

    with pytest.raises(WindowClosed):
        press(undrawn, at=CLOSED)

    assert press(drawn, at=CLOSED).origin == "auto"


def test_close_deals_to_a_withdrawn_attempt_of_the_roster():
    session = make_frozen_session(attempts=3)
    Attempt.objects.filter(pk=attempts_of(session)[1].pk).update(state="withdrawn")

    rest = draw.close_draw(session, at=CLOSED)

    assert rest == 3
    assert drawing.find_faults(transcript(session)) == []


def test_sweep_closes_what_is_due_and_nothing_else():
    due = make_frozen_session()
    not_due = make_frozen_session(draw_close_before=0)

    closed = draw.sweep_draws(at=CLOSED)

    assert closed == 1
    assert Draw.objects.get(session=due).closed_at == CLOSED
    assert Draw.objects.get(session=not_due).closed_at is None
    assert draw.sweep_draws(at=CLOSED) == 0


def test_latecomers_get_the_numbers_behind_the_roster():
    session = make_frozen_session(attempts=4)
    on_roster = attempts_of(session)[0]
    early, later = make_attempt(session), make_attempt(session)

    first = draw.add_late(early, by=OFFICER, at=OPEN)
    press(on_roster)
    second = draw.add_late(later, by=OFFICER, at=OPEN)
    again = draw.add_late(early, by=OFFICER, at=OPEN)
    draw.close_draw(session, at=CLOSED)
    after = draw.add_late(make_attempt(session), by=OFFICER, at=CLOSED)

    published = transcript(session)
    assert (first.number, second.number, again.number, after.number) == (5, 6, 5, 7)
    assert [row["origin"] for row in published["late"]] == ["late"] * 3
    assert drawing.find_faults(published) == []


def test_latecomer_of_the_frozen_roster_is_refused():
    session = make_frozen_session()

    with pytest.raises(draw.NotInDraw):
        draw.add_late(attempts_of(session)[0], by=OFFICER, at=OPEN)


def test_numbers_cannot_be_changed_or_taken_back():
    press(attempts_of(make_frozen_session())[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        DrawnNumber.objects.update(number=99)
    with pytest.raises(DatabaseError), transaction.atomic():
        DrawnNumber.objects.all()._raw_delete("default")

    assert DrawnNumber.objects.get().number != 99


def test_practice_number_belongs_to_no_draw():
    session = make_ready_session(kind="mock")
    attempt = make_attempt(session, state="checked_in")

    with pytest.raises(draw.DrawNotCommitted):
        press(attempt)

    assert number_of(attempt) is None
    assert practice_number(attempt) == practice_number(attempt)
    assert 1 <= practice_number(attempt) <= 999
