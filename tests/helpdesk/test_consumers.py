"""The sockets of conversations: who hears, who may speak, what survives a lost bell."""

import asyncio
import json
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from channels.routing import URLRouter
from django.conf import settings
from django.test import Client

from candidates.access import COOKIE as LEASE
from candidates.models import DeviceLease
from exams.kernel import tokens
from exams.models import Assignment, Staff
from helpdesk.access import COOKIE as ASKER
from helpdesk.domain.requests import PER_MINUTE
from helpdesk.models import Message, ReadMark
from helpdesk.routing import websocket_urlpatterns
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
from tests.builders.sockets import SocketClient, handshake, is_open, opened

pytestmark = pytest.mark.django_db(transaction=True)
SESSION = settings.SESSION_COOKIE_NAME


@pytest.fixture(autouse=True)
def _fresh_layer():
    channel_layers.backends.clear()


@pytest.fixture
def request_here():
    """A request of an attempt in a room, whose lease's secret is `mine`."""
    session = make_session(state="published")
    attempt = make_attempt(session, room=make_room(session))
    make_lease(attempt, token="mine")
    return make_request(attempt)


def socket(path, **browser):
    application = URLRouter(websocket_urlpatterns)
    return SocketClient(application, path, headers=handshake(**browser))


def asking(request, token="mine", **more):
    return socket(f"/ws/help/{request.code}/?after=0", **{LEASE: token}, **more)


def answering(request, staff):
    key = signed_in(staff) if isinstance(staff, Staff) else staff
    path = f"/ws/helpdesk/requests/{request.code}/?after=0"
    return socket(path, **{SESSION: key})


def signed_in(staff):
    client = Client()
    client.force_login(staff)
    return client.cookies[SESSION].value


def post(text="在吗", client_id=None):
    client_id = str(client_id or uuid4())
    return json.dumps({"kind": "post", "client_id": client_id, "text": text})


async def next_kind(one, kind):
    while True:
        frame = await one.frame()
        if frame["kind"] == kind and (kind != "events" or frame["events"]):
            return frame


make_message_async = database_sync_to_async(make_message)


def test_message_of_the_candidate_is_accepted_and_told_to_both_sides(request_here):
    key = signed_in(make_administrator())
    client_id = uuid4()

    async def scenario():
        mine, theirs = asking(request_here), answering(request_here, key)
        for one in (mine, theirs):
            await opened(one)
        await mine.say(post("题目没有显示", client_id))
        accepted = await next_kind(mine, "accepted")
        told = await next_kind(theirs, "events")
        for one in (mine, theirs):
            await one.disconnect()
        return accepted, told

    accepted, told = async_to_sync(scenario)()

    assert accepted == {"kind": "accepted", "client_id": str(client_id), "seq": 1}
    (event,) = told["events"]
    assert event["type"] == "message.posted"
    assert "题目没有显示" not in json.dumps(told, ensure_ascii=False)
    assert Message.objects.get().text == "题目没有显示"


def test_message_sent_again_over_another_socket_is_the_same(request_here):
    text = post("again")

    async def scenario():
        found = []
        for _ in range(2):
            one = asking(request_here)
            await opened(one)
            await one.say(text)
            found.append(await next_kind(one, "accepted"))
            await one.disconnect()
        return found

    first, second = async_to_sync(scenario)()

    assert first == second
    assert Message.objects.count() == 1


def test_reading_is_told_to_the_other_side(request_here):
    make_message(request_here)
    key = signed_in(make_administrator())

    async def scenario():
        theirs = answering(request_here, key)
        await opened(theirs)
        await theirs.say('{"kind": "read", "upto": 1}')
        while True:
            frame = await next_kind(theirs, "events")
            if frame["events"][-1]["type"] == "message.read":
                await theirs.disconnect()
                return frame["events"][-1]["payload"]

    assert async_to_sync(scenario)() == {"side": "staff", "upto": 1}
    assert ReadMark.objects.get().upto == 1


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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 5000,
        '{"kind": "heartbeat"}',
        '{"kind": "take"}',
        '{"kind": "read", "upto": "1"}',
        '{"kind": "read", "upto": true}',
        '{"kind": "post", "text": "x"}',
        '{"kind": "post", "client_id": "x", "text": "x"}',
        '{"kind": "post", "client_id": "00000000-0000-4000-8000-000000000001"}',
        post("x" * 9000),
    ],
)
def test_message_without_a_row_closes_the_socket(request_here, text):
    async def scenario():
        one = asking(request_here)
        await opened(one)
        await one.say(text)
        return await one.closing_code()

    assert async_to_sync(scenario)() == 4400
    assert Message.objects.count() == 0


def test_refused_message_is_told_and_the_socket_stays(request_here):
    for _ in range(PER_MINUTE):
        make_message(request_here)
    Message.objects.update(at=request_here.opened_at.replace(year=2100))

    async def scenario():
        one = asking(request_here)
        await opened(one)
        await one.say(post(" "))
        found = [(await next_kind(one, "refused"))["code"]]
        await one.say('{"kind": "read", "upto": 99}')
        found.append((await next_kind(one, "refused"))["code"])
        await one.disconnect()
        return found

    assert async_to_sync(scenario)() == ["bad_input", "bad_input"]


def lose_the_bell(monkeypatch):
    async def silent(*args):
        raise ConnectionError

    monkeypatch.setattr("exams.kernel.realtime._send", silent)


@pytest.mark.parametrize("guard", ["", "trust_layer"])
def test_message_reaches_the_desk_without_a_bell_unless_the_tail_trusts_it(
    request_here, monkeypatch, guard
):
    """The sabotaged half proves that the first one could fail."""
    monkeypatch.setenv("KAOWU_SABOTAGE", guard)
    lose_the_bell(monkeypatch)
    key = signed_in(make_administrator())

    async def scenario():
        one = answering(request_here, key)
        await opened(one)
        await asyncio.sleep(0.5)
        await make_message_async(request_here)
        silent = await one.receive_nothing(1.5)
        await one.disconnect()
        return silent

    assert async_to_sync(scenario)() is bool(guard)


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
