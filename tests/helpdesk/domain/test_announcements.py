from uuid import uuid4

import pytest

from candidates.domain.inbox import mark_read
from candidates.models import InboxItem
from exams.kernel.errors import BadInput
from helpdesk.domain.announcements import announce, deliver, sweep_announcements
from helpdesk.models import Announcement, Delivery
from helpdesk.queries.announcements import (
    history_of,
    rooms_to_tell,
    sessions_to_tell,
)
from tests.builders.exams import (
    START,
    make_administrator,
    make_assignment,
    make_attempt,
    make_attempts,
    make_room,
    make_session,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make_session(state="published")


def tell(session, *, room=None, client_id=None, title="延迟", body="开考推迟十分钟。"):
    return announce(
        session,
        room=room,
        title=title,
        body=body,
        client_id=client_id or uuid4(),
        by=make_staff(),
        at=START,
    )


def told(*attempts):
    return [InboxItem.objects.filter(attempt=one).count() for one in attempts]


def test_announcement_reaches_everybody_of_the_session_and_nobody_else(session):
    attempts = make_attempts(session, 3)
    gone = make_attempt(session, state="withdrawn")
    stranger = make_attempt(make_session(state="published"))

    assert deliver(tell(session), at=START) == 3

    assert told(*attempts, gone, stranger) == [1, 1, 1, 0, 0]


def test_announcement_to_a_room_stays_in_the_room(session):
    room, other = make_room(session), make_room(session)
    inside, outside = (
        make_attempt(session, room=room),
        make_attempt(session, room=other),
    )

    deliver(tell(session, room=room), at=START)

    assert told(inside, outside, make_attempt(session)) == [1, 0, 0]


def test_announcement_pressed_twice_is_made_and_delivered_once(session):
    attempt, client_id = make_attempt(session), uuid4()

    one, again = tell(session, client_id=client_id), tell(session, client_id=client_id)
    found = [deliver(one, at=START), deliver(again, at=START)]

    assert (found, told(attempt)) == ([1, 0], [1])
    assert Announcement.objects.count() == 1


def test_delivery_goes_on_where_it_stopped(session, monkeypatch):
    monkeypatch.setattr("helpdesk.domain.announcements.BATCH", 2)
    attempts = make_attempts(session, 5)
    row = tell(session)

    found = [deliver(row, at=START, limit=limit) for limit in (3, 100, 100)]

    assert found == [3, 2, 0]
    assert told(*attempts) == [1] * 5


def test_late_comer_gets_what_was_announced_before(session):
    make_attempt(session)
    deliver(tell(session), at=START)
    late = make_attempt(session)

    assert sweep_announcements(at=START) == 1
    assert sweep_announcements(at=START) == 0
    assert told(late) == [1]


def test_room_of_another_session_is_refused(session):
    with pytest.raises(BadInput):
        tell(session, room=make_room())


def test_history_counts_who_has_it_and_who_read_it(session):
    make_attempts(session, 3)
    deliver(tell(session), at=START)
    make_attempt(session)
    mark_read(Delivery.objects.first().item, at=START)

    (line,) = history_of(make_administrator())

    assert (line.recipients, line.delivered, line.read) == (4, 3, 1)


def test_role_of_a_room_speaks_to_the_room_only(session):
    room, other = make_room(session), make_room(session)
    proctor = make_assignment(role="proctor", room=room).staff
    chief = make_assignment(role="proctor", session=session).staff
    examiner = make_assignment(role="examiner", session=session).staff
    tell(session, room=other, title="other")
    tell(session, title="all")

    assert list(sessions_to_tell(proctor)) == []
    assert list(rooms_to_tell(proctor)) == [room]
    assert list(sessions_to_tell(chief)) == [session]
    assert set(rooms_to_tell(chief)) == {room, other}
    assert list(sessions_to_tell(examiner)) == list(rooms_to_tell(examiner)) == []
    assert [line.title for line in history_of(proctor)] == ["all"]
