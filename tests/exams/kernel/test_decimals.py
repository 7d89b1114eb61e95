"""Exact numbers as people type, round and read them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.kernel.decimals import half_up, read_decimal, text_of
from exams.kernel.errors import Fault


@given(st.decimals(min_value=0, max_value=999, places=5))
def test_text_of_a_decimal_read_again_is_the_same_number(number):
    assert read_decimal(text_of(number)) == number


@pytest.mark.parametrize(
    ("number", "least", "expected"),
    [
        (Decimal("1.000"), 0, "1"),
        (Decimal("1.500"), 0, "1.5"),
        (Decimal(20), 2, "20.00"),
        (Decimal("0.00001"), 2, "0.00001"),
    ],
)
def test_text_of_prints_all_decimals_and_no_more(number, least, expected):
    assert text_of(number, least) == expected


def test_text_of_a_number_without_end_is_a_fault():
    with pytest.raises(Fault):
        text_of(Fraction(1, 3))


def test_half_up_at_the_half_goes_up():
    assert half_up(Fraction(5, 1000), 2) == Decimal("0.01")


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", "1..2", "x", "1_000", "٣"])
def test_read_decimal_of_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        read_decimal(text)
