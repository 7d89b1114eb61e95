"""Finding a candidate by what people say on the telephone.

Exact and prefix hits on indexed columns only: ticket number, name, last four of the
phone, attempt code. An ID number is ciphertext and is found whole, by its keyed hash.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from candidates.domain import people
from candidates.models import Candidate, Enrolment
from exams.kernel.tokens import ALPHABET
from exams.models import Project

MOST = 50
MOST_TEXT = 80
TAIL = 4
LEAST_OF_CODE = 4


@dataclass(frozen=True)
class Hit:
    """One person and the passages that lead on from them, the newest first."""

    candidate: Candidate
    enrolments: tuple[Enrolment, ...]


@dataclass(frozen=True)
class Found:
    """What a search came to; `more` when a longer text would be needed."""

    hits: tuple[Hit, ...]
    more: bool


def find(text: str, candidates: QuerySet[Candidate]) -> Found:
    """Return up to 50 of these candidates, exact hits first.

    Three queries, four when the text may be an attempt code, none for an empty one.
    """
    text = text.strip()[:MOST_TEXT]
    if not text:
        return Found((), more=False)
    wanted, exact = _conditions(text)
    rows = candidates.select_related("project").defer("id_number", "phone")
    people_ = list(rows.filter(exact).order_by("ticket_number")[: MOST + 1])
    if len(people_) <= MOST:
        # Whichever come first: to sort all that one family name finds would cost more
        # than everything else, and nobody reads on behind fifty.
        known = [person.pk for person in people_]
        rest = rows.filter(wanted).exclude(pk__in=known).order_by()
        near = rest[: MOST + 1 - len(people_)]
        people_ += sorted(near, key=lambda person: person.ticket_number)
    more, people_ = len(people_) > MOST, people_[:MOST]
    passages = _passages(person.pk for person in people_)
    hits = (Hit(person, tuple(passages[person.pk])) for person in people_)
    return Found(tuple(hits), more=more)


def narrowed(candidates: QuerySet[Candidate], text: str) -> QuerySet[Candidate]:
    """Return those of the candidates that the text finds, for a list of them."""
    text = text.strip()[:MOST_TEXT]
    return candidates.filter(_conditions(text)[0]) if text else candidates


def _conditions(text: str) -> tuple[Q, Q]:
    """Return what to look for, and what of it is an exact hit."""
    number, name = people.normalise(text), unicodedata.normalize("NFKC", text)
    if people.valid_id_number(text):
        # With its project the hash has an index.
        projects = Project.objects.values("pk")
        wanted = Q(project__in=projects, id_hash=people.id_hash(text))
        return wanted, wanted
    wanted = Q(ticket_number__startswith=number)
    exact = Q(ticket_number=number)
    if not number.isdecimal():
        wanted |= Q(name__startswith=name)
        exact |= Q(name=name)
    if len(number) == TAIL and number.isascii() and number.isdecimal():
        wanted |= Q(phone_tail=number)
        exact |= Q(phone_tail=number)
    code = name.lower()
    if len(code) >= LEAST_OF_CODE and set(code) <= set(ALPHABET):
        enrolled = Enrolment.objects.filter(attempt__code__startswith=code)
        owners = list(enrolled.values_list("candidate", flat=True)[: MOST + 1])
        # Keys, and no join: the database can then use one index per way of asking.
        wanted |= Q(pk__in=owners)
        exact |= Q(pk__in=owners)
    return wanted, exact


def _passages(candidates: Iterable[int]) -> dict[int, list[Enrolment]]:
    found: dict[int, list[Enrolment]] = defaultdict(list)
    rows = Enrolment.objects.filter(candidate__in=list(candidates))
    for row in rows.select_related("session", "attempt").order_by("-pk"):
        found[row.candidate_id].append(row)
    return found
