"""The arithmetic of results: exact, order-free, recomputable by hand."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.domain.aggregate import (
    Raw,
    Rule,
    TooFewSheets,
    UnevenSheet,
    aggregate,
    balance,
    total_of,
)
from exams.kernel.decimals import half_up

ONE = (Decimal(1),)
MARK = st.decimals(min_value=0, max_value=50, places=2)
PANEL = st.lists(st.tuples(MARK, MARK, MARK), min_size=3, max_size=9)


def rule(trim=1, weights=ONE, decimals=2):
    return Rule(highest=trim, lowest=trim, weights=weights, decimals=decimals)


def panel(*totals):
    return [(Decimal(total),) for total in totals]


def test_aggregate_with_seven_examiners_drops_one_each_side_and_shows_working():
    sheets = panel("83.40", "81.90", "84.10", "88.20", "82.75", "79.30", "83.00")

    outcome = aggregate(sheets, rule())

    assert outcome.value == Decimal("83.03")
    assert outcome.working == {
        "rule": {
            "highest": "1",
            "lowest": "1",
            "decimals": "2",
            "rounding": "half_up",
            "weights": ["1"],
        },
        "sheets": [
            {"number": "1", "marks": ["79.30"], "total": "79.30", "use": "lowest"},
            {"number": "2", "marks": ["81.90"], "total": "81.90", "use": "counted"},
            {"number": "3", "marks": ["82.75"], "total": "82.75", "use": "counted"},
            {"number": "4", "marks": ["83.00"], "total": "83.00", "use": "counted"},
            {"number": "5", "marks": ["83.40"], "total": "83.40", "use": "counted"},
            {"number": "6", "marks": ["84.10"], "total": "84.10", "use": "counted"},
            {"number": "7", "marks": ["88.20"], "total": "88.20", "use": "highest"},
        ],
        "kept": ["81.90", "82.75", "83.00", "83.40", "84.10"],
        "sum": "415.15",
        "count": "5",
        "value": "83.03",
    }


def test_aggregate_with_tied_extremes_drops_only_one_of_each():
    outcome = aggregate(panel("90", "90", "80", "70", "70"), rule())

    assert outcome.working["kept"] == ["70.00", "80.00", "90.00"]
    assert outcome.value == Decimal("80.00")


@pytest.mark.parametrize(
    ("totals", "decimals", "expected"),
    [
        (("0.01", "0.02"), 2, "0.02"),
        (("0.02", "0.03"), 2, "0.03"),
        (("82.705", "82.705"), 2, "82.71"),
        (("1", "2", "2"), 4, "1.6667"),
        (("0.5", "0.5"), 0, "1"),
    ],
)
def test_aggregate_at_the_half_rounds_up(totals, decimals, expected):
    outcome = aggregate(panel(*totals), rule(trim=0, decimals=decimals))

    assert (outcome.value, outcome.working["value"]) == (Decimal(expected), expected)


def test_aggregate_with_weights_multiplies_each_criterion():
    weights = (Decimal("0.333"), Decimal("0.667"))

    outcome = aggregate([(Decimal("50.01"), Decimal("40.05"))], rule(0, weights))

    assert outcome.working["sheets"][0]["total"] == "43.36668"
    assert outcome.value == Decimal("43.37")


def test_aggregate_with_a_panel_that_trimming_would_empty_refuses():
    with pytest.raises(TooFewSheets) as refused:
        aggregate(panel("80", "81"), rule())

    assert refused.value.facts == {"sheets": 2, "needed": 3}


def test_aggregate_with_a_missing_mark_is_a_fault():
    with pytest.raises(UnevenSheet):
        aggregate([()], rule(trim=0))


@given(sheets=PANEL, data=st.data())
def test_aggregate_in_any_order_gives_the_same_outcome(sheets, data):
    weights = (Decimal(1), Decimal("0.5"), Decimal("1.125"))
    shuffled = data.draw(st.permutations(sheets))

    outcome = aggregate(shuffled, rule(weights=weights))

    assert outcome == aggregate(sheets, rule(weights=weights))


@given(sheets=PANEL)
def test_aggregate_agrees_with_a_long_hand_computation(sheets):
    weights = (Decimal(1), Decimal("0.5"), Decimal("1.125"))
    totals = [sum(m * w for m, w in zip(s, weights, strict=True)) for s in sheets]
    totals.remove(max(totals))
    totals.remove(min(totals))
    mean = Fraction(sum(totals)) / len(totals)

    value = aggregate(sheets, rule(weights=weights)).value

    assert Fraction(value) - mean <= Fraction(1, 200)
    assert mean - Fraction(value) < Fraction(1, 200)


@given(sheets=PANEL)
def test_aggregate_working_recomputed_from_its_text_gives_the_value(sheets):
    working = aggregate(sheets, rule(weights=(Decimal(1),) * 3, decimals=2)).working

    kept = [
        sum(Decimal(mark) for mark in sheet["marks"])
        for sheet in working["sheets"]
        if sheet["use"] == "counted"
    ]
    again = (sum(kept) * 10**6 / len(kept)) / 10**6

    assert [f"{total:.2f}" for total in kept] == working["kept"]
    assert f"{sum(kept):.2f}" == working["sum"]
    assert str(again.quantize(Decimal("0.01"), ROUND_HALF_UP)) == working["value"]


@given(sheets=PANEL, mark=MARK)
def test_aggregate_when_one_mark_rises_never_falls(sheets, mark):
    weights = rule(weights=(Decimal(1),) * 3)
    raised = [(max(sheets[0][0], mark), *sheets[0][1:]), *sheets[1:]]

    assert aggregate(raised, weights).value >= aggregate(sheets, weights).value


def test_balance_multiplies_by_the_means_exactly_and_leaves_out_what_is_void():
    raws = {
        1: Raw("east", Decimal("80.00"), counts=True),
        2: Raw("east", Decimal("70.01"), counts=True),
        3: Raw("west", Decimal("90.00"), counts=True),
        4: Raw("west", Decimal("10.00"), counts=False),
        5: Raw("void", Decimal("55.50"), counts=False),
        6: Raw("nought", Decimal("0.00"), counts=True),
    }

    found = balance(raws, 2)

    # The session: 240.01 ÷ 4; east: 150.01 ÷ 2; west: 90 ÷ 1.
    exact = Fraction(24001, 400) / Fraction(15001, 200)
    assert [str(found[key].value) for key in raws] == [
        str(half_up(80 * exact, 2)),
        "56.01",
        "60.00",
        "6.67",
        "55.50",
        "0.00",
    ]
    assert found[1].working == {
        "rule": "mean_ratio",
        "raw": "80.00",
        "session": {"sum": "240.01", "count": "4"},
        "room": {"sum": "150.01", "count": "2"},
        "factor": "0.799980",
    }
    assert found[5].working["factor"] == found[6].working["factor"] == "1.000000"


def test_total_of_is_an_exact_fraction():
    total = total_of((Decimal("0.10"), Decimal("0.20")), rule(weights=ONE * 2))

    assert total == Fraction(3, 10)
