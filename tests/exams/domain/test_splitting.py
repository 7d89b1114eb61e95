"""The dealing: even, within the capacities, and the same again for the same seed."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.domain.splitting import (
    Space,
    deal_people,
    deal_watchers,
    shares_of,
    shuffled,
)

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "splits.json").read_text("utf-8")
)
CAPACITIES = st.lists(st.integers(0, 40), min_size=1, max_size=8)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_is_dealt_as_written_down(vector):
    spaces = [Space(*room) for room in vector["rooms"]]

    assert deal_people(vector["people"], spaces, seed=vector["seed"]) == vector["dealt"]


@settings(max_examples=150, deadline=None)
@given(CAPACITIES, st.integers(0, 100), st.randoms(use_true_random=False))
def test_split_is_even_fits_and_repeats_whatever_the_order_of_the_list(
    capacities, number, random
):
    spaces = [Space(f"r{place}", one) for place, one in enumerate(capacities)]
    codes = [f"c{place}" for place in range(min(number, sum(capacities)))]
    mixed = random.sample(codes, len(codes))

    dealt = deal_people(codes, spaces, seed="s")

    counts = Counter(dealt.values())
    open_rooms = [
        counts[space.key] for space in spaces if counts[space.key] < space.capacity
    ]
    full = [
        space.capacity for space in spaces if counts[space.key] == space.capacity > 0
    ]
    assert all(counts[space.key] <= space.capacity for space in spaces)
    assert set(dealt) == set(codes)
    if open_rooms:
        # Nobody could be moved from a fuller room to one with a free place.
        assert max(open_rooms + full) - min(open_rooms) <= 1
    assert deal_people(mixed, spaces, seed="s") == dealt


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12))
def test_watchers_leave_nobody_without_a_room_and_no_room_without_somebody(
    people, rooms
):
    pairs = deal_watchers(
        [f"p{one}" for one in range(people)],
        [f"r{one}" for one in range(rooms)],
        seed="s",
    )

    per_person = Counter(person for person, _room in pairs)
    per_room = Counter(room for _person, room in pairs)
    assert len(set(pairs)) == len(pairs) == max(people, rooms)
    assert (len(per_person), len(per_room)) == (people, rooms)
    assert max(per_person.values()) - min(per_person.values()) <= 1
    assert max(per_room.values()) - min(per_room.values()) <= 1


def test_too_many_people_are_refused():
    with pytest.raises(ValueError):
        shares_of([Space("a", 1), Space("b", 2)], 4)


def test_every_place_is_reached_by_everybody_over_the_seeds():
    codes = ["a", "b", "c", "d"]
    firsts = Counter(shuffled(codes, seed=str(seed))[0] for seed in range(4000))

    assert set(firsts) == set(codes)
    assert all(850 < count < 1150 for count in firsts.values())
