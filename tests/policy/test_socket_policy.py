"""Every message of the candidate's socket has its row; nobody else hears it."""

import ast
import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from channels.routing import URLRouter

from candidates.access import COOKIE
from candidates.events import attempt_topic, check_ins_topic
from candidates.inbound import heartbeat_in
from candidates.routing import websocket_urlpatterns
from exams.domain.events import publish
from exams.sockets import GuardedSocket
from helpdesk.inbound import said_in
from helpdesk.routing import websocket_urlpatterns as of_helpdesk
from proctoring.consumers import is_heartbeat
from proctoring.routing import websocket_urlpatterns as of_proctoring
from tests.architecture.source import ROOT, python_files, tree_of
from tests.builders.events import DECLARED, misshapen_events
from tests.builders.exams import START, make_attempt
from tests.builders.proctoring import headers_of
from tests.builders.sockets import ORIGIN, SocketClient, handshake
from tests.policy.personas import ACCOUNTS, EVERYBODY, LEASES
from tests.policy.socket_table import (
    EVENTS,
    FRAMES,
    GRID_FRAMES,
    GRID_INBOUND,
    HELP_FRAMES,
    HELP_INBOUND,
    INBOUND,
)
from tests.policy.world import World, become, make_accounts, make_leases

STRANGERS = ("public", "superuser")
ROUTES = (*websocket_urlpatterns, *of_proctoring, *of_helpdesk)
LISTENERS = sorted(LEASES) + list(STRANGERS)


def published(*trees: ast.AST) -> Iterator[str]:
    """Yield the event type of every `publish(topic, type, …)` in the trees."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) == "publish":
                yield _constant(node.args[1]) or ast.unparse(node.args[1])


def frames(*trees: ast.AST) -> set[str]:
    """Return the kinds of frames that consumers build."""
    return {
        _constant(value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None and _constant(key) == "kind"
    }


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) else ""


def consumers() -> list[ast.Module]:
    """Return the sockets of every floor, and what they share."""
    shared = ROOT / "exams/sockets.py"
    return [
        tree_of(path)
        for path in python_files()
        if path.stem == "consumers" or path == shared
    ]


def test_every_published_event_has_a_row():
    sources = [
        tree_of(path)
        for path in python_files("exams", "candidates", "proctoring", "helpdesk")
    ]

    found = set(published(*sources))
    assert len(found) > 10
    assert found == set(EVENTS) == set(DECLARED)


def test_every_frame_has_a_row():
    assert len(consumers()) == 4
    assert frames(*consumers()) == {*FRAMES, *GRID_FRAMES, *HELP_FRAMES}


def test_every_socket_of_the_portal_is_in_the_table():
    routes = [str(route.pattern) for route in ROUTES]
    others = [path for path in ROOT.rglob("*/routing.py") if ".venv" not in path.parts]

    assert routes == [
        "ws/attempt/",
        "ws/grid/",
        "ws/help/<slug:code>/",
        "ws/helpdesk/",
        "ws/helpdesk/requests/<slug:code>/",
    ]
    assert sorted(path.parent.name for path in others) == [
        "candidates",
        "helpdesk",
        "proctoring",
    ]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.pattern))
def test_every_socket_stands_on_the_common_guard(route):
    """The guard's own tests hold for a socket that goes around none of it."""
    consumer = route.callback.inner.consumer_class
    guards = ("__call__", "connect", "receive", "close", "start", "say", "still_holds")

    assert issubclass(consumer, GuardedSocket)
    for name in guards:
        assert getattr(consumer, name) is getattr(GuardedSocket, name), name


def test_sockets_that_one_may_open_are_bounded_per_family():
    families = {
        id(one.seats): one.most
        for one in (route.callback.inner.consumer_class for route in ROUTES)
    }

    assert list(families.values()) == [4, 4, 12]


@pytest.mark.django_db
def test_event_of_another_shape_is_found():
    publish("attempt:a", "attempt.moved", {"from": "a", "to": "b"}, at=START)
    assert misshapen_events() == []

    publish("attempt:a", "attempt.moved", {"from": "a", "name": "b"}, at=START)
    publish("attempt:a", "mole.dug", {}, at=START)

    assert [kind for kind, _ in misshapen_events()] == ["attempt.moved", "mole.dug"]


def test_events_and_frames_planted_are_found():
    planted = ast.parse(
        'publish(f"x:{y}", "mole.dug", {}, at=at)\nx = {"kind": "leak"}'
    )

    assert set(published(planted)) - set(EVENTS) == {"mole.dug"}
    assert frames(planted) - set(FRAMES) - set(GRID_FRAMES) == {"leak"}


@pytest.mark.parametrize("kind", ["heartbeat", "events", "draw", "submit", "subscribe"])
def test_only_inbound_messages_with_a_row_are_read(kind):
    text = f'{{"kind": "{kind}"}}'

    assert (heartbeat_in(text) is not None) is (kind in INBOUND)
    assert is_heartbeat(text) is (kind in GRID_INBOUND)


