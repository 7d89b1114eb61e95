import pytest

from candidates.domain.observations import take_observations
from candidates.models import Observation
from candidates.queries.focus import focus_state
from exams.kernel.clock import milliseconds
from exams.kernel.errors import BadInput
from tests.builders.candidates import make_lease
from tests.builders.exams import after_start, make_attempt, make_session

pytestmark = pytest.mark.django_db
AT = after_start(100)
GOOD = {
    "kind": "focus_lost",
    "stream": "",
    "from_ms": milliseconds(after_start(10)),
    "to_ms": milliseconds(after_start(12)),
    "facts": {"hidden": True},
}


def take(items):
    return take_observations(make_lease(make_attempt()), items=items, at=AT)


def test_take_observations_writes_what_was_noticed():
    taken = take([GOOD, GOOD | {"kind": "share_stopped", "to_ms": None}])

    assert taken == 2
    assert list(Observation.objects.order_by("pk").values_list("kind", "to_at")) == [
        ("focus_lost", after_start(12)),
        ("share_stopped", None),
    ]


def leave(lease, *seconds):
    spans = [
        {"from_ms": milliseconds(after_start(at)), "to_ms": milliseconds(AT)}
        for at in seconds
    ]
    take_observations(lease, items=[GOOD | span for span in spans], at=AT)


def limit_notes():
    rows = Observation.objects.filter(kind="focus_limit")
    return list(rows.values_list("from_at", "facts"))


def test_leaving_more_often_than_the_limit_is_noted_once():
    session = make_session(focus_loss="limit", focus_limit=2)
    lease = make_lease(make_attempt(session, state="entered"))

    # One report twice, as after a lost answer, is one leaving.
    leave(lease, 10, 20)
    leave(lease, 20)
    assert limit_notes() == []
    leave(lease, 30)
    leave(lease, 40)

    assert limit_notes() == [(after_start(30), {"count": 3, "limit": 2})]
    told = focus_state(lease.attempt)
    assert (told["count"], told["limit"]) == (4, 2)
    assert told["last"]["from_ms"] == milliseconds(after_start(40))


@pytest.mark.parametrize(("policy", "count"), [("log", 0), ("warn", 3)])
def test_leaving_without_a_limit_is_no_more_than_recorded(policy, count):
    session = make_session(focus_loss=policy)
    lease = make_lease(make_attempt(session, state="entered"))

    leave(lease, 10, 20, 30)

    assert limit_notes() == []
    assert focus_state(lease.attempt)["count"] == count


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "takeover"},
        {"kind": "chunk_conflict"},
        {"kind": "cheating"},
        {"stream": "kitchen"},
        {"from_ms": "now"},
        {"from_ms": None},
        {"from_ms": milliseconds(after_start(3600))},
        {"facts": {"x": 0.5}},
        {"facts": {"x": "y" * 1001}},
        {"facts": [1]},
    ],
)
def test_take_observations_bad_item_stores_none_of_them(item):
    with pytest.raises(BadInput):
        take([GOOD, GOOD | item])

    assert not Observation.objects.exists()


@pytest.mark.parametrize("items", [None, [], {}, [GOOD] * 51, ["x"]])
def test_take_observations_wrong_shape_is_refused(items):
    with pytest.raises(BadInput):
        take(items)
