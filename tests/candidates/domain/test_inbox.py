import pytest

from candidates.domain.inbox import acknowledge, deliver, deliver_to_all, mark_read
from candidates.models import InboxItem
from candidates.queries.inbox import item_of, items_of, unread_count
from exams.kernel.errors import BadInput, NotFound
from exams.models import Event
from tests.builders.events import misshapen_events
from tests.builders.exams import after_start, make_attempt, make_session

pytestmark = pytest.mark.django_db
AT = after_start(60)


def test_delivered_message_is_told_and_waits_to_be_read():
    attempt = make_attempt()

    item = deliver(attempt, kind="message", title=" Look here ", body="…", at=AT)

    (told,) = items_of(attempt)
    event = Event.objects.get(type="inbox.delivered")
    assert (told["code"], told["title"], told["read_ms"]) == (
        item.code,
        "Look here",
        None,
    )
    assert event.topic.name == f"attempt:{attempt.code}"
    assert unread_count(attempt) == 1
    assert misshapen_events() == []


def test_message_to_many_reaches_each_of_them_once():
    session = make_session()
    attempts = [make_attempt(session) for _ in range(5)]
    bystander = make_attempt(session)

    deliver_to_all(attempts, kind="announcement", title="Later", at=AT)

    assert [len(items_of(one)) for one in attempts] == [1] * 5
    assert items_of(bystander) == []


def test_first_reading_is_kept():
    item = deliver(make_attempt(), kind="message", title="t", at=AT)

    mark_read(item, at=after_start(70))
    mark_read(item, at=after_start(80))

    assert item.read_at == after_start(70)
    assert unread_count(item.attempt) == 0


def test_warning_waits_until_it_is_acknowledged_and_keeps_when():
    item = deliver(
        make_attempt(), kind="warning", title="t", at=AT, must_acknowledge=True
    )
    mark_read(item, at=after_start(65))
    waiting = unread_count(item.attempt)

    acknowledge(item, at=after_start(70))
    acknowledge(item, at=after_start(80))

    assert (waiting, unread_count(item.attempt)) == (1, 0)
    assert (item.read_at, item.acknowledged_at) == (after_start(65), after_start(70))
    assert Event.objects.filter(type="inbox.acknowledged").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "  "},
        {"title": "x" * 201},
        {"body": "x" * 4001},
        {"kind": "gossip"},
        {"link": "https://elsewhere.example/"},
    ],
)
def test_message_of_a_wrong_shape_is_refused_and_nothing_is_delivered(wrong):
    with pytest.raises(BadInput):
        deliver(make_attempt(), **{"kind": "message", "title": "t", "at": AT} | wrong)

    assert InboxItem.objects.count() == 0


def test_message_that_asks_nothing_cannot_be_acknowledged():
    item = deliver(make_attempt(), kind="message", title="t", at=AT)

    with pytest.raises(BadInput):
        acknowledge(item, at=AT)


def test_message_of_somebody_else_does_not_exist():
    item = deliver(make_attempt(), kind="message", title="t", at=AT)

    with pytest.raises(NotFound):
        item_of(make_attempt(item.attempt.session), code=item.code)
