"""What all sockets share, on a socket that tells one topic to one of the staff."""

import asyncio
import logging
from collections import Counter
from typing import NamedTuple

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.sessions import CookieMiddleware
from django.db import OperationalError

from exams.domain.events import publish
from exams.live import TAIL
from exams.models import Staff
from exams.sockets import MAX_MESSAGES, GuardedSocket, Meter, TopicSocket
from tests.builders.exams import START, make_staff
from tests.builders.sockets import HOST, SocketClient, handshake, is_open, opened

pytestmark = pytest.mark.django_db(transaction=True)
TOPIC = "board:mine"


class Reader(NamedTuple):
    who: str
    staff: Staff


class Board(TopicSocket):
    """Tells the board to active staff; takes "hello", and loses whoever is renamed."""

    seats = Counter()
    most = 2
    newest = None

    def right(self):
        staff = Staff.objects.filter(username=self.jar.get("name", "")).first()
        return Reader(staff.username, staff) if staff else None

    def stands(self, right):
        return right.staff.is_active

    async def begin(self):
        type(self).newest = self
        await self.follow(TOPIC)

    async def hear(self, text):
        if text != "hello":
            await super().hear(text)


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch, fresh_layer):
    monkeypatch.setattr("exams.sockets.CHECK_SECONDS", 0.05)
    yield
    assert Board.seats == Counter()
    assert not TAIL.is_running


@pytest.fixture
def reader():
    return make_staff(username="li", password=None)


def socket(name="li", *, kind=Board, query="", send=None, **origin):
    """A browser of this name; `send(send, message)` is how it takes what comes."""
    application = CookieMiddleware(kind.as_asgi())

    async def taking(scope, receive, queue):
        await application(scope, receive, lambda message: send(queue, message))

    return SocketClient(
        taking if send else application,
        f"/ws/board/{query}",
        headers=handshake(name=name, **origin),
    )


def tell(number=1):
    publish(TOPIC, "stage.finished", {"stage": f"s{number}"}, at=START)


def run(scenario):
    return async_to_sync(scenario)()


opens = async_to_sync(is_open)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        f"https://{HOST}.evil.example",
        f"https://{HOST}:8443",
        "https://[",
    ],
)
def test_foreign_origin_is_refused(reader, origin):
    assert opens(socket())
    assert not opens(socket(origin=origin))


def test_nobody_without_a_right_is_let_in(reader):
    assert not opens(socket("wang"))


def test_right_that_does_not_stand_is_lost_at_once_and_takes_no_seat(reader):
    Staff.objects.update(is_active=False)

    async def scenario():
        one = socket()
        assert await one.connect()
        return Board.seats.total(), await one.closing_code()

    assert run(scenario) == (0, 4401)


def test_seats_of_one_person_are_bounded_and_given_back(reader):
    make_staff(username="wang", password=None)

    async def scenario():
        many = [socket() for _ in range(Board.most)]
        for one in many:
            await opened(one)
        extra, other = socket(), socket("wang")
        assert await extra.connect()
        code = await extra.closing_code()
        await opened(other)
        await many.pop().disconnect()
        again = socket()
        await opened(again)
        taken = dict(Board.seats)
        for one in [*many, other, again]:
            await one.disconnect()
        return code, taken

    assert run(scenario) == (4429, {"li": 2, "wang": 1})


def test_seats_of_another_family_are_its_own(reader):
    class Other(Board):
        seats = Counter()

    async def scenario():
        full = [socket() for _ in range(Board.most)]
        for one in full:
            await opened(one)
        found = await opened(there := socket(kind=Other))
        for one in [*full, there]:
            await one.disconnect()
        return found["kind"]

    assert run(scenario) == "events"
    assert Other.seats == Counter()


def test_seat_is_given_back_when_the_socket_cannot_begin(reader):
    class Broken(Board):
        async def begin(self):
            await super().begin()
            raise OperationalError

    async def scenario():
        one = socket(kind=Broken)
        await opened(one)
        with pytest.raises(OperationalError):
            await one.wait()

    run(scenario)


def test_seat_is_given_back_when_the_server_cuts_the_socket(reader):
    async def scenario():
        one = socket()
        await opened(one)
        one.future.cancel()
        await asyncio.wait([one.future])

    run(scenario)


def test_the_31st_message_closes(reader):
    async def scenario():
        one = socket()
        await opened(one)
        for _ in range(MAX_MESSAGES):
            await one.say("hello")
        quiet = await one.receive_nothing(0.3)
        await one.say("hello")
        return quiet, await one.closing_code()

    assert run(scenario) == (True, 4429)


def test_meter_forgets_after_ten_seconds():
    meter = Meter()

    assert not any(meter.is_over(second / 10) for second in range(30))
    assert meter.is_over(9.9)
    assert not meter.is_over(10.5)


def test_meter_bears_a_steady_page():
    meter = Meter()

    assert not any(meter.is_over(turn * 0.34) for turn in range(100))


