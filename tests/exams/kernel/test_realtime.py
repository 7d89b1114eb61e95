import asyncio
import contextlib

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer

from exams.domain.events import publish
from exams.kernel import realtime
from exams.kernel.realtime import GROUP, Subscription, Tail
from exams.models import Event
from exams.queries.events import cursor_of, events_after, newest_id, news_since
from tests.builders.exams import START

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_layer"),
]
WAIT = 3.0
# Nothing comes: as long as several looks of the tail.
SILENCE = 1.0


def make_tail():
    return Tail(newest=newest_id, news=news_since, read=events_after)


def tell(topic, number=1):
    for _ in range(number):
        publish(topic, "thing.done", {"n": cursor_of(topic) + 1}, at=START)


def lose_the_bell():
    """From here on writers ring in a layer in which nobody listens, as a worker's."""
    channel_layers.backends["default"] = InMemoryChannelLayer()


tell_async = database_sync_to_async(tell)


async def next_batch(subscription, seconds=WAIT):
    return await asyncio.wait_for(anext(subscription), seconds)


async def hears_nothing(subscription):
    try:
        await next_batch(subscription, SILENCE)
    except TimeoutError:
        return True
    return False


def seqs(events):
    return [event["seq"] for event in events]


def test_tail_new_listener_gets_what_it_missed_after_its_cursor():
    tell("attempt:a", 3)

    async def scenario():
        tail = make_tail()
        subscription = tail.subscribe("attempt:a", cursor=1)
        events = await next_batch(subscription)
        await tail.unsubscribe(subscription)
        return events

    assert async_to_sync(scenario)() == [
        {"seq": 2, "type": "thing.done", "payload": {"n": 2}},
        {"seq": 3, "type": "thing.done", "payload": {"n": 3}},
    ]


def test_tail_event_without_any_ring_is_delivered_by_looking():
    async def scenario():
        tail = make_tail()
        subscription = tail.subscribe("attempt:a", cursor=0)
        await asyncio.sleep(0.5)
        lose_the_bell()
        await tell_async("attempt:a")
        events = await next_batch(subscription)
        await tail.unsubscribe(subscription)
        return events

    assert seqs(async_to_sync(scenario)()) == [1]


def test_tail_that_trusts_the_layer_loses_the_event(monkeypatch):
    monkeypatch.setenv("KAOWU_SABOTAGE", "trust_layer")

    async def scenario():
        tail = make_tail()
        subscription = tail.subscribe("attempt:a", cursor=0)
        await asyncio.sleep(0.5)
        lose_the_bell()
        await tell_async("attempt:a")
        lost = await hears_nothing(subscription)
        await tail.unsubscribe(subscription)
        return lost

    assert async_to_sync(scenario)()


def test_tail_ring_is_answered_before_the_next_look(monkeypatch):
    monkeypatch.setattr(realtime, "TICK", 60.0)
    monkeypatch.setattr(realtime, "OVERLAP_SECONDS", 600.0)

    async def scenario():
        tail = make_tail()
        subscription = tail.subscribe("attempt:a", cursor=0)
        await asyncio.sleep(0.3)
        await tell_async("attempt:a")
        events = await next_batch(subscription)
        await tail.unsubscribe(subscription)
        return events

    assert seqs(async_to_sync(scenario)()) == [1]


def test_tail_listener_of_another_topic_hears_nothing():
    async def scenario():
        tail = make_tail()
        mine = tail.subscribe("attempt:a", cursor=0)
        other = tail.subscribe("attempt:b", cursor=0)
        await tell_async("attempt:a")
        events = await next_batch(mine)
        silent = await hears_nothing(other)
        await tail.unsubscribe(mine)
        await tail.unsubscribe(other)
        return seqs(events), silent

    assert async_to_sync(scenario)() == ([1], True)


def test_tail_listeners_at_different_cursors_get_each_event_once():
    tell("attempt:a", 2)

    async def scenario():
        tail = make_tail()
        late = tail.subscribe("attempt:a", cursor=0)
        early = tail.subscribe("attempt:a", cursor=2)
        first = await next_batch(late)
        await tell_async("attempt:a")
        found = seqs(first + await next_batch(late)), seqs(await next_batch(early))
        silent = await hears_nothing(late) and await hears_nothing(early)
        await tail.unsubscribe(late)
        await tail.unsubscribe(early)
        return found, silent

    assert async_to_sync(scenario)() == (([1, 2, 3], [3]), True)


