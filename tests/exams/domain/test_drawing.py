"""The draw's arithmetic, against its vectors and a second implementation.

`SecondOpinion` is written from `docs/protocol/draw.md` alone and shares no line with
`exams.domain.drawing`.
"""

import hashlib
import hmac
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.domain import drawing
from tests.builders.tampering import changed, paths_of
from tests.builders.vectors import read_vectors

VECTORS = read_vectors("draw")


class SecondOpinion:
    """§3 to §7 of the page, in the page's own words."""

    def __init__(self, transcript):
        self.t = transcript
        self.seed = bytes.fromhex(transcript["seed"])

    def roster_digest(self):
        names = ",".join(f'"{code}"' for code in sorted(self.t["roster"]))
        text = '{"attempts":[' + names + '],"session":"' + self.t["session"] + '"}'
        return hashlib.sha256(text.encode("utf-8")).digest()

    def commitment(self):
        packet = b"kaowu/draw/1" + self.seed + self.roster_digest()
        return hashlib.sha256(packet).hexdigest()

    def auto_nonce(self, code):
        packet = b"kaowu/draw/1/auto" + bytes.fromhex(self.commitment())
        return hashlib.sha256(packet + code.encode()).hexdigest()

    def index(self, position, code, nonce, remaining):
        bits = 0 if remaining == 1 else math.floor(math.log2(remaining - 1)) + 1
        for counter in range(10_000):
            message = bytearray(b"kaowu/draw/1/index")
            message += position.to_bytes(4, "big")
            message.append(len(code))
            message += code.encode()
            message.append(len(nonce) // 2)
            message += bytes.fromhex(nonce)
            message += counter.to_bytes(4, "big")
            mac = hmac.new(self.seed, bytes(message), hashlib.sha256).hexdigest()
            leading = "".join(f"{int(digit, 16):04b}" for digit in mac)[:bits]
            value = int(leading or "0", 2)
            if value < remaining:
                return value, counter
        raise AssertionError

    def numbers(self):
        pool = set(range(1, len(self.t["roster"]) + 1))
        dealt = []
        for row in sorted(self.t["numbers"], key=lambda row: row["position"]):
            index, _ = self.index(
                row["position"], row["attempt"], row["nonce"], len(pool)
            )
            number = sorted(pool)[index]
            pool.remove(number)
            dealt.append((row["attempt"], number))
        return dealt


def make_transcript(size=12, by_hand=7, late=2):
    codes = [f"attempt{place:03d}" for place in range(size)]
    seed = hashlib.sha256(b"a seed for tests").digest()
    digest = drawing.roster_hash("session001", codes)
    committed = drawing.commitment(seed, digest)
    left, numbers = list(range(1, size + 1)), []
    pressed = sorted(codes, key=lambda code: hashlib.md5(code.encode()).hexdigest())
    rest = sorted(set(codes) - set(pressed[:by_hand]))
    for position, code in enumerate([*pressed[:by_hand], *rest], start=1):
        auto = position > by_hand
        nonce = (
            drawing.auto_nonce(committed, code)
            if auto
            else hashlib.sha256(code.encode()).hexdigest()[:32]
        )
        number = drawing.deal(seed, left, position=position, attempt=code, nonce=nonce)
        origin = "auto" if auto else "candidate"
        numbers.append(make_row(position, code, number, nonce, origin))
    behind = []
    for place in range(size + 1, size + late + 1):
        nonce = drawing.auto_nonce(committed, f"late{place}")
        behind.append(make_row(place, f"late{place}", place, nonce, "late"))
    return {
        "protocol": "kaowu/draw/1",
        "session": "session001",
        "roster": codes,
        "roster_hash": digest,
        "commitment": committed,
        "seed": seed.hex(),
        "numbers": numbers,
        "late": behind,
    }


def make_row(position, attempt, number, nonce, origin):
    return {
        "position": position,
        "attempt": attempt,
        "number": number,
        "nonce": nonce,
        "origin": origin,
    }


def test_vectors_agree_with_the_protocol_module():
    for case in VECTORS["draws"]:
        seed = bytes.fromhex(case["seed"])

        digest = drawing.roster_hash(case["session"], case["roster"])
        committed = drawing.commitment(seed, digest)

        assert (digest, committed) == (case["roster_hash"], case["commitment"])
        assert drawing.find_faults(case) == []


def test_vectors_agree_with_a_second_implementation():
    for case in VECTORS["draws"]:
        opinion = SecondOpinion(case)

        dealt = [(row["attempt"], row["number"]) for row in case["numbers"]]
        auto = [row for row in case["numbers"] if row["origin"] == "auto"]

        assert opinion.roster_digest().hex() == case["roster_hash"]
        assert opinion.commitment() == case["commitment"]
        assert opinion.numbers() == dealt
        assert all(opinion.auto_nonce(row["attempt"]) == row["nonce"] for row in auto)


def test_index_vectors_with_rejections_agree_on_both_sides():
    opinion = SecondOpinion({"seed": VECTORS["index_seed"]})
    rejected = 0

    for case in VECTORS["indexes"]:
        index = drawing.pick_index(
            bytes.fromhex(VECTORS["index_seed"]),
            position=case["position"],
            attempt=case["attempt"],
            nonce=case["nonce"],
            count=case["count"],
        )
        second = opinion.index(
            case["position"], case["attempt"], case["nonce"], case["count"]
        )
        rejected += case["counter"] > 0

        assert index == case["index"]
        assert second == (case["index"], case["counter"])
    assert rejected >= 3


def test_transcript_untouched_holds():
    assert drawing.find_faults(make_transcript()) == []


def test_transcript_with_any_single_value_changed_fails():
    transcript = make_transcript(size=40, by_hand=25, late=3)
    paths = list(paths_of(transcript))

    undetected = [
        path for path in paths if not drawing.find_faults(changed(transcript, path))
    ]

    # A candidate's nonce is mixed into a choice among few: towards the end another
    # nonce may choose the same number, and then only the signed receipt tells.
    nonces = {
        ("numbers", place, "nonce")
        for place, row in enumerate(transcript["numbers"])
        if row["origin"] == "candidate"
    }
    assert len(paths) > 200
    assert set(undetected) <= nonces
    assert len(undetected) <= 3


def test_transcript_with_one_changed_nonce_fails():
    transcript = make_transcript(size=200, by_hand=150)

    transcript["numbers"][0]["nonce"] = "0" * 32

    assert drawing.find_faults(transcript) != []


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t["numbers"].pop(),
        lambda t: t["numbers"].reverse(),
        lambda t: t["numbers"].append(t["numbers"][0]),
        lambda t: t["roster"].reverse(),
        lambda t: t["roster"].append(t["roster"][0]),
        lambda t: t.pop("late"),
        lambda t: t.update(seed=None),
        lambda t: t.update(seed=t["seed"][:-2]),
        lambda t: t.update(seed=7),
        lambda t: t.update(numbers=None),
        lambda t: t.update(roster={"a": 1}),
        lambda t: t["numbers"][0].update(nonce="zz"),
        lambda t: t["numbers"][0].update(nonce="ab" * 300),
        lambda t: t["late"][0].update(attempt=t["roster"][0]),
    ],
)
def test_transcript_damaged_fails_with_a_sentence(damage):
    transcript = make_transcript()

    damage(transcript)

    assert drawing.find_faults(transcript) != []


