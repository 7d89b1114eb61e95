"""Rooms, panels, conflicts, accounts and tokens: full, empty and refused."""

import pytest
from django.urls import reverse

from candidates.domain.conflicts import declare
from exams.domain.accounts import give_link
from exams.domain.audit import Actor
from exams.domain.rooms import ask_to_move, split_candidates
from exams.domain.second_factor import begin
from exams.domain.sign_in_locks import ACCOUNT_FAILURES, count_failure
from exams.enums import Role
from exams.kernel import clock
from exams.models import Session
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.exams import (
    make_administrator,
    make_assignment,
    make_attempt,
    make_room,
    make_session,
    make_staff,
)
from tests.js_browser.looking import Looker

pytestmark = pytest.mark.django_db
NAMES = ("林知远", "欧阳若楠", "阿依古丽", "王一", "周晓岚", "陈静", "赵六")


@pytest.fixture(scope="module")
def looker():
    looker = Looker()
    yield looker
    looker.close()


def url(row, name):
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=[row.pk])


def full(boss):
    """A session with rooms, staff, a split, a move that waits and a conflict."""
    session = make_session(title="上午场")
    rooms = [make_room(session, name=f"第 {one} 考场", capacity=4) for one in (1, 2, 3)]
    for number, name in enumerate(NAMES):
        attempt = make_attempt(session)
        person = make_candidate(
            session.project, name=name, ticket_number=f"2030{number:04}"
        )
        make_enrolment(person, attempt)
    split_candidates(session, reason="当众抽取", by=boss, at=clock.now())
    chief = make_staff(first_name="周岚", username="zhou")
    make_assignment(chief, role=Role.CHIEF_EXAMINER, room=rooms[0])
    make_assignment(make_staff(first_name="闻静"), role=Role.EXAMINER, room=rooms[1])
    make_assignment(make_staff(first_name="李明"), role=Role.PROCTOR, room=rooms[0])
    kinds = (("name", NAMES[0]), ("candidate", "20300001"))
    for kind, value in kinds:
        declare(
            session.project,
            staff=chief,
            kind=kind,
            value=value,
            by=boss,
            at=clock.now(),
        )
    Session.objects.filter(pk=session.pk).update(frozen_at=clock.now())
    attempt = session.attempts.filter(room=rooms[0]).first()
    ask_to_move(attempt, to=rooms[2], reason="设备", by=boss, at=clock.now())
    return session, attempt, chief


def faults(looker, *replies):
    return [fault for reply in replies for fault in looker.faults(looker.keep(reply))]


def test_full_pages_are_accessible(client, boss, looker):
    session, attempt, chief = full(boss)
    for _ in range(ACCOUNT_FAILURES):
        count_failure("zhou", "192.0.2.1", at=clock.now())

    replies = [
        client.get(url(session, "rooms")),
        client.get(url(session, "panels")),
        client.get(url(attempt, "move")),
        client.get(url(chief, "change")),
        client.post(url(make_staff(), "reset"), {"way": "link", "reason": "x"}),
        client.post(
            reverse("admin:exams_apitoken_add"),
            {
                "project": session.project.pk,
                "name": "成绩系统",
                "scopes": ["results", "states"],
                "days": 30,
            },
        ),
    ]

    assert {reply.status_code for reply in replies} == {200}
    assert faults(looker, *replies) == []


def test_empty_pages_are_accessible(client, boss, looker):
    session = make_session()

    replies = [
        client.get(url(session, name)) for name in ("rooms", "panels", "split-proctors")
    ]

    assert faults(looker, *replies) == []


def test_refused_pages_are_accessible(client, boss, looker):
    session = make_session()
    room = make_room(session, capacity=1)
    attempts = [make_attempt(session, room=room), make_attempt(session)]
    official = make_assignment(role=Role.OFFICIAL, session=session).staff
    seat = {"room": room.pk, "staff": official.pk, "role": "examiner"}
    whom = {"whom": "everybody", "reason": "x"}

    replies = [
        client.post(url(session, "split-candidates"), whom),
        client.post(url(session, "panels"), seat),
        client.post(url(attempts[1], "move"), {"room": room.pk, "reason": "x"}),
        client.post(url(boss, "deactivate"), {"reason": "x"}),
    ]

    assert [reply.status_code for reply in replies] == [409, 409, 409, 409]
    assert faults(looker, *replies) == []


def test_pages_of_signing_in_are_accessible(client, settings, looker):
    settings.TOTP_ROLES = ["administrator"]
    staff = make_administrator()
    body = {"username": staff.username, "password": "password-for-tests"}
    step = client.post("/staff/sign-in/", body)["Location"]
    token = give_link(make_staff(), by=Actor("system", "t"), at=clock.now())
    link = reverse("staff:link", args=[token])
    replies = [
        client.get(step),
        client.post(step, {"code": "1"}),
        client.get(link),
        client.post(link, {"password": "x", "again": "y"}),
    ]
    begin(staff)
    client.force_login(staff)
    replies.append(client.get(reverse("staff:security")))

    assert [reply.status_code for reply in replies] == [200, 422, 200, 422, 200]
    assert faults(looker, *replies) == []


def test_examiners_conflicts_are_accessible_and_fit_a_telephone(client, looker):
    staff = make_assignment(role=Role.EXAMINER, session=make_session()).staff
    client.force_login(staff)
    own = reverse("conflicts:own")

    empty = looker.keep(client.get(own, headers={"accept-language": "en"}))

    assert looker.faults(empty) == []
    assert looker.wider(empty) == []