def test_tail_listener_that_comes_during_a_read_misses_nothing():
    """Another one is ahead of it, and what is read then is not read for it."""
    tell("attempt:a", 3)

    async def scenario():
        loop = asyncio.get_running_loop()
        late = []

        def read(topic, cursor):
            found = events_after(topic, cursor)
            if not late:
                late.append(None)
                come = asyncio.run_coroutine_threadsafe(subscribe_behind(), loop)
                late[:] = [come.result(WAIT)]
            return found

        async def subscribe_behind():
            return tail.subscribe("attempt:a", cursor=0)

        tail = Tail(newest=newest_id, news=news_since, read=read)
        first = tail.subscribe("attempt:a", cursor=2)
        ahead = await next_batch(first)
        behind = await next_batch(late[0])
        for subscription in (first, late[0]):
            await tail.unsubscribe(subscription)
        return ahead, behind

    ahead, behind = async_to_sync(scenario)()
    assert seqs(ahead) == [3]
    assert seqs(behind) == [1, 2, 3]


def test_tail_more_than_one_page_is_read_to_its_end():
    tell("attempt:a", 1)
    topic = Event.objects.get().topic
    Event.objects.bulk_create(
        Event(topic=topic, seq=seq, type="thing.done", payload={}, at=START)
        for seq in range(2, 1203)
    )

    async def scenario():
        tail = make_tail()
        subscription = tail.subscribe("attempt:a", cursor=0)
        found = []
        while len(found) < 1202:
            found += seqs(await next_batch(subscription))
        await tail.unsubscribe(subscription)
        return found

    assert async_to_sync(scenario)() == list(range(1, 1203))


def test_tail_runs_only_while_somebody_listens():
    async def scenario():
        tail = make_tail()
        before = tail.is_running
        subscription = tail.subscribe("attempt:a", cursor=0)
        during = tail.is_running
        await tail.unsubscribe(subscription)
        return before, during, tail.is_running

    assert async_to_sync(scenario)() == (False, True, False)


class DeafLayer(InMemoryChannelLayer):
    """Swallows the first cancellation, as a driver does on Python 3.11."""

    async def group_add(self, group, channel):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(WAIT)


def test_tail_stops_although_its_layer_swallows_a_cancellation():
    channel_layers.backends["default"] = DeafLayer()

    async def scenario():
        tail = make_tail()
        subscription = tail.subscribe("topic", cursor=0)
        await asyncio.sleep(0.1)
        async with asyncio.timeout(WAIT):
            await tail.unsubscribe(subscription)
        return len(asyncio.all_tasks())

    # This one, and the one that runs it.
    assert async_to_sync(scenario)() <= 2


def test_tail_database_away_for_a_moment_delivers_afterwards():
    class Away(Exception):
        pass

    broken = [True, True, True]

    def read(topic, cursor):
        if broken:
            broken.pop()
            raise Away
        return events_after(topic, cursor)

    tell("attempt:a")

    async def scenario():
        tail = Tail(newest=newest_id, news=news_since, read=read)
        subscription = tail.subscribe("attempt:a", cursor=0)
        events = await next_batch(subscription)
        await tail.unsubscribe(subscription)
        return events

    assert seqs(async_to_sync(scenario)()) == [1]


def test_subscription_too_slow_ends_and_resumes_by_cursor():
    async def scenario():
        subscription = Subscription("attempt:a", 0)
        for seq in range(1, 200):
            subscription.offer([{"seq": seq}])
        return [seqs(batch) async for batch in subscription]

    batches = async_to_sync(scenario)()

    assert batches == [[seq] for seq in range(1, realtime.MAX_BATCHES + 1)]


def test_ring_after_commit_reaches_the_group():
    async def scenario():
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        await tell_async("attempt:of-this-test")
        async with asyncio.timeout(WAIT):
            # On a shared Redis the other processes of the suite ring as well.
            while (message := await layer.receive(channel))["topic"] != (
                "attempt:of-this-test"
            ):
                continue
        return message

    assert async_to_sync(scenario)() == {
        "type": "doorbell.ring",
        "topic": "attempt:of-this-test",
    }


def test_ring_layer_out_of_order_does_not_harm_the_writer(settings, caplog):
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
        }
    }

    tell("attempt:a")

    assert cursor_of("attempt:a") == 1
    assert "out of order" in caplog.text
