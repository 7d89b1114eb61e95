"""How a person is recognised: ticket numbers, ID numbers and their keyed hashes.

Pure text work and keyed hashes; owns no row and writes nothing. What is typed on
another keyboard (full-width digits, a small x, spaces) is the same number.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from exams.kernel import keys
from exams.models import Project

SUFFIX_LENGTH = 6
SHOWN_HEAD, SHOWN_TAIL, LEAST_HIDDEN = 3, 2, 6
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


class Hashes(NamedTuple):
    """The keyed hashes of many people, each list in their order."""

    id_number: list[str]
    sign_in: list[str]
    contact: list[str]


def hashes_of(
    project: Project,
    *,
    tickets: Sequence[str],
    numbers: Sequence[str],
    phones: Sequence[str],
    emails: Sequence[str],
) -> Hashes:
    """Return what `id_hash`, `sign_in_hash` and `contact_hash` do, of many people."""
    numbers = list(map(normalise, numbers))
    doors = [
        f"{project.pk}\0{normalise_ticket(ticket)}\0{number[-SUFFIX_LENGTH:]}"
        for ticket, number in zip(tickets, numbers, strict=True)
    ]
    contacts = map("\0".join, zip(phones, emails, strict=True))
    return Hashes(
        keys.lookup_hashes(numbers, purpose="id-number"),
        keys.lookup_hashes(doors, purpose="sign-in"),
        keys.lookup_hashes(contacts, purpose="contact"),
    )


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


def all_valid_id_numbers(texts: Sequence[str]) -> bool:
    """Return whether each is valid and already written as it is kept."""
    return (
        all(map(ID_PATTERN.fullmatch, texts))
        # A whole number leaves one over eleven; an X counts ten.
        and all(int(text.replace("X", "A"), 13) % 11 == 1 for text in texts)
        and all(_is_date(text[6:14]) for text in texts)
    )


def check_digit(body: str) -> str:
    """Return the last character that GB 11643 gives to seventeen digits."""
    # The weights are the powers of two over eleven, and thirteen leaves two.
    return CHECK_DIGITS[2 * int(body, 13) % 11]


@lru_cache(maxsize=65_536)
def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
