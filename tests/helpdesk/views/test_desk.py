"""The staff's pages: the queue and its steps, announcing with a confirmation."""

from uuid import uuid4

import pytest

from candidates.models import InboxItem
from helpdesk.models import Announcement, Request
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import (
    after_start,
    make_assignment,
    make_attempt,
    make_room,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_message, make_request

pytestmark = pytest.mark.django_db
NAME = "林知远"


@pytest.fixture
def session():
    return make_session(state="published")


def signed_in(client, role, **scope):
    staff = make_assignment(make_staff(password=None), role=role, **scope).staff
    client.force_login(staff)
    return staff


def step(client, request, name, **more):
    path = f"/helpdesk/requests/{request.code}/steps/"
    return client.post(path, {"step": name} | more)


def test_queue_shows_who_waits_longest_first_and_no_name(client, session):
    signed_in(client, "helpdesk", session=session)
    attempt = make_attempt(session)
    make_enrolment(make_candidate(session.project, name=NAME), attempt)
    make_lease(attempt)
    late, early = make_request(attempt), make_request(project=session.project)
    make_message(late, "later", at=after_start(9))
    make_message(early, "earlier", at=after_start(3))

    page = client.get(f"/helpdesk/requests/{late.code}/").content.decode()

    assert page.index("earlier") < page.index("later")
    assert page.count("k-thread__line") == 2
    assert NAME not in page


def test_queue_costs_the_same_however_many_wait(
    client, session, django_assert_max_num_queries
):
    signed_in(client, "helpdesk", session=session)
    for _ in range(12):
        make_message(make_request(make_attempt(session)))

    with django_assert_max_num_queries(16):
        client.get("/helpdesk/")


def test_request_is_taken_handed_over_and_resolved(client, session):
    me = signed_in(client, "helpdesk", session=session)
    colleague = make_assignment(role="helpdesk", session=session).staff
    request = make_request(make_attempt(session))

    found = []
    for name, more in (
        ("take", {}),
        ("hand_over", {"to": colleague.username}),
        ("resolve", {}),
        ("reopen", {}),
    ):
        assert step(client, request, name, **more).status_code == 302
        request.refresh_from_db()
        found.append((request.state, request.owner))

    assert found == [
        ("owned", me),
        ("owned", colleague),
        ("resolved", colleague),
        ("reopened", None),
    ]


def test_request_cannot_be_given_to_whoever_may_not_answer_it(client, session):
    signed_in(client, "helpdesk", session=session)
    stranger = make_assignment(role="examiner", session=session).staff
    request = make_request(make_attempt(session))
    step(client, request, "take")

    assert step(client, request, "hand_over", to=stranger.username).status_code == 422
    assert step(client, request, "burn").status_code == 422


def test_second_to_take_is_told(client, session):
    request = make_request(make_attempt(session))
    signed_in(client, "helpdesk", session=session)
    step(client, request, "take")
    signed_in(client, "proctor", session=session)

    assert step(client, request, "take").status_code == 409


def test_conversation_of_an_attempt_is_shown_to_its_proctor(client, session):
    room = make_room(session)
    attempt = make_attempt(session, room=room)
    path = f"/helpdesk/attempts/{attempt.code}/"
    signed_in(client, "proctor", room=room)
    headers = {"kaowu-client": "1"}

    before = client.get(path, headers=headers).json()
    make_message(make_request(attempt), "?")
    after = client.get(path, headers=headers).json()
    signed_in(client, "proctor", room=make_room(session))
    other = client.get(path, headers=headers)

    assert before == {"request": None}
    assert [row["text"] for row in after["request"]["messages"]] == ["?"]
    assert other.status_code == 404


def form_of(place, **more):
    return {
        "place": place,
        "title": "延迟",
        "body": "十分钟",
        "client_id": str(uuid4()),
    } | more


def test_announcement_is_shown_with_its_recipients_before_it_goes_out(client, session):
    signed_in(client, "helpdesk", session=session)
    attempt = make_attempt(session)
    form = form_of(f"session:{session.code}")
    path = "/helpdesk/announcements/"

    asked = client.post(path, form)
    assert asked.context["asked"]["count"] == 1
    assert Announcement.objects.count() == 0

    replies = [client.post(path, form | {"confirm": "yes"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [302, 302]
    assert InboxItem.objects.get().attempt == attempt


def test_proctor_of_a_room_cannot_announce_beyond_it(client, session):
    room, other = make_room(session), make_room(session)
    signed_in(client, "proctor", room=room)
    path = "/helpdesk/announcements/"

    found = [
        client.post(path, form_of(place, confirm="yes")).status_code
        for place in (
            f"session:{session.code}",
            f"room:{other.pk}",
            "room:x",
            f"room:{room.pk}",
        )
    ]

    assert found == [403, 403, 403, 302]
    assert Announcement.objects.get().room == room


def test_asker_who_is_not_signed_in_is_called_unproven(client, session):
    signed_in(client, "helpdesk", session=session)
    request = make_request(project=session.project, ticket_number="20301234")

    page = client.get(
        f"/helpdesk/requests/{request.code}/", headers={"accept-language": "en"}
    )

    assert "20301234 (unproven)" in " ".join(page.content.decode().split())
    assert Request.objects.count() == 1
