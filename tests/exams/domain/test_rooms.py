"""Rooms: splits that are recorded and can be dealt again, moves with their history."""

from collections import Counter

import pytest
from django.db import DatabaseError, transaction

from exams.domain.approvals import ApprovalExpired, PayloadChanged, SamePerson
from exams.domain.attempts import ReasonMissing
from exams.domain.mock_windows import NotForMocks
from exams.domain.projects import Frozen
from exams.domain.rooms import (
    MoveWaiting,
    NobodyToSplit,
    NoRooms,
    RoomFull,
    RoomSettled,
    RoomsTooSmall,
    SameRoom,
    approve_move,
    ask_to_move,
    dealt_again,
    move_attempt,
    split_candidates,
    split_proctors,
)
from exams.enums import Role
from exams.kernel.errors import Conflict, NotAllowed, NotFound
from exams.models import Assignment, Attempt, AuditEntry, RoomMove, RoomSplit
from exams.queries.rooms import preview_candidates, preview_proctors
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_assignment,
    make_attempt,
    make_attempts,
    make_room,
    make_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
AT = before_start(86_400)


@pytest.fixture
def session():
    return make_session()


@pytest.fixture
def by():
    return make_administrator()


def frozen(session):
    session.frozen_at = AT
    session.save()
    return session


def placed(session):
    return {
        attempt.code: str(attempt.room_id)
        for attempt in session.attempts.filter(room__isnull=False)
    }


def test_candidates_are_split_evenly_and_can_be_dealt_again(session, by):
    rooms = [make_room(session, name=f"R{one}") for one in range(3)]
    make_attempts(session, 10)
    shown = [line.after for line in preview_candidates(session, everybody=True).lines]

    split = split_candidates(session, reason="first", by=by, at=AT)

    counts = Counter(placed(session).values())
    assert [counts[str(room.pk)] for room in rooms] == shown == [4, 3, 3]
    assert {code: [key] for code, key in placed(session).items()} == dealt_again(split)
    assert split.after == dict(counts)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.chain) == ("room.split", session.code)
    assert entry.facts["seed"] == split.seed
    assert entry.facts["people"] == 10


def test_same_seed_and_list_give_the_same_split(session, by):
    for one in range(2):
        make_room(session, name=f"R{one}")
    make_attempts(session, 20)
    split_candidates(session, reason="a", by=by, at=AT, seed="5eed")
    first = placed(session)
    split_candidates(session, reason="b", by=by, at=AT)
    other = placed(session)

    split_candidates(session, reason="c", by=by, at=AT, seed="5eed")

    assert placed(session) == first != other
    assert RoomSplit.objects.count() == 3


def test_only_those_without_a_room_are_placed_where_there_is_space(session, by):
    full, free = make_room(session, name="A", capacity=2), make_room(session, name="B")
    seated = make_attempts(session, 2, room=full)
    make_attempts(session, 3)

    split_candidates(session, reason="late", by=by, at=AT, everybody=False)

    assert Counter(placed(session).values()) == {str(full.pk): 2, str(free.pk): 3}
    assert {placed(session)[one.code] for one in seated} == {str(full.pk)}


def test_split_that_cannot_be_is_refused_and_changes_nothing(session, by):
    def refused(error, **more):
        with pytest.raises(error):
            split_candidates(session, **{"reason": "why", "by": by, "at": AT, **more})

    refused(NoRooms)
    room = make_room(session, capacity=1)
    refused(NobodyToSplit)
    make_attempts(session, 2)
    refused(RoomsTooSmall)
    room.capacity = 5
    room.save()
    refused(ReasonMissing, reason=" ")
    frozen(session)
    refused(Frozen)
    with pytest.raises(NotForMocks):
        split_candidates(make_session(kind="mock"), reason="x", by=by, at=AT)

    assert placed(session) == {}
    assert RoomSplit.objects.count() == AuditEntry.objects.count() == 0


def test_withdrawn_candidates_take_no_place(session, by):
    make_room(session, capacity=2)
    gone = make_attempt(session, state="withdrawn")
    make_attempts(session, 2)

    split_candidates(session, reason="x", by=by, at=AT)

    assert len(placed(session)) == 2
    assert gone.code not in placed(session)


