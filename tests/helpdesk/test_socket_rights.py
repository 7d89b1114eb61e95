"""Who hears a conversation and the desk, and for how long."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.test import Client

from candidates.models import DeviceLease
from exams.kernel import tokens
from exams.models import Assignment, Staff
from helpdesk.access import COOKIE as ASKER
from tests.builders.candidates import make_lease
from tests.builders.exams import (
    make_administrator,
    make_assignment,
    make_attempt,
    make_project,
    make_room,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_message, make_request
from tests.builders.helpdesk_sockets import (
    SESSION,
    answering,
    asking,
    next_kind,
    signed_in,
    socket,
)
from tests.builders.sockets import is_open, opened

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_layer"),
]


make_message_async = database_sync_to_async(make_message)


def nobody():
    """One of the staff without a password: hashing a dozen would take seconds."""
    return make_staff(password=None)


def people(request):
    """Who may hear of the request, and who may not, as cookies of a browser."""
    attempt = request.attempt
    session, room = attempt.session, attempt.room
    beside = make_session(project=session.project)

    def holds(role, **scope):
        return signed_in(make_assignment(nobody(), role=role, **scope).staff)

    may = {
        "helpdesk of the session": holds("helpdesk", session=session),
        "helpdesk of the project": holds("helpdesk", project=session.project),
        "administrator": holds("administrator", project=session.project),
        "proctor of the room": holds("proctor", room=room),
        "proctor of the session": holds("proctor", session=session),
        "superuser": signed_in(make_administrator()),
    }
    may_not = {
        "nobody": "",
        "proctor of another room": holds("proctor", room=make_room(session)),
        "helpdesk of another session": holds("helpdesk", session=beside),
        "helpdesk of another project": holds("helpdesk", project=make_project()),
        "examiner": holds("examiner", session=session),
        "chief examiner": holds("chief_examiner", session=session),
        "official": holds("official", session=session),
        "auditor": holds("auditor", session=session),
        "staff without a role": signed_in(nobody()),
        "superuser who left": signed_in(make_staff(is_superuser=True, username="gone")),
    }
    Staff.objects.filter(username="gone").update(is_active=False)
    return may, may_not


def test_staff_whose_role_covers_the_request_hear_it_and_nobody_else(request_here):
    may, may_not = people(request_here)

    async def scenario():
        return {
            name: await is_open(answering(request_here, key))
            for name, key in (may | may_not).items()
        }

    found = async_to_sync(scenario)()

    assert found == dict.fromkeys(may, True) | dict.fromkeys(may_not, False)


def test_browser_that_asked_hears_it_and_no_other_candidate(request_here):
    attempt = request_here.attempt
    make_lease(make_attempt(attempt.session), token="neighbour")
    for number, state in enumerate(("waiting", "superseded", "ended")):
        make_lease(
            attempt, token=state, state=state, epoch=None if number == 0 else number + 5
        )
    before = make_request(
        project=attempt.session.project, asker_digest=tokens.digest("browser")
    )

    async def scenario():
        leases = ("mine", "neighbour", "waiting", "superseded", "ended", "")
        found = {name: await is_open(asking(request_here, name)) for name in leases}
        for name in ("browser", "other"):
            path = f"/ws/help/{before.code}/"
            found[f"asker {name}"] = await is_open(socket(path, **{ASKER: name}))
        # The secret opens nothing that belongs to an attempt, nor a lease the other.
        path = f"/ws/help/{request_here.code}/"
        found["secret"] = await is_open(socket(path, **{ASKER: "browser"}))
        found["lease"] = await is_open(asking(before))
        return found

    found = async_to_sync(scenario)()

    assert {name for name, opens in found.items() if opens} == {"mine", "asker browser"}


def test_socket_of_another_origin_is_not_opened(request_here):
    one = asking(request_here, origin="https://evil.example")

    assert async_to_sync(is_open)(one) is False


@pytest.mark.parametrize("side", ["candidate", "staff", "signed out"])
def test_socket_closes_within_two_looks_of_a_lost_right(request_here, side):
    staff = make_assignment(role="helpdesk", session=request_here.attempt.session).staff
    key = signed_in(staff)

    def lose():
        if side == "candidate":
            DeviceLease.objects.update(state="superseded")
        elif side == "staff":
            Assignment.objects.filter(staff=staff).delete()
        else:
            Client(headers={"cookie": f"{SESSION}={key}"}).post("/staff/sign-out/")

    async def scenario():
        one = (
            asking(request_here)
            if side == "candidate"
            else answering(request_here, key)
        )
        await opened(one)
        await database_sync_to_async(lose)()
        async with asyncio.timeout(5):
            return await one.closing_code()

    assert async_to_sync(scenario)() == 4401


def test_desk_hears_of_its_projects_and_of_no_other(request_here):
    project = request_here.project
    key = signed_in(make_assignment(role="helpdesk", project=project).staff)
    other = make_request()

    async def scenario():
        one = socket("/ws/helpdesk/", **{SESSION: key})
        await opened(one)
        await make_message_async(other)
        silent = await one.receive_nothing(1.0)
        await make_message_async(request_here)
        frame = await next_kind(one, "events")
        await one.disconnect()
        return silent, frame["events"][0]["payload"]

    assert async_to_sync(scenario)() == (True, {"request": request_here.code})


def test_desk_is_closed_to_whoever_answers_nothing():
    keys = [
        "",
        signed_in(make_assignment(role="examiner").staff),
        signed_in(make_staff()),
    ]

    async def scenario():
        return [
            await is_open(socket("/ws/helpdesk/", **{SESSION: key})) for key in keys
        ]

    assert async_to_sync(scenario)() == [False, False, False]
