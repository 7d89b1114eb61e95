import pytest

from candidates.domain.observations import take_observations
from candidates.models import Observation
from exams.kernel.clock import milliseconds
from exams.kernel.errors import BadInput
from tests.builders.candidates import make_lease
from tests.builders.exams import after_start, make_attempt

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