@pytest.mark.parametrize("message", [{"text": "moo"}, {"text": ""}, {"data": b"hello"}])
def test_message_outside_the_table_closes_and_what_follows_is_not_heard(
    reader, message
):
    async def scenario():
        one = socket()
        await opened(one)
        await one.say(**message)
        await one.say("moo")
        return await one.closing_code()

    assert run(scenario) == 4400


@pytest.mark.parametrize("change", [{"username": "gone"}, {"is_active": False}])
def test_right_that_is_lost_closes(reader, change):
    async def scenario():
        one = socket()
        await opened(one)
        quiet = await one.receive_nothing(0.3)
        await database_sync_to_async(Staff.objects.update)(**change)
        return quiet, await one.closing_code()

    assert run(scenario) == (True, 4401)


def test_look_that_the_database_cannot_answer_is_taken_again(reader):
    away = [False, True, True]

    class Patient(Board):
        def right(self):
            if away and away.pop(0):
                raise OperationalError
            return super().right()

    async def scenario():
        one = socket(kind=Patient)
        await opened(one)
        quiet = await one.receive_nothing(0.5)
        await database_sync_to_async(Staff.objects.update)(is_active=False)
        return quiet, await one.closing_code()

    assert run(scenario) == (True, 4401)
    assert away == []


def test_socket_whose_work_fails_is_closed_so_that_the_page_comes_back(reader):
    class Careless(Board):
        async def renewed(self):
            raise KeyError("renewed")

    async def scenario():
        one = socket(kind=Careless)
        await opened(one)
        return await one.closing_code()

    assert run(scenario) == 1011


@pytest.mark.parametrize("reads", [0, 1])
def test_reader_that_never_reads_is_closed(reader, monkeypatch, reads):
    """From its first frame on, or once it has seen the cursor."""
    monkeypatch.setattr("exams.sockets.SEND_SECONDS", 0.1)
    sent = []

    async def stops_reading(send, message):
        sent.append(message["type"])
        if message["type"] == "websocket.send" and sent.count("websocket.send") > reads:
            await asyncio.Event().wait()
        await send(message)

    async def scenario():
        one = socket(send=stops_reading)
        assert await one.connect()
        await database_sync_to_async(tell)()
        return await one.closing_code()

    assert run(scenario) == 4408
    assert sent.count("websocket.close") == 1


def test_reader_too_far_behind_is_closed(reader):
    async def scenario():
        one = socket()
        await opened(one)
        (subscription,) = Board.newest.subscriptions
        for number in range(1, 70):
            subscription.offer([{"seq": number, "type": "stage.finished"}])
        return await one.closing_code()

    assert run(scenario) == 4408


def test_browser_that_has_gone_is_no_fault(reader, caplog):
    gone = []

    async def vanishing(send, message):
        if gone and message["type"] != "websocket.accept":
            raise ConnectionResetError
        await send(message)

    async def scenario():
        one = socket(send=vanishing)
        await opened(one)
        gone.append(True)
        await database_sync_to_async(tell)()
        quiet = await one.receive_nothing(0.8)
        await one.disconnect()
        return quiet

    with caplog.at_level(logging.WARNING):
        assert run(scenario)
    assert [one.message for one in caplog.records if "socket" in one.name] == []


@pytest.mark.parametrize(
    ("query", "seqs"), [("", [4]), ("?after=", [4]), ("?after=1", [2, 3, 4])]
)
def test_cursor_says_what_was_missed(reader, query, seqs):
    for number in range(3):
        tell(number)

    async def scenario():
        one = socket(query=query)
        first = await opened(one)
        await database_sync_to_async(tell)()
        found = []
        while found[-1:] != [4]:
            found += [event["seq"] for event in (await one.frame())["events"]]
        await one.disconnect()
        return first, found

    first, found = run(scenario)

    assert first == {"kind": "events", "events": [], "cursor": seqs[0] - 1}
    assert found == seqs


def test_cursor_from_the_future_is_the_newest(reader):
    tell()

    async def scenario():
        one = socket(query="?after=999")
        first = await opened(one)
        await one.disconnect()
        return first["cursor"]

    assert run(scenario) == 1


@pytest.mark.parametrize("after", ["x", "-1", "1e3", "9" * 16, "%D9%A1"])
def test_nonsense_cursor_closes(reader, after):
    async def scenario():
        one = socket(query=f"?after={after}")
        assert await one.connect()
        return await one.closing_code()

    assert run(scenario) == 4400


def test_several_topics_begin_now_whatever_the_cursor(reader):
    tell()

    class Two(Board):
        async def begin(self):
            await self.follow(TOPIC, "board:other")

    async def scenario():
        one = socket(kind=Two, query="?after=0")
        frames = [await opened(one), await one.frame()]
        quiet = await one.receive_nothing(0.5)
        await one.disconnect()
        return [frame["cursor"] for frame in frames], quiet

    assert run(scenario) == ([1, 0], True)


def test_socket_by_itself_stands_on_nothing():
    with pytest.raises(NotImplementedError):
        GuardedSocket().right()
    with pytest.raises(NotImplementedError):
        async_to_sync(GuardedSocket().begin)()
