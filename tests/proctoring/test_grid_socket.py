"""The grid's socket: a snapshot, one frame a second, alarms at once, and for whom."""

import asyncio
from functools import partial

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from django.contrib.auth import logout
from django.http import HttpRequest

from candidates.presence import BOARD
from exams.kernel import clock
from exams.models import Assignment, Staff
from proctoring.domain.alarms import tell_unread
from proctoring.feed import FEED, MAX_FRAMES, Frame, Listener
from proctoring.routing import websocket_urlpatterns
from tests.builders.exams import (
    START,
    make_administrator,
    make_attempt,
    make_room,
    make_session,
)
from tests.builders.presence import facts_told
from tests.builders.proctoring import (
    headers_of,
    make_proctor,
    make_sitting,
    signed_in,
)
from tests.builders.sockets import SocketClient, opened

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_layer"),
]


def socket(client, **origin):
    return SocketClient(
        URLRouter(websocket_urlpatterns),
        "/ws/grid/",
        headers=headers_of(client, **origin),
    )


def run(scenario):
    return async_to_sync(scenario)()


def beat(attempt, **facts):
    BOARD.heard(attempt.code, facts_told(**facts), at=clock.now())


async def next_of(one, kind):
    while (frame := await one.frame())["kind"] != kind:
        pass
    return frame


def test_snapshot_holds_every_tile_of_the_room_and_no_name():
    room, attempts = make_sitting(seats=3)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        beat(attempts[0])
        one = socket(client)
        assert await one.connect()
        frame = await one.frame()
        await one.disconnect()
        return frame

    frame = run(scenario)

    assert (frame["kind"], frame["whole"]) == ("tiles", True)
    assert frame["room"] == f"{room.session.code}/{room.name}"
    states = {tile["attempt"]: tile["state"] for tile in frame["tiles"]}
    silent = dict.fromkeys((one.code for one in attempts[1:]), "disconnected")
    assert states == {attempts[0].code: "answering", **silent}
    assert set(frame["tiles"][0]) == {
        *("attempt", "label", "state", "tone", "rank", "stage", "last_seen_ms"),
        *("backlog_chunks", "pictures", "phone", "unread", "incidents"),
    }


def test_a_thousand_heartbeats_in_a_second_are_one_frame_per_room():
    rooms = [make_sitting(seats=10) for _ in range(2)]
    staff = make_proctor(session=rooms[0][0].session)
    Assignment.objects.create(
        staff=staff, role="proctor", room=rooms[1][0], created_at=START
    )
    client = signed_in(staff)

    async def scenario():
        one = socket(client)
        assert await one.connect()
        for _ in rooms:
            assert (await one.frame())["whole"]
        for turn in range(50):
            for _room, attempts in rooms:
                for attempt in attempts:
                    beat(attempt, backlog_chunks=turn % 7)
        frames = [await one.frame() for _ in rooms]
        quiet = await one.receive_nothing(0.6)
        await one.disconnect()
        return frames, quiet

    frames, quiet = run(scenario)

    assert quiet
    assert {frame["kind"] for frame in frames} == {"tiles"}
    assert sorted(frame["room"] for frame in frames) == sorted(
        f"{room.session.code}/{room.name}" for room, _ in rooms
    )
    for frame in frames:
        assert len(frame["tiles"]) == 10
        assert {tile["backlog_chunks"] for tile in frame["tiles"]} == {0}


def test_only_changed_tiles_are_sent():
    room, attempts = make_sitting(seats=4)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        for attempt in attempts:
            beat(attempt)
        one = socket(client)
        assert await one.connect()
        await one.frame()
        beat(attempts[2], backlog_chunks=40)
        frame = await one.frame()
        await one.disconnect()
        return frame

    frame = run(scenario)

    assert [tile["attempt"] for tile in frame["tiles"]] == [attempts[2].code]
    assert frame["tiles"][0]["state"] == "backlog"


def test_alarm_does_not_wait_for_the_tick(monkeypatch):
    monkeypatch.setattr("proctoring.feed.TICK_SECONDS", 3600)
    room, attempts = make_sitting(seats=2)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        for attempt in attempts:
            beat(attempt)
        one = socket(client)
        assert await one.connect()
        await one.frame()
        await asyncio.sleep(0.3)  # the bell's subscription stands
        await database_sync_to_async(partial(tell_unread, unread=1, at=START))(
            attempts[1]
        )
        frame = await one.frame()
        await one.disconnect()
        return frame

    frame = run(scenario)

    assert frame["kind"] == "alarm"
    assert [(t["attempt"], t["state"]) for t in frame["tiles"]] == [
        (attempts[1].code, "help")
    ]


def test_silence_of_fifteen_seconds_is_an_alarm(tmp_path):
    room, attempts = make_sitting(seats=1)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        beat(attempts[0])
        one = socket(client)
        assert await one.connect()
        first = await one.frame()
        offset = tmp_path / "offset"
        moved = float(offset.read_text()) + 16
        offset.write_text(str(moved), encoding="ascii")
        alarm = await next_of(one, "alarm")
        await one.disconnect()
        return first["tiles"][0]["state"], alarm["tiles"][0]["state"]

    assert run(scenario) == ("answering", "disconnected")


