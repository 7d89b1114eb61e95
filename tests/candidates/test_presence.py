"""Presence: the board of a process, its rows, and what a page may tell."""

import asyncio
import json

import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers
from channels.routing import URLRouter

from candidates.access import COOKIE
from candidates.domain.presence import Heard, keep_presence
from candidates.inbound import FACTS, MAX_TEXT, heartbeat_in
from candidates.models import Presence
from candidates.presence import BOARD, Board
from candidates.routing import websocket_urlpatterns
from tests.builders.candidates import make_lease
from tests.builders.exams import after_start, make_attempt
from tests.builders.presence import facts_told
from tests.builders.sockets import SocketClient


def beat(**changes):
    return json.dumps({"kind": "heartbeat", "cursor": 0, "facts": changes})


def test_heartbeat_with_facts_and_one_of_an_older_page_are_read():
    told = facts_told()

    assert heartbeat_in(beat(**told)).facts == told
    assert heartbeat_in('{"kind": "heartbeat", "cursor": 3}').facts == {}
    assert len(beat(**told)) < MAX_TEXT // 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stage", "toilet"),
        ("phase", 3),
        ("backlog_chunks", -1),
        ("backlog_chunks", True),
        ("backlog_bytes", 1.5),
        ("backlog_bytes", 10**12 + 1),
        ("online", 1),
        ("visible", None),
        ("focused", "yes"),
        ("level", 21),
        ("storage_free_mb", "9"),
        ("recording", "camera"),
        ("recording", ["camera", "kitchen"]),
        ("recording", ["camera"] * 9),
        ("recording", [["camera"]]),
    ],
)
def test_malformed_fact_is_refused(name, value):
    assert heartbeat_in(beat(**(facts_told() | {name: value}))) is None


@pytest.mark.parametrize("facts", [[], "x", {}, {"name": "Li"}])
def test_facts_of_another_shape_are_refused(facts):
    assert heartbeat_in(json.dumps({"kind": "heartbeat", "facts": facts})) is None


@pytest.mark.parametrize("missing", sorted(FACTS))
def test_facts_with_a_key_missing_or_one_more_are_refused(missing):
    told = facts_told()
    assert heartbeat_in(beat(**told, more=1)) is None
    told.pop(missing)

    assert heartbeat_in(beat(**told)) is None


@pytest.mark.django_db
def test_row_is_written_at_most_every_ten_seconds():
    one, other = make_attempt(), make_attempt()
    first = {
        one.code: Heard(after_start(0), {"level": 1}),
        other.code: Heard(after_start(5), {}),
        "nobody": Heard(after_start(5), {}),
    }
    assert keep_presence(first) == set()

    young = keep_presence({one.code: Heard(after_start(9), {"level": 2})})
    assert young == {one.code}
    assert Presence.objects.get(attempt=one).facts == {"level": 1}

    assert keep_presence({one.code: Heard(after_start(10), {"level": 3})}) == set()
    assert Presence.objects.get(attempt=one).facts == {"level": 3}
    assert Presence.objects.count() == 2


@pytest.mark.django_db
def test_presence_of_many_is_kept_in_few_statements(django_assert_max_num_queries):
    heard = {make_attempt().code: Heard(after_start(0), {}) for _ in range(30)}

    with django_assert_max_num_queries(6):
        keep_presence(heard)

    assert Presence.objects.count() == 30


def test_board_keeps_the_newest_of_those_heard_last(monkeypatch):
    monkeypatch.setattr("candidates.presence.MAX_HEARD", 2)
    stored = []

    def keep(heard):
        stored.append({code: one.facts for code, one in heard.items()})
        return set()

    async def scenario():
        board = Board(keep=keep)
        board.heard("a", {"level": 1}, at=after_start(5))
        board.heard("b", {"level": 2}, at=after_start(5))
        board.heard("b", {"level": 9}, at=after_start(4))
        board.heard("c", {}, at=after_start(6))
        await board.keep()
        return board

    board = async_to_sync(scenario)()

    assert board.newest("a") is None  # the longest silent one made room
    assert board.newest("b") == (after_start(5), {"level": 2})
    assert stored[0] == {"b": {"level": 2}, "c": {}}


def test_board_asks_again_for_what_could_not_be_kept():
    asked = []

    def keep(heard):
        asked.append(set(heard))
        if len(asked) == 1:
            raise OSError
        return {"a"} if len(asked) == 2 else set()

    async def scenario():
        board = Board(keep=keep)
        board._keep_running = lambda: None
        board.heard("a", {}, at=after_start(0))
        for _ in range(4):
            await board.keep()

    async_to_sync(scenario)()

    assert asked == [{"a"}, {"a"}, {"a"}]


@pytest.mark.django_db(transaction=True)
def test_heartbeat_of_the_active_browser_becomes_a_row_with_its_epoch():
    channel_layers.backends.clear()
    lease = make_lease(token="mine", epoch=4)
    make_lease(
        lease.attempt, token="waiting", state="waiting", epoch=None, level="claimed"
    )

    async def scenario():
        for token, level in (("mine", 7), ("waiting", 9)):
            headers = [
                (b"host", b"exam.example"),
                (b"origin", b"https://exam.example"),
                (b"cookie", f"{COOKIE}={token}".encode()),
            ]
            one = SocketClient(
                URLRouter(websocket_urlpatterns), "/ws/attempt/", headers=headers
            )
            assert await one.connect()
            await one.frame()
            await one.say(beat(**facts_told(level=level)))
            await asyncio.sleep(0.1)
            await one.disconnect()
        await BOARD.keep()

    async_to_sync(scenario)()

    row = Presence.objects.get()
    assert row.attempt == lease.attempt
    assert row.facts == {**facts_told(level=7), "epoch": 4}
