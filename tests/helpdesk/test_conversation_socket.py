"""The sockets of conversations: what is said, told and refused, without a bell too."""

import asyncio
import json
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async

from helpdesk.domain.requests import PER_MINUTE
from helpdesk.models import Message, ReadMark
from tests.builders.exams import (
    make_administrator,
)
from tests.builders.helpdesk import make_message
from tests.builders.helpdesk_sockets import (
    answering,
    asking,
    next_kind,
    signed_in,
)
from tests.builders.sockets import opened

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_layer"),
]


def post(text="在吗", client_id=None):
    client_id = str(client_id or uuid4())
    return json.dumps({"kind": "post", "client_id": client_id, "text": text})


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
