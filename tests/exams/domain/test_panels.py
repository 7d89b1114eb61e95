"""Panels: seats by hand, one chief, and who would have to score what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exams.domain.audit import Actor
from exams.domain.panels import ChiefSeated, seat
from exams.domain.staff import RolesExclude
from exams.enums import Role
from exams.kernel.errors import BadInput
from exams.models import Assignment
from exams.queries.examiner import panel_of
from exams.queries.panels import panels_of, unscorable
from exams.queries.results import unready_attempts
from tests.builders.exams import (
    before_start,
    make_assignment,
    make_attempt,
    make_exclusion,
    make_room,
    make_session,
    make_staff,
)
from tests.builders.scoring import make_scoring_session, make_sheet

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
BY = Actor("system", "test")


def take(staff, room, role=Role.EXAMINER):
    return seat(staff, room=room, role=role, by=BY, at=AT)


def test_room_has_one_chief_and_the_refusal_names_them():
    room = make_room(name="第一考场")
    take(make_staff(first_name="周岚"), room, Role.CHIEF_EXAMINER)

    with pytest.raises(ChiefSeated) as refused:
        take(make_staff(), room, Role.CHIEF_EXAMINER)

    assert "周岚" in str(refused.value)
    assert "第一考场" in str(refused.value)
    take(make_staff(), make_room(room.session), Role.CHIEF_EXAMINER)


def test_seat_beside_another_part_in_the_session_is_refused_with_both_named():
    session = make_session(title="上午场")
    staff = make_staff(first_name="周岚")
    make_assignment(staff, role=Role.OFFICIAL, session=session)

    with pytest.raises(RolesExclude) as refused:
        take(staff, make_room(session))

    assert refused.value.facts["staff"] == staff
    assert refused.value.facts["place"] == "上午场"
    assert refused.value.facts["held"] == Role.OFFICIAL.label
    assert refused.value.facts["asked"] == Role.EXAMINER.label
    assert Assignment.objects.count() == 1


def test_other_roles_and_closed_accounts_take_no_seat():
    room = make_room()

    with pytest.raises(BadInput):
        take(make_staff(), room, Role.PROCTOR)
    with pytest.raises(BadInput):
        take(make_staff(is_active=False), room)


def test_panels_of_a_session_agree_with_each_attempts_own():
    session = make_session()
    one, two = make_room(session), make_room(session)
    chief, examiner, wide, gone = (make_staff() for _ in range(4))
    make_assignment(chief, role=Role.CHIEF_EXAMINER, room=one)
    make_assignment(examiner, role=Role.EXAMINER, room=one)
    make_assignment(wide, role=Role.EXAMINER, project=session.project)
    make_assignment(gone, role=Role.EXAMINER, room=two)
    gone.is_active = False
    gone.save()
    rows = [make_attempt(session, room=room) for room in (one, one, two, None)]
    make_exclusion(rows[0], chief)
    make_exclusion(rows[2], wide)

    panels = panels_of(session)

    for row in rows:
        assert panels.of(row) == set(panel_of(row).values_list("pk", flat=True))
    assert unscorable(session) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_panels_are_asked_in_two_queries_whatever_the_number(number):
    session = make_session()
    for _ in range(number):
        room = make_room(session)
        make_assignment(role=Role.EXAMINER, room=room)
        make_exclusion(make_attempt(session, room=room), make_staff())

    with CaptureQueriesContext(
        connection,
    ) as asked:
        panels_of(session)

    assert len(asked) == 2


def test_totals_know_who_should_have_marked():
    session = make_scoring_session()
    staff = [make_staff() for _ in range(3)]
    for one in staff:
        make_assignment(one, role=Role.EXAMINER, session=session)
    attempt = make_attempt(session, state="sealed")
    make_sheet(attempt, staff[0], "40", "40")
    make_sheet(attempt, staff[1], "40", "40")
    make_exclusion(attempt, staff[1])

    (line,) = unready_attempts(session)

    assert (line.sheets, line.expected) == (1, 2)
