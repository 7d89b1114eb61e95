"""The pages of rooms, panels and roles: shown, refused, and within one's projects."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exams.enums import Role
from exams.models import Assignment, AuditEntry, RoomMove, RoomSplit
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
ENGLISH = {"accept-language": "en"}


def url(row, name):
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=[row.pk])


def test_split_is_previewed_then_done_and_told(client, boss):
    session = make_session()
    make_room(session, name="A"), make_room(session, name="B")
    make_attempts(session, 5)
    page = client.get(url(session, "split-candidates"), headers=ENGLISH)
    shown = [line.after for line in page.context["preview"].lines]
    assert RoomSplit.objects.count() == 0

    done = client.post(
        url(session, "split-candidates"),
        {"whom": "everybody", "reason": "drawn in front of two witnesses"},
        headers=ENGLISH,
        follow=True,
    )

    assert shown == [3, 2]
    assert done.context["lines"][0].people == 3
    assert RoomSplit.objects.get().seed in done.content.decode()


def test_split_that_does_not_fit_is_refused_on_the_page(client, boss):
    session = make_session()
    make_room(session, capacity=1)
    make_attempts(session, 2)

    page = client.post(
        url(session, "split-candidates"),
        {"whom": "everybody", "reason": "x"},
        headers=ENGLISH,
    )

    assert page.status_code == 409
    assert "2 people do not fit: the rooms have 1 places" in page.content.decode()
    assert session.attempts.filter(room=None).count() == 2


def test_split_without_a_reason_changes_nothing(client, boss):
    session = make_session()
    make_room(session)
    make_attempt(session)

    page = client.post(url(session, "split-candidates"), {"whom": "everybody"})

    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"reason"}
    assert RoomSplit.objects.count() == 0


def test_move_after_the_freeze_is_asked_by_one_and_approved_by_another(client, boss):
    session = make_session(frozen_at=before_start(60))
    one, two = make_room(session), make_room(session)
    attempt = make_attempt(session, room=one)
    body = {"room": two.pk, "reason": "broken camera"}

    client.post(url(attempt, "move"), body)
    own = client.get(url(attempt, "move"), headers=ENGLISH).content.decode()
    alone = client.post(url(attempt, "move"), {})
    client.force_login(make_administrator())
    waiting = client.get(url(session, "rooms")).content.decode()
    client.post(url(attempt, "move"), {})

    assert "You asked for this yourself" in own
    assert alone.status_code == 403
    assert "broken camera" in waiting
    attempt.refresh_from_db()
    assert attempt.room == two
    assert RoomMove.objects.get().asked_by == boss


def test_full_room_is_refused_on_the_page(client, boss):
    session = make_session()
    full = make_room(session, name="满", capacity=1)
    make_attempt(session, room=full)
    attempt = make_attempt(session)

    page = client.post(url(attempt, "move"), {"room": full.pk, "reason": "x"})

    assert page.status_code == 409
    assert RoomMove.objects.count() == 0


def test_seat_is_given_and_taken_away_with_a_reason(client, boss):
    session = make_session()
    room, staff = make_room(session), make_staff()
    body = {"room": room.pk, "staff": staff.pk, "role": "examiner"}

    assert client.post(url(session, "panels"), body).status_code == 302
    again = client.post(url(session, "panels"), body)
    held = Assignment.objects.get()
    without = client.post(url(held, "end"), {})
    assert Assignment.objects.count() == 1
    client.post(url(held, "end"), {"reason": "ill"})

    assert again.status_code == 409
    assert without.status_code == 200
    assert Assignment.objects.count() == 0
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["staff.assigned", "staff.unassigned", "step.end"]


def test_role_is_given_on_its_own_form_and_a_second_part_is_refused(client, boss):
    session, staff = make_session(title="上午场"), make_staff(first_name="周岚")
    add = reverse("admin:exams_assignment_add")

    first = client.post(
        add, {"staff": staff.pk, "role": "proctor", "session": session.pk}
    )
    second = client.post(
        add, {"staff": staff.pk, "role": "official", "session": session.pk}
    )

    assert first.status_code == 302
    assert second.status_code == 200
    said = str(second.context["adminform"].form.errors)
    assert "周岚" in said
    assert "上午场" in said
    assert Assignment.objects.get().role == Role.PROCTOR
    assert AuditEntry.objects.get().action == "staff.assigned"


def test_rooms_of_another_project_are_not_there(client, administrator, project):
    mine, theirs = make_session(project=project), make_session()
    make_room(theirs)
    role = make_assignment(role=Role.PROCTOR, session=theirs)

    for name in ("rooms", "split-candidates", "split-proctors", "panels"):
        assert client.get(url(mine, name)).status_code == 200
        assert client.get(url(theirs, name)).status_code == 404
    assert client.get(url(role, "end")).status_code == 404
    assert client.get(url(make_attempt(theirs), "move")).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("rooms", 9), ("panels", 14)])
def test_pages_ask_the_same_number_of_queries(client, boss, name, queries, number):
    session = make_session()
    for _ in range(number):
        room = make_room(session)
        make_attempt(session, room=room)
        make_assignment(role=Role.EXAMINER, room=room)
        make_assignment(role=Role.PROCTOR, room=room)

    with CaptureQueriesContext(connection) as asked:
        client.get(url(session, name))

    assert len(asked) == queries


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_roles_asks_the_same_number_of_queries(client, boss, number):
    for _ in range(number):
        make_assignment(role=Role.PROCTOR, room=make_room())

    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("admin:exams_assignment_changelist"))

    assert page.status_code == 200
    assert len(asked) == 4