@pytest.mark.parametrize(("people", "rooms"), [(2, 3), (5, 2), (3, 3)])
def test_proctors_are_split_evenly_and_every_room_has_one(session, by, people, rooms):
    made = [make_room(session, name=f"R{one}") for one in range(rooms)]
    staff = [make_staff() for _ in range(people)]
    make_assignment(staff[0], role=Role.PROCTOR, room=made[0])
    for one in staff[1:]:
        make_assignment(one, role=Role.PROCTOR, session=session)
    whole = make_assignment(role=Role.PROCTOR, project=session.project)
    shown = [line.after for line in preview_proctors(session).lines]

    split = split_proctors(session, reason="even", by=by, at=AT)

    held = Assignment.objects.filter(room__session=session)
    per_room = Counter(held.values_list("room", flat=True))
    assert [per_room[room.pk] for room in made] == shown
    assert set(held.values_list("staff", flat=True)) == {one.pk for one in staff}
    assert not Assignment.objects.filter(session=session).exists()
    assert Assignment.objects.filter(pk=whole.pk).exists()
    again = {(one, key) for one, keys in dealt_again(split).items() for key in keys}
    assert again == {(str(row.staff_id), str(row.room_id)) for row in held}


def test_move_keeps_its_history_and_its_reason(session, by):
    one, two = make_room(session), make_room(session)
    attempt = make_attempt(session, room=one)

    move_attempt(attempt, to=two, reason=" wheelchair ", by=by, at=AT)
    move_attempt(attempt, to=one, reason="back", by=by, at=AT)

    moves = RoomMove.objects.order_by("pk")
    assert [(row.from_room, row.to_room, row.reason) for row in moves] == [
        (one, two, "wheelchair"),
        (two, one, "back"),
    ]
    assert Attempt.objects.get().room == one
    entries = AuditEntry.objects.filter(action="room.moved").order_by("pk")
    assert [entry.facts["reason"] for entry in entries] == ["wheelchair", "back"]


def test_move_that_cannot_be_is_refused_and_changes_nothing(session, by):
    here, full = make_room(session), make_room(session, capacity=1)
    make_attempt(session, room=full)
    attempt = make_attempt(session, room=here)
    late = make_attempt(session, room=here, state="submitted")

    for error, row, to, reason in (
        (RoomFull, attempt, full, "x"),
        (SameRoom, attempt, here, "x"),
        (NotFound, attempt, make_room(), "x"),
        (ReasonMissing, attempt, full, " "),
        (RoomSettled, late, full, "x"),
    ):
        with pytest.raises(error):
            move_attempt(row, to=to, reason=reason, by=by, at=AT)
    frozen(session)
    with pytest.raises(Frozen):
        move_attempt(attempt, to=make_room(session), reason="x", by=by, at=AT)

    assert RoomMove.objects.count() == 0
    assert Attempt.objects.get(pk=attempt.pk).room == here


def test_move_after_the_freeze_needs_a_second_administrator(session, by):
    one, two = make_room(session), make_room(session)
    attempt = make_attempt(frozen(session), room=one)
    move = ask_to_move(attempt, to=two, reason="broken camera", by=by, at=AT)

    with pytest.raises(SamePerson):
        approve_move(move, by=by, at=AT)
    with pytest.raises(NotAllowed):
        approve_move(move, by=make_staff(), at=AT)
    with pytest.raises(MoveWaiting):
        ask_to_move(attempt, to=two, reason="again", by=by, at=AT)
    assert Attempt.objects.get().room == one

    approve_move(move, by=make_administrator(), at=AT)

    assert Attempt.objects.get().room == two
    assert RoomMove.objects.get().moved_at == AT
    entries = AuditEntry.objects.order_by("pk")
    assert list(entries.values_list("action", flat=True)) == [
        "approval.requested",
        "room.move_asked",
        "approval.approved",
        "room.moved",
    ]
    with pytest.raises(Conflict):
        approve_move(move, by=make_administrator(), at=AT)


def test_approval_moves_nobody_who_sits_elsewhere_by_now_or_too_late(session, by):
    one, two = make_room(session), make_room(session)
    attempt = make_attempt(frozen(session), room=one)
    move = ask_to_move(attempt, to=two, reason="x", by=by, at=AT)
    second = make_administrator()

    with pytest.raises(ApprovalExpired):
        approve_move(move, by=second, at=before_start(86_400 - 4 * 86_400))
    Attempt.objects.update(room=None)
    with pytest.raises(PayloadChanged):
        approve_move(move, by=second, at=AT)

    assert Attempt.objects.get().room is None


def test_splits_and_moves_are_not_rewritten(session, by):
    room = make_room(session)
    attempt = make_attempt(session)
    split_candidates(session, reason="x", by=by, at=AT)
    move_attempt(attempt, to=make_room(session), reason="y", by=by, at=AT)

    for change in (
        lambda: RoomSplit.objects.update(seed="0"),
        lambda: RoomMove.objects.update(to_room=room),
        lambda: RoomMove.objects.update(moved_at=before_start(1)),
        lambda: RoomMove.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
