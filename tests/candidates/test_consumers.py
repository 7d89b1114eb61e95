import asyncio
import json
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.routing import URLRouter

from candidates.access import COOKIE
from candidates.domain.leases import approve_takeover
from candidates.domain.uploads import MAX_CHUNKS
from candidates.inbound import MAX_TEXT
from candidates.models import DeviceLease
from candidates.routing import websocket_urlpatterns
from exams.domain.events import publish
from exams.queries.events import cursor_of
from tests.builders.candidates import make_lease, make_recording, make_segment
from tests.builders.exams import START, make_attempt, make_staff
from tests.builders.sockets import SocketClient, handshake, opened

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_layer"),
]
TOKEN = "mine"


def socket(token=TOKEN, *, query="", **origin):
    application = URLRouter(websocket_urlpatterns)
    headers = handshake(**{COOKIE: token}, **origin)
    return SocketClient(application, f"/ws/attempt/{query}", headers=headers)


def beat_of(stream, **told):
    """A heartbeat that tells of one segment."""
    told = {"segment": str(uuid4()), "count": 3, "head": "ab" * 32, **told}
    return json.dumps({"kind": "heartbeat", "cursor": 0, "heads": {stream: told}})


def tell(attempt, type_="stage.finished", payload=None):
    publish(f"attempt:{attempt.code}", type_, payload or {"stage": "flow"}, at=START)


tell_async = database_sync_to_async(tell)


def test_socket_snapshot_tells_the_cursor_then_events_follow():
    lease = make_lease(token=TOKEN)
    tell(lease.attempt)

    async def scenario():
        one = socket()
        frames = [await opened(one)]
        await tell_async(lease.attempt, "stage.finished", {"stage": "draw"})
        frames.append(await one.frame())
        await one.disconnect()
        return frames

    assert async_to_sync(scenario)() == [
        {"kind": "events", "events": [], "cursor": 1},
        {
            "kind": "events",
            "events": [
                {"seq": 2, "type": "stage.finished", "payload": {"stage": "draw"}}
            ],
            "cursor": 2,
        },
    ]


def test_socket_with_its_cursor_gets_exactly_what_it_missed():
    lease = make_lease(token=TOKEN)
    for _ in range(3):
        tell(lease.attempt)

    async def scenario():
        one = socket(query="?after=1")
        first = await opened(one)
        missed = await one.frame()
        await one.disconnect()
        return first["cursor"], [event["seq"] for event in missed["events"]]

    assert async_to_sync(scenario)() == (1, [2, 3])


def test_socket_of_another_attempt_receives_nothing():
    mine, other = make_lease(token=TOKEN), make_lease(make_attempt(), token="other")

    async def scenario():
        one, stranger = socket(), socket("other")
        await opened(one)
        await opened(stranger)
        await tell_async(mine.attempt)
        received = await one.frame()
        silent = await stranger.receive_nothing(1.5)
        await one.disconnect()
        await stranger.disconnect()
        return len(received["events"]), silent

    assert async_to_sync(scenario)() == (1, True)
    assert cursor_of(f"attempt:{other.attempt.code}") == 0


def test_socket_that_waits_for_a_takeover_hears_of_leases_only():
    attempt = make_attempt()
    make_lease(attempt)
    waiting = make_lease(
        attempt, token=TOKEN, state="waiting", epoch=None, level="claimed"
    )

    async def scenario():
        one = socket()
        await opened(one)
        await tell_async(attempt, "draw.number_drawn", {"number": 7})
        frames = [await one.frame()]
        await database_sync_to_async(approve_takeover)(
            waiting, by=await database_sync_to_async(make_staff)(), at=START
        )
        frames.append(await one.frame())
        await one.disconnect()
        return frames

    held_back, granted = async_to_sync(scenario)()
    assert (held_back["events"], held_back["cursor"]) == ([], 1)
    assert [event["type"] for event in granted["events"]] == ["lease.activated"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"token": ""},
        {"token": "nobody"},
        {"origin": "https://evil.example"},
    ],
)
def test_socket_of_a_stranger_is_not_opened(arguments):
    make_lease(token=TOKEN)

    async def scenario():
        return await socket(**arguments).connect()

    assert async_to_sync(scenario)() is False


def test_socket_of_a_superseded_lease_is_told_and_closed():
    make_lease(token=TOKEN, state="superseded")

    async def scenario():
        one = socket()
        told = await opened(one)
        return told, await one.closing_code()

    assert async_to_sync(scenario)() == ({"kind": "lease_lost"}, 4401)


