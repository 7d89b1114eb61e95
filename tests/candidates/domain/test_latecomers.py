"""Somebody who comes on a frozen roster: two people, the next number, and each no."""

import pytest

from candidates.domain import people
from candidates.domain.latecomers import (
    PersonUnsound,
    agree_latecomer,
    propose_latecomer,
)
from candidates.models import Candidate, Enrolment, Latecomer
from config.pages.demo import id_number
from exams.domain.approvals import SamePerson
from exams.domain.audit import Actor
from exams.domain.draw import close_draw, commit_draw
from exams.domain.drawing import find_faults
from exams.domain.emergencies import AlreadyDone, NotFrozen, NotPossible
from exams.domain.rooms import RoomFull
from exams.models import Attempt, AuditEntry, Exclusion, Session
from exams.queries.draws import transcript
from tests.builders.candidates import make_candidate, make_conflict, make_enrolment
from tests.builders.exams import (
    after_start,
    before_start,
    make_administrator,
    make_attempt,
    make_ready_session,
    make_room,
)

pytestmark = pytest.mark.django_db
BY = Actor("system", "test")
AT = before_start(900)


@pytest.fixture
def pair():
    return make_administrator(), make_administrator()


@pytest.fixture
def frozen():
    """Two people, a committed draw, one room with one free place."""
    session = make_ready_session(frozen_at=before_start(1800))
    room = make_room(session, name="Room 1", capacity=3)
    for _ in range(2):
        make_enrolment(attempt=make_attempt(session, room=room))
    commit_draw(session, by=BY, at=before_start(1800))
    return session


def person(**cells):
    return {
        "ticket_number": "2030099",
        "name": "林晚舟",
        "id_number": id_number(99),
        "phone": "13800000099",
        "room": "Room 1",
        **cells,
    }


def ask(session, by, *, at=AT, **cells):
    return propose_latecomer(
        session, person=person(**cells), reason="Left out by mistake", by=by, at=at
    )


def test_second_person_enrols_with_the_next_number_and_nobody_else_is_touched(
    frozen, pair
):
    first, second = pair

    asked = ask(frozen, first)
    before = Attempt.objects.filter(session=frozen).count()
    agree_latecomer(asked, by=second, at=AT)
    close_draw(frozen, at=before_start(600))

    stored = Latecomer.objects.get()
    enrolment = Enrolment.objects.get(candidate__ticket_number="2030099")
    public = transcript(frozen)
    assert before == 2
    assert stored.attempt == enrolment.attempt
    assert stored.person == ""
    assert enrolment.attempt.room.name == "Room 1"
    assert enrolment.attempt.drawn_number.number == 3
    assert [row["attempt"] for row in public["late"]] == [enrolment.attempt.code]
    assert find_faults(public) == []
    entries = AuditEntry.objects.filter(action="roster.latecomer_enrolled").order_by(
        "pk"
    )
    assert [entry.facts["number"] for entry in entries] == [3]
    assert "林晚舟" not in str(AuditEntry.objects.values_list("facts", "subject"))


def test_person_of_another_session_of_the_project_is_enrolled_here_too(frozen, pair):
    known = {key: text for key, text in person().items() if key != "room"}
    hashed = {"id_hash": people.id_hash(known["id_number"])}
    candidate = make_candidate(frozen.project, **known, **hashed)
    first, second = pair

    with pytest.raises(NotPossible):
        ask(frozen, first, name="林晚洲")
    asked = ask(frozen, first)
    agree_latecomer(asked, by=second, at=AT)

    assert Candidate.objects.get(ticket_number="2030099") == candidate
    assert candidate.enrolments.get().session == frozen


def test_declared_conflict_meets_them_too(frozen, pair):
    conflict = make_conflict(project=frozen.project, kind="name", value="林晚舟")

    agree_latecomer(ask(frozen, pair[0]), by=pair[1], at=AT)

    assert Exclusion.objects.get().staff == conflict.staff


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({"id_number": "11010119900307123X"}, ["id_number"]),
        ({"name": "=SUM(A1)", "phone": "12"}, ["name", "phone"]),
        ({"ticket_number": ""}, ["ticket_number"]),
    ],
)
def test_bad_cells_are_all_named_and_nothing_is_written(frozen, pair, cells, fields):
    with pytest.raises(PersonUnsound) as refused:
        ask(frozen, pair[0], **cells)

    assert sorted(one.field for one in refused.value.problems) == fields
    assert Latecomer.objects.count() == 0


def test_room_that_filled_up_meanwhile_refuses_and_leaves_the_asking(frozen, pair):
    asked = ask(frozen, pair[0])
    make_enrolment(attempt=make_attempt(frozen, room=frozen.rooms.get()))

    with pytest.raises(RoomFull):
        agree_latecomer(asked, by=pair[1], at=AT)

    stored = Latecomer.objects.get()
    assert (stored.done_at, stored.attempt, bool(stored.person)) == (None, None, True)
    assert not Candidate.objects.filter(ticket_number="2030099").exists()


@pytest.mark.parametrize("room", ["", "Room 9"])
def test_room_has_to_be_one_of_the_session(frozen, pair, room):
    with pytest.raises(NotPossible):
        ask(frozen, pair[0], room=room)


def test_who_asked_does_not_agree_and_nobody_agrees_twice(frozen, pair):
    asked = ask(frozen, pair[0])

    with pytest.raises(SamePerson):
        agree_latecomer(asked, by=pair[0], at=AT)
    agree_latecomer(asked, by=pair[1], at=AT)
    with pytest.raises(AlreadyDone):
        agree_latecomer(asked, by=pair[1], at=AT)

    assert Attempt.objects.filter(session=frozen).count() == 3


def test_somebody_on_the_roster_is_not_added_again(frozen, pair):
    agree_latecomer(ask(frozen, pair[0]), by=pair[1], at=AT)

    with pytest.raises(NotPossible):
        ask(frozen, pair[0])


def test_nobody_is_added_before_the_freeze_or_after_entry_has_closed(frozen, pair):
    with pytest.raises(NotPossible):
        ask(frozen, pair[0], at=after_start(0))
    Session.objects.filter(pk=frozen.pk).update(frozen_at=None)
    with pytest.raises(NotFrozen):
        ask(frozen, pair[0])
