"""A paper drawn by lot: repeatable, recorded, and only among papers scored alike."""

from collections import Counter
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from exams.domain import paper_draw
from exams.domain.audit import Actor, verify_chain
from exams.domain.freezing import freeze
from exams.domain.projects import Frozen
from exams.kernel.errors import Refusal
from exams.models import AuditEntry, PaperDraw, Session
from exams.queries.examiner import mark_rows
from tests.builders.exams import (
    before_start,
    make_attempt,
    make_paper,
    make_ready_session,
    make_room,
)
from tests.builders.scoring import make_examiner, make_exhibit, make_sheet

pytestmark = pytest.mark.django_db
BY, AT = Actor("staff", "1"), before_start(86_400)


def make_pool(session, count=3):
    return [make_paper(session.project).pk for _ in range(count)]


def draw(session, pool, *, per_room=False):
    return paper_draw.draw_papers(session, pool=pool, per_room=per_room, by=BY, at=AT)


def test_choice_is_the_same_for_the_same_seed_and_even_over_many():
    seeds = [number.to_bytes(32, "big") for number in range(3000)]

    found = Counter(paper_draw.choose(seed, "s/", 3) for seed in seeds)

    assert paper_draw.choose(seeds[7], "s/", 3) == paper_draw.choose(seeds[7], "s/", 3)
    assert set(found) == {0, 1, 2}
    assert all(900 < count < 1100 for count in found.values())


def test_known_choice():
    assert [
        paper_draw.choose(bytes(32), f"abc/{room}", 5) for room in ("", "1", "2")
    ] == [
        3,
        0,
        0,
    ]


def test_session_gets_one_paper_of_the_pool_and_the_draw_can_be_repeated():
    session = make_ready_session(state="draft")
    pool = make_pool(session)

    (row,) = draw(session, pool)

    entry = AuditEntry.objects.get(chain=session.code)
    assert session.paper_id == row.paper_id
    assert row.pool == sorted(pool)
    assert paper_draw.is_honest(row)
    assert entry.facts == {
        "room": None,
        "seed": row.seed,
        "pool": row.pool,
        "paper": row.paper_id,
    }
    assert verify_chain(session.code) == 1


def test_rooms_draw_for_themselves_and_their_candidates_are_asked_that():
    session = make_ready_session(state="draft")
    rooms = [make_room(session) for _ in range(6)]
    attempts = [make_attempt(session, room=room) for room in rooms]
    loose = make_attempt(session)

    rows = draw(session, make_pool(session), per_room=True)

    for attempt in (*attempts, loose):
        attempt.refresh_from_db()
    assert [row.room for row in rows] == rooms
    assert all(paper_draw.is_honest(row) for row in rows)
    assert [one.paper_id for one in attempts] == [row.paper_id for row in rows]
    assert loose.paper_id == rows[0].paper_id


def test_freeze_seals_every_paper_that_was_drawn():
    session = make_ready_session()
    for _ in range(4):
        make_attempt(session, room=make_room(session))
    rows = draw(session, make_pool(session), per_room=True)

    freeze(session, by=BY, at=AT)

    assert all(
        row.paper.__class__.objects.get(pk=row.paper_id).sealed_at for row in rows
    )


def test_examiner_reads_the_reference_points_of_the_paper_that_was_asked():
    session = make_ready_session()
    own = make_paper(session.project)
    own.criteria.filter(position=1).update(reference="Points of room two")
    attempt = make_attempt(session, room=make_room(session, paper=own), state="sealed")
    make_exhibit(attempt)
    sheet = make_sheet(attempt, make_examiner(session))

    assert mark_rows(sheet)[0].reference == "Points of room two"


def test_draw_is_never_rewritten_and_a_second_one_is_added():
    session = make_ready_session(state="draft")
    pool = make_pool(session)
    draw(session, pool)
    draw(session, pool)

    assert PaperDraw.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperDraw.objects.update(seed="0" * 64)


def test_pool_of_one_or_of_another_project_is_refused():
    session = make_ready_session(state="draft")
    (own,) = make_pool(session, 1)

    for pool in ([own], [own, own], [own, make_paper().pk], [own, 10**9]):
        with pytest.raises(paper_draw.PoolTooSmall):
            draw(session, pool)

    assert not PaperDraw.objects.exists()


def test_papers_that_are_not_scored_alike_are_refused():
    session = make_ready_session(state="draft")
    heavier = make_paper(session.project)
    heavier.criteria.filter(position=2).update(weight=Decimal(2))
    others = {
        "weights": heavier,
        "criteria": make_paper(session.project, criteria=1),
        "questions": make_paper(session.project, questions=0),
    }
    plain = make_paper(session.project).pk

    for other in others.values():
        with pytest.raises(paper_draw.PoolUneven):
            draw(session, [plain, other.pk])


def test_frozen_session_and_one_without_rooms_are_refused():
    frozen = make_ready_session(frozen_at=AT)
    bare = make_ready_session(state="draft")
    before = Session.objects.get(pk=bare.pk).paper_id

    with pytest.raises(Frozen):
        draw(frozen, make_pool(frozen))
    with pytest.raises(Refusal) as refusal:
        draw(bare, make_pool(bare), per_room=True)

    assert refusal.value.code == "rooms_missing"
    assert Session.objects.get(pk=bare.pk).paper_id == before