@pytest.mark.parametrize("state", ["superseded", "ended"])
def test_socket_closes_within_five_seconds_of_a_lost_lease(state):
    lease = make_lease(token=TOKEN)
    rows = DeviceLease.objects.filter(pk=lease.pk)

    async def scenario():
        one = socket()
        await opened(one)
        # No event and no bell: only the row tells.
        await database_sync_to_async(rows.update)(state=state)
        async with asyncio.timeout(5):
            told = await one.frame()
            return told, await one.closing_code()

    assert async_to_sync(scenario)() == ({"kind": "lease_lost"}, 4401)


def test_socket_of_the_old_browser_closes_at_once_when_another_takes_over():
    attempt = make_attempt()
    make_lease(attempt, token=TOKEN)
    waiting = make_lease(attempt, state="waiting", epoch=None)

    async def scenario():
        one = socket()
        await opened(one)
        await database_sync_to_async(approve_takeover)(
            waiting, by=await database_sync_to_async(make_staff)(), at=START
        )
        async with asyncio.timeout(1.5):
            told = await one.frame()
            return told, await one.closing_code()

    assert async_to_sync(scenario)() == ({"kind": "lease_lost"}, 4401)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        '{"kind":"submit"}',
        '{"kind":"heartbeat","cursor":"1"}',
        '{"kind":"heartbeat","cursor":true}',
        '{"kind":"heartbeat","heads":[]}',
        '{"kind":"heartbeat","heads":{"camera":"ab"}}',
        beat_of("camera", segment=5),
        beat_of("camera", segment="../../etc"),
        beat_of("camera", count=0),
        beat_of("camera", count=True),
        beat_of("camera", count=MAX_CHUNKS + 1),
        beat_of("camera", head="ab"),
        beat_of("camera", head=None),
        beat_of("window"),
        json.dumps({"kind": "heartbeat", "heads": {"x": "y" * MAX_TEXT}}),
    ],
)
def test_socket_unknown_or_large_message_closes(text):
    make_lease(token=TOKEN)

    async def scenario():
        one = socket()
        await opened(one)
        await one.say(text)
        return await one.closing_code()

    assert async_to_sync(scenario)() == 4400


def test_socket_binary_message_closes():
    make_lease(token=TOKEN)

    async def scenario():
        one = socket()
        await opened(one)
        await one.say(data=b"x")
        return await one.closing_code()

    assert async_to_sync(scenario)() == 4400


def test_socket_heartbeat_of_a_stream_without_a_segment_is_taken():
    make_lease(token=TOKEN)
    beat = json.dumps({"kind": "heartbeat", "cursor": 0, "heads": {"screen": None}})

    async def scenario():
        one = socket()
        await opened(one)
        await one.say(beat)
        quiet = await one.receive_nothing(0.5)
        await one.disconnect()
        return quiet

    assert async_to_sync(scenario)()


def test_socket_keeps_the_furthest_head_told_before_it_ends():
    lease = make_lease(token=TOKEN)
    segment = make_segment(make_recording(lease.attempt))
    other = make_segment()

    async def scenario():
        for count, head in [(3, "a"), (2, "b")]:
            one = socket()
            await opened(one)
            for uuid in (segment.uuid, other.uuid):
                told = {"segment": str(uuid), "count": count, "head": head * 64}
                await one.say(beat_of("camera", **told))
            await asyncio.sleep(0.1)
            await one.disconnect()

    async_to_sync(scenario)()

    segment.refresh_from_db()
    other.refresh_from_db()
    assert (segment.witnessed_count, segment.witnessed_head) == (3, "a" * 64)
    assert other.witnessed_count is None


def test_socket_that_stays_open_tells_its_heads_in_between(monkeypatch):
    monkeypatch.setattr("exams.sockets.CHECK_SECONDS", 0.02)
    lease = make_lease(token=TOKEN)
    segment = make_segment(make_recording(lease.attempt))
    read = database_sync_to_async(segment.refresh_from_db)

    async def scenario():
        one = socket()
        await opened(one)
        await one.say(beat_of("camera", segment=str(segment.uuid), count=7))
        async with asyncio.timeout(5):
            while segment.witnessed_count is None:
                await asyncio.sleep(0.05)
                await read()
        await one.disconnect()

    async_to_sync(scenario)()

    assert segment.witnessed_count == 7
