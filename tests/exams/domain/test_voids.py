"""A cancelled score: gone from every total at once, back as it was by two people."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from exams.domain import results, voids
from exams.domain.approvals import (
    LIFETIME,
    ApprovalExpired,
    NotApproved,
    PayloadChanged,
)
from exams.domain.audit import Actor, verify_chain
from exams.domain.voids import AlreadyVoid, NotVoid
from exams.models import Attempt, AuditEntry, Event, Mark, Result, Session, Void
from exams.queries.results import (
    Balance,
    Rank,
    rank_of,
    ranks_of,
    released_result,
    session_lines,
    unready_attempts,
)
from exams.queries.voids import void_attempts, void_of
from tests.builders.approvals import GROUNDS, JUDGED, agree, ask, make_officials, turn
from tests.builders.events import misshapen_events
from tests.builders.exams import make_attempt, make_room
from tests.builders.scoring import (
    SCORED,
    make_panel,
    make_scoring_session,
    make_sealed_attempt,
    make_sheet,
)

pytestmark = pytest.mark.django_db
BY = Actor.job("test")
MARKS = ("45", "40", "40", "30")


@pytest.fixture
def session():
    return make_scoring_session()


@pytest.fixture
def people(session):
    return make_officials(session)


@pytest.fixture
def attempts(session):
    """Four with a released result: 90, 80, 80 and 60."""
    (examiner,) = make_panel(session, 1)
    found = []
    for mark in MARKS:
        found.append(make_sealed_attempt(session, state="marked"))
        make_sheet(found[-1], examiner, mark, mark)
    results.release_results(session, by=BY, at=SCORED)
    for attempt in found:
        attempt.refresh_from_db()
    session.refresh_from_db()
    return found


def seen(attempts):
    """What everybody reads: results, ranks and the list of the officials."""
    return (
        [released_result(attempt) for attempt in attempts],
        ranks_of(attempts[0].session),
        session_lines(attempts[0].session),
    )


def places(attempts):
    ranks = ranks_of(attempts[0].session)
    return [
        (ranks[row.pk].place, ranks[row.pk].of) if row.pk in ranks else None
        for row in attempts
    ]


def kept(attempts):
    """What a void must not touch, as stored."""
    return (
        list(Mark.objects.order_by("pk").values()),
        list(Result.objects.order_by("pk").values()),
        list(Attempt.objects.order_by("pk").values()),
    )


def test_void_takes_result_and_rank_away_and_moves_the_others_up(attempts, people):
    before = places(attempts)

    turn(attempts[0], people)

    assert before == [(1, 4), (2, 4), (2, 4), (4, 4)]
    assert places(attempts) == [None, (1, 3), (1, 3), (3, 3)]
    assert released_result(attempts[0]) is None
    assert released_result(attempts[1]).rank == Rank(1, 3)
    assert void_of(attempts[0]).ref == "case-1"


def test_void_leaves_every_mark_and_shows_it_to_officials(attempts, people):
    before = kept(attempts)

    turn(attempts[0], people)

    line = session_lines(attempts[0].session)[0]
    assert kept(attempts) == before
    assert (line.value, line.total, line.rank, line.is_void) == (
        "90.00",
        "",
        None,
        True,
    )


def test_balanced_rooms_follow_each_turn_and_come_back_digit_by_digit():
    session = make_scoring_session(group_correction="mean_ratio")
    people, (examiner,) = make_officials(session), make_panel(session, 1)
    rooms = [make_room(session), make_room(session)]
    found = []
    for mark, room in zip(MARKS, [*rooms, *rooms], strict=True):
        found.append(make_sealed_attempt(session, state="marked", room=room))
        make_sheet(found[-1], examiner, mark, mark)
    results.release_results(session, by=BY, at=SCORED)
    session.refresh_from_db()
    found = list(session.attempts.order_by("pk"))
    before, rows = seen(found), kept(found)

    turn(found[0], people)
    after = released_result(found[2])
    turn(found[0], people[::-1], "restore")

    # Means: 310 ÷ 4; the rooms 170 ÷ 2 and 140 ÷ 2.
    assert [(one.raw, one.value) for one in before[0]] == [
        ("90.00", "82.06"),
        ("80.00", "88.57"),
        ("80.00", "72.94"),
        ("60.00", "66.43"),
    ]
    assert before[0][0].balance == Balance(
        "0.911765", "90.00 × (310.00 ÷ 4) ÷ (170.00 ÷ 2)"
    )
    assert places(found) == [(2, 4), (1, 4), (3, 4), (4, 4)]
    assert after.balance.terms == "80.00 × (220.00 ÷ 3) ÷ (80.00 ÷ 1)"
    assert (seen(found), kept(found)) == (before, rows)
    entries = AuditEntry.objects.filter(action="results.balanced").order_by("pk")
    assert [entry.facts["results"] for entry in entries] == [4, 4]
    assert verify_chain(session.code) > 0


def test_restore_brings_everything_back_as_it_was(attempts, people):
    before, rows = seen(attempts), kept(attempts)
    turn(attempts[1], people)
    changed = seen(attempts)

    turn(attempts[1], people[::-1], "restore")

    assert changed != before
    assert (seen(attempts), kept(attempts)) == (before, rows)
    assert [row.kind for row in Void.objects.order_by("turn")] == ["void", "restore"]


def test_rank_of_one_agrees_with_the_ranks_of_all(attempts, people):
    Attempt.objects.filter(pk=attempts[3].pk).update(ranking_group="another post")
    turn(attempts[1], people)

    results_by_attempt = Result.objects.select_related("attempt__session")
    single = {row.attempt_id: rank_of(row) for row in results_by_attempt}

    assert ranks_of(attempts[0].session) == {
        key: rank for key, rank in single.items() if key != attempts[1].pk
    }
    assert single[attempts[3].pk] == Rank(1, 1)


def test_void_and_restore_are_audited_and_told(attempts, people):
    turn(attempts[0], people)
    turn(attempts[0], people, "restore")

    acts = AuditEntry.objects.filter(
        action__in=["attempt.voided", "attempt.restored"]
    ).order_by("pk")
    told = Event.objects.filter(topic__name=f"attempt:{attempts[0].code}")
    assert [row.actor_ref for row in acts.order_by("seq")] == [str(people[1].pk)] * 2
    assert list(told.order_by("seq").values_list("type", flat=True))[-2:] == [
        "result.voided",
        "result.restored",
    ]
    assert misshapen_events() == []
    assert verify_chain(attempts[0].session.code) > 0


def test_void_of_one_person_is_refused(attempts, people):
    approval = ask(attempts[0], people[0])

    with pytest.raises(NotApproved):
        voids.void_attempt(
            attempts[0], approval=approval, ref="case-1", grounds=GROUNDS, at=JUDGED
        )

    assert not Void.objects.exists()


@pytest.mark.parametrize(
    "changed", [{"ref": "case-2"}, {"grounds": "b" * 64}], ids=["ref", "grounds"]
)
def test_void_on_other_grounds_than_approved_is_refused(attempts, people, changed):
    approval = agree(ask(attempts[0], people[0]), attempts[0], people[1])
    act = {"ref": "case-1", "grounds": GROUNDS, **changed}

    with pytest.raises(PayloadChanged):
        voids.void_attempt(attempts[0], approval=approval, at=JUDGED, **act)


def test_approval_of_one_attempt_serves_no_other(attempts, people):
    approval = agree(ask(attempts[0], people[0]), attempts[0], people[1])

    with pytest.raises(PayloadChanged):
        voids.void_attempt(
            attempts[1], approval=approval, ref="case-1", grounds=GROUNDS, at=JUDGED
        )


def test_approval_to_cancel_does_not_bring_back(attempts, people):
    turn(attempts[0], people)
    approval = Void.objects.get().approval

    with pytest.raises(NotApproved):
        voids.restore_attempt(
            attempts[0], approval=approval, ref="case-1", grounds=GROUNDS, at=JUDGED
        )


def test_approval_that_expired_executes_nothing(attempts, people):
    approval = agree(ask(attempts[0], people[0]), attempts[0], people[1])

    with pytest.raises(ApprovalExpired):
        voids.void_attempt(
            attempts[0],
            approval=approval,
            ref="case-1",
            grounds=GROUNDS,
            at=JUDGED + LIFETIME,
        )


def test_approval_serves_once_even_after_a_restore(attempts, people):
    turn(attempts[0], people)
    approval = Void.objects.get().approval
    turn(attempts[0], people, "restore")

    with pytest.raises(PayloadChanged):
        voids.void_attempt(
            attempts[0], approval=approval, ref="case-1", grounds=GROUNDS, at=JUDGED
        )


def test_void_twice_and_restore_of_nothing_are_refused(attempts, people):
    with pytest.raises(NotVoid):
        turn(attempts[0], people, "restore")
    turn(attempts[0], people)

    with pytest.raises(AlreadyVoid):
        turn(attempts[0], people)


def test_database_refuses_to_change_or_delete_a_void_and_a_second_first_turn(
    attempts, people
):
    row = turn(attempts[0], people)
    spare = agree(ask(attempts[1], people[0]), attempts[1], people[1])

    with pytest.raises(DatabaseError), transaction.atomic():
        Void.objects.update(kind="restore")
    with pytest.raises(DatabaseError), transaction.atomic():
        Void.objects.all()._raw_delete("default")
    for columns in ({"kind": "void"}, {"kind": "restore"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Void.objects.create(
                attempt=row.attempt, turn=1, approval=spare, at=JUDGED, **columns
            )


def test_release_counts_a_void_attempt_as_decided(session, people):
    unmarked = make_sealed_attempt(session)
    lost = make_attempt(session, state="submitted")
    turn(unmarked, people)
    turn(lost, people)

    assert unready_attempts(session) == []
    assert results.release_results(session, by=BY, at=JUDGED) == 0
    assert Session.objects.get(pk=session.pk).state == "released"


def test_release_computes_a_void_attempt_and_shows_it_after_the_restore(
    session, people
):
    (examiner,) = make_panel(session, 1)
    attempt = make_sealed_attempt(session, state="marked")
    make_sheet(attempt, examiner, "40", "40")
    turn(attempt, people)

    count = results.release_results(session, by=BY, at=JUDGED)
    hidden = released_result(attempt)
    turn(attempt, people, "restore")

    assert (count, hidden) == (0, None)
    assert released_result(attempt).value == "80.00"
    assert list(void_attempts()) == []