def test_transcript_with_rest_dealt_out_of_roster_order_fails():
    transcript = make_transcript(size=6, by_hand=0, late=0)
    seed = bytes.fromhex(transcript["seed"])
    left, rows = list(range(1, 7)), []
    for position, code in enumerate(reversed(transcript["roster"]), start=1):
        nonce = drawing.auto_nonce(transcript["commitment"], code)
        number = drawing.deal(seed, left, position=position, attempt=code, nonce=nonce)
        rows.append(make_row(position, code, number, nonce, "auto"))

    transcript["numbers"] = rows

    assert drawing.find_faults(transcript) == [
        "the rest was not dealt last and in roster order"
    ]


@given(
    seed=st.binary(min_size=32, max_size=32),
    nonces=st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_deal_of_any_nonces_is_a_permutation(seed, nonces):
    left = list(range(1, len(nonces) + 1))

    dealt = [
        drawing.deal(seed, left, position=place, attempt=f"a{place}", nonce=nonce.hex())
        for place, nonce in enumerate(nonces, start=1)
    ]

    assert left == []
    assert sorted(dealt) == list(range(1, len(nonces) + 1))


@given(
    seed=st.binary(min_size=32, max_size=32),
    position=st.integers(1, 2**32 - 1),
    count=st.integers(1, 10**6),
    nonce=st.binary(min_size=16, max_size=16),
)
@settings(max_examples=150, deadline=None)
def test_index_of_anything_is_in_range_and_agrees_with_the_second(
    seed, position, count, nonce
):
    opinion = SecondOpinion({"seed": seed.hex()})

    index = drawing.pick_index(
        seed, position=position, attempt="code", nonce=nonce.hex(), count=count
    )

    assert 0 <= index < count
    assert opinion.index(position, "code", nonce.hex(), count)[0] == index


def test_index_over_many_seeds_is_uniform():
    count, rounds = 7, 21_000
    seen = Counter(
        drawing.pick_index(
            hashlib.sha256(turn.to_bytes(4, "big")).digest(),
            position=1,
            attempt="code",
            nonce="00" * 16,
            count=count,
        )
        for turn in range(rounds)
    )

    expected = rounds / count
    chi_square = sum((seen[place] - expected) ** 2 / expected for place in range(count))

    # 6 degrees of freedom: 35.0 has a probability below 10⁻⁵.
    assert chi_square < 35.0


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0" * 32, True),
        ("0123456789abcdef" * 2, True),
        ("", False),
        ("0" * 31, False),
        ("0" * 64, False),
        ("A" * 32, False),
        ("g" * 32, False),
        ("٠" * 32, False),
    ],
)
def test_nonce_is_recognised(text, is_one):
    assert drawing.is_nonce(text) is is_one
