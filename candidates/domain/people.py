"""How a person is recognised: ticket numbers, ID numbers and their keyed hashes.

Pure text work and keyed hashes; owns no row and writes nothing. What is typed on
another keyboard (full-width digits, a small x, spaces) is the same number.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from exams.kernel import keys
from exams.models import Project

SUFFIX_LENGTH = 6
SHOWN_HEAD, SHOWN_TAIL, LEAST_HIDDEN = 3, 2, 6
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
ID_PATTERN = re.compile(r"[1-9][0-9]{16}[0-9X]")


def normalise(text: str) -> str:
    """Fold full-width forms, drop all white space, raise to upper case."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def normalise_ticket(text: str) -> str:
    """Return a ticket number in the one form that is stored and compared."""
    return normalise(text)


def id_suffix(text: str) -> str:
    """Return the last six characters of an ID number, or of what was typed."""
    return normalise(text)[-SUFFIX_LENGTH:]


def sign_in_hash(project: Project, ticket_number: str, suffix: str) -> str:
    """Return the keyed hash under which a candidate is found at sign-in.

    `ticket_number` and `suffix` are normalised here. One hash covers both, so that
    a wrong suffix and an unknown ticket number are the same single failed look-up.
    """
    ticket = normalise_ticket(ticket_number)
    return keys.lookup_hash(
        f"{project.pk}\0{ticket}\0{id_suffix(suffix)}", purpose="sign-in"
    )


def id_hash(id_number: str) -> str:
    """Return the keyed hash of a whole ID number, for exact look-ups."""
    return keys.lookup_hash(normalise(id_number), purpose="id-number")


def contact_hash(phone: str, email: str) -> str:
    """Return the keyed hash of phone and e-mail, by which rosters are compared."""
    return keys.lookup_hash(f"{phone}\0{email}", purpose="contact")


def mask_id_number(id_number: str) -> str:
    """Return the ID number with all but the first three and last two hidden.

    The last six are what a candidate signs in with: fewer must be readable.
    """
    hidden = len(id_number) - SHOWN_HEAD - SHOWN_TAIL
    if hidden < LEAST_HIDDEN:
        return "*" * len(id_number)
    return f"{id_number[:SHOWN_HEAD]}{'*' * hidden}{id_number[-SHOWN_TAIL:]}"


def valid_id_number(text: str) -> bool:
    """Return whether the text is a resident ID number by GB 11643.

    Eighteen characters, a real date of birth, and the right check digit.
    """
    number = normalise(text)
    if not ID_PATTERN.fullmatch(number) or not _is_date(number[6:14]):
        return False
    return check_digit(number[:-1]) == number[-1]


def check_digit(body: str) -> str:
    """Return the last character that GB 11643 gives to seventeen digits."""
    # In three pieces that a roster repeats: the place, the birth, the order.
    return CHECK_DIGITS[
        (_weighed(body[:6], 0) + _weighed(body[6:14], 6) + _weighed(body[14:], 14)) % 11
    ]


@lru_cache(maxsize=65_536)
def _weighed(digits: str, start: int) -> int:
    weights = WEIGHTS[start : start + len(digits)]
    return sum(
        int(digit) * weight for digit, weight in zip(digits, weights, strict=True)
    )


@lru_cache(maxsize=65_536)
def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
