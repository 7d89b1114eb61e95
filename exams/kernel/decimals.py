"""Exact numbers: read as people type them, rounded half up, printed in full."""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from exams.kernel.errors import Fault

PLAIN = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}", re.ASCII)
MOST_DECIMALS = 40


def read_decimal(text: str) -> Decimal:
    """Return the number typed, full-width digits and points folded.

    Raises `ValueError` for anything but digits with at most one point: no sign, no
    exponent, no thousands mark that could be misread.
    """
    folded = unicodedata.normalize("NFKC", text).replace("。", ".").strip()
    if not PLAIN.fullmatch(folded):
        raise ValueError(text)
    return Decimal(folded)


def half_up(number: Fraction, decimals: int) -> Decimal:
    """Return the number rounded half up, towards +∞ at exactly one half."""
    scale = 10**decimals
    units = (number * scale + Fraction(1, 2)).__floor__()
    return Decimal(units).scaleb(-decimals)


def text_of(number: Fraction | Decimal, least: int = 2) -> str:
    """Return all decimals of a number that ends, and at least `least` of them.

    Products and sums of decimals always end; anything else is a fault.
    """
    exact, places = Fraction(number), least
    while (exact * 10**places).denominator != 1:
        places += 1
        if places > MOST_DECIMALS:
            message = f"{number} has no last decimal"
            raise Fault(message)
    return f"{half_up(exact, places):.{places}f}"