def test_rooms_of_others_are_not_heard():
    room, attempts = make_sitting(seats=1)
    other = make_room(room.session)
    stranger = make_attempt(room.session, room=other, state="entered")
    client = signed_in(make_proctor(room=room))

    async def scenario():
        beat(attempts[0])
        one = socket(client)
        assert await one.connect()
        await one.frame()
        beat(stranger)
        silent = await one.receive_nothing(1.4)
        await one.disconnect()
        return silent

    assert run(scenario)


@pytest.mark.parametrize(
    ("role", "scope", "rooms"),
    [
        ("proctor", "room", 1),
        ("proctor", "session", 2),
        ("administrator", "session", 2),
        ("superuser", "", 2),
    ],
)
def test_proctors_and_administrators_hear_their_rooms(role, scope, rooms):
    room, _attempts = make_sitting(seats=1)
    make_attempt(room.session, room=make_room(room.session))
    if role == "superuser":
        staff = make_administrator()
    else:
        target = room if scope == "room" else room.session
        staff = make_proctor(role=role, **{scope: target})
    client = signed_in(staff)

    async def scenario():
        one = socket(client)
        assert await one.connect()
        found = {(await one.frame())["room"] for _ in range(rooms)}
        await one.disconnect()
        return found

    assert len(run(scenario)) == rooms


@pytest.mark.parametrize(
    "role", ["examiner", "chief_examiner", "official", "helpdesk", "auditor"]
)
def test_other_roles_are_refused(role):
    room, _attempts = make_sitting(seats=1)
    client = signed_in(make_proctor(role=role, session=room.session))

    assert run(socket(client).connect) is False


def test_nobody_without_a_sign_in_or_from_elsewhere_is_let_in():
    room, _attempts = make_sitting(seats=1)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        return [
            await socket(None).connect(),
            await socket(client, origin="https://evil.example").connect(),
        ]

    assert run(scenario) == [False] * 2


def _sign_out(client):
    request = HttpRequest()
    request.session = client.session
    logout(request)


@pytest.mark.parametrize(
    "lose",
    [
        lambda client: Assignment.objects.all().delete(),
        lambda client: Staff.objects.update(is_active=False),
        _sign_out,
    ],
    ids=["role", "account", "sign-in"],
)
def test_socket_closes_when_the_right_is_lost(lose, monkeypatch):
    monkeypatch.setattr("exams.sockets.CHECK_SECONDS", 0.1)
    room, _attempts = make_sitting(seats=1)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        one = socket(client)
        assert await one.connect()
        await one.frame()
        await database_sync_to_async(lose)(client)
        return await one.closing_code()

    assert run(scenario) == 4401


def test_room_given_meanwhile_is_heard_without_a_new_page(monkeypatch):
    monkeypatch.setattr("exams.sockets.CHECK_SECONDS", 0.1)
    room, _attempts = make_sitting(seats=1)
    second, _others = make_sitting(seats=1)
    staff = make_proctor(room=room)
    client = signed_in(staff)
    give = partial(
        Assignment.objects.create,
        staff=staff,
        role="proctor",
        room=second,
        created_at=START,
    )

    async def scenario():
        one = socket(client)
        assert await one.connect()
        await one.frame()
        await database_sync_to_async(give)()
        frame = await one.frame()
        await one.disconnect()
        return frame["room"], frame["whole"]

    assert run(scenario) == (f"{second.session.code}/{second.name}", True)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", '{"kind": "subscribe"}', '{"kind": "heartbeat", "room": 1}']
)
def test_message_without_a_row_closes(text):
    room, _attempts = make_sitting(seats=1)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        one = socket(client)
        assert await one.connect()
        await one.say('{"kind": "heartbeat"}')
        await one.say(text)
        return await one.closing_code()

    assert run(scenario) == 4400


def test_room_is_watched_until_the_last_socket_has_gone():
    room, _attempts = make_sitting(seats=1)
    client = signed_in(make_proctor(room=room))

    async def scenario():
        watched = []
        many = [socket(client) for _ in range(2)]
        for one in many:
            await opened(one)
        await many[0].say("no row")
        await many[0].closing_code()
        watched.append(len(FEED._watched))
        await many[1].disconnect()
        return [*watched, len(FEED._watched)]

    assert run(scenario) == [1, 0]


def test_slow_reader_is_told_apart():
    async def scenario():
        listener = Listener()
        for number in range(MAX_FRAMES + 1):
            listener.offer(Frame(str(number), []))
        return [await listener.take() for _ in range(MAX_FRAMES + 1)]

    frames = run(scenario)

    assert frames[-1] is None
    assert all(frames[:-1])


def test_session_long_over_or_a_mock_is_not_watched():
    over, _ = make_sitting(seats=1, starts_at=START.replace(day=19))
    mock, _ = make_sitting(seats=1, kind="mock")
    draft = make_room(make_session())
    make_attempt(draft.session, room=draft)
    client = signed_in(make_administrator())

    async def scenario():
        one = socket(client)
        assert await one.connect()
        silent = await one.receive_nothing(0.5)
        await one.disconnect()
        return silent

    assert over.pk != mock.pk
    assert run(scenario)