@pytest.mark.parametrize("kind", ["post", "read", "heartbeat", "take", "subscribe"])
def test_only_messages_of_a_conversation_with_a_row_are_read(kind):
    client_id = "00000000-0000-4000-8000-000000000001"
    told = {"kind": kind, "client_id": client_id, "text": "?", "upto": 0}

    assert (said_in(json.dumps(told)) is not None) is (kind in HELP_INBOUND)


@pytest.fixture
def people(transactional_db, clock_at_entry) -> World:
    """The leases only: a socket knows nothing else."""
    channel_layers.backends.clear()
    world, attempt = World(), make_attempt(state="checked_in")
    make_leases(
        world,
        SimpleNamespace(
            attempt=attempt, session=attempt.session, project=attempt.session.project
        ),
    )
    return world


def socket(persona: str, origin: str = ORIGIN) -> SocketClient:
    secret = "verified" if persona == "claimed" else persona
    cookies = {} if persona in STRANGERS else {COOKIE: secret}
    return SocketClient(
        URLRouter(websocket_urlpatterns),
        "/ws/attempt/?after=0",
        headers=handshake(origin=origin, **cookies),
    )


def tell(world: World) -> None:
    """Publish every event once, on all topics of the attempt `here`."""
    session = world.attempts["here"].session
    topics = (
        attempt_topic(world.attempts["here"].code),
        f"session:{session.code}",
        check_ins_topic(session.project.slug),
    )
    for type_, who in EVENTS.items():
        publish(topics[0] if who else topics[1], type_, {}, at=START)
        publish(topics[2], type_, {"mark": "staff"}, at=START)


async def heard(persona: str, attempt: str) -> set[str] | None:
    """Return the types of events that reach the persona, None without a socket.

    A last event on the persona's own `attempt` says that nothing more will come.
    """
    one = socket(persona)
    if not await one.connect():
        return None
    found: set[str] = set()
    frame = await one.frame()
    if frame["kind"] == "lease_lost":
        assert await one.closing_code() == 4401
        return {"lease_lost"}
    assert frame["kind"] == "events"
    await database_sync_to_async(publish)(
        attempt_topic(attempt), "lease.refused", {"last": True}, at=START
    )
    while True:
        for event in frame["events"]:
            if event["payload"].get("last"):
                await one.disconnect()
                return found
            assert "mark" not in event["payload"]
            found.add(event["type"])
        frame = await one.frame()


@pytest.mark.parametrize("persona", LISTENERS)
def test_event_reaches_whom_the_table_names(people, persona):
    become(persona)
    place = "neighbour" if persona == "neighbour" else "here"
    tell(people)

    expected: set[str] | None = {
        type_ for type_, who in EVENTS.items() if persona in who
    }
    if persona in STRANGERS or persona == "ended":
        expected = None
    if persona in FRAMES["lease_lost"]:
        expected = {"lease_lost"}
    assert async_to_sync(heard)(persona, people.attempts[place].code) == expected


def test_socket_from_another_origin_or_without_one_is_refused(people):
    async def scenario():
        return [
            await socket("verified", origin).connect()
            for origin in ("", "null", "https://evil.example", ORIGIN)
        ]

    assert async_to_sync(scenario)() == [False, False, False, True]


def test_message_without_a_row_closes_the_socket(people):
    async def scenario():
        codes = []
        for text in ('{"kind": "draw"}', '{"kind": "subscribe", "topic": "x"}', "[]"):
            one = socket("verified")
            assert await one.connect()
            await one.frame()
            await one.say('{"kind": "heartbeat"}')
            await one.say(text)
            codes.append(await one.closing_code())
            await one.disconnect()
        return codes

    assert async_to_sync(scenario)() == [4400, 4400, 4400]


def test_rows_name_personas_only():
    tables = (EVENTS, FRAMES, INBOUND, GRID_FRAMES, GRID_INBOUND)
    named = set().union(*(who for table in tables for who in table.values()))

    assert named - EVERYBODY == set()


def test_grid_opens_for_whom_the_table_names(people):
    """Accounts hold their roles in the session; leases and strangers hold none."""
    make_accounts(
        people,
        SimpleNamespace(
            session=people.attempts["here"].session,
            project=people.attempts["here"].session.project,
        ),
    )

    async def scenario():
        found = set()
        for persona in sorted(ACCOUNTS | LEASES | {"public"}):
            headers = headers_of(people.clients.get(persona))
            one = SocketClient(URLRouter(of_proctoring), "/ws/grid/", headers=headers)
            if await one.connect():
                found.add(persona)
                await one.disconnect()
        return found

    assert async_to_sync(scenario)() == GRID_FRAMES["tiles"]
