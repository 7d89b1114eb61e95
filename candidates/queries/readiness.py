"""Who is not ready for a session, from what is stored: mocks, phones, photos, room.

Nothing here bars anybody (R5); it tells whom to call. What a candidate's newest mock
showed counts: a weak line of an older one may be mended.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress

from django.core.cache import cache
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from candidates.enums import RecordingState
from candidates.models import Companion, Enrolment, Presence, Recording
from exams.enums import AttemptState, SessionKind, Stage
from exams.models import Session

# Half a minute of two streams of one-second pieces waited at once.
WEAK_PIECES = 60
# What is asked of a system disk in the documents is beyond a browser; four times what
# the device check needs leaves room for a whole exam (R27).
LOW_MB = 2048
# Above so many people a board is not counted for each who opens it.
LARGE = 5000
KEPT_SECONDS = 60
PROBLEMS: dict[str, Promise] = {
    "no_mock": _("No mock test taken"),
    "mock_incomplete": _("Mock recordings incomplete"),
    "weak_uplink": _("Weak uplink in the mock"),
    "low_storage": _("Little room in the browser"),
    "no_phone": _("No phone tested"),
    "no_photo": _("No photo on the roster"),
}
BITS = {name: 1 << number for number, name in enumerate(PROBLEMS)}


class Rows:
    """Who has which problem; a slice is a list of `(enrolment key, problems)`.

    As small as it is kept: the keys, and beside each a byte with a bit per problem.
    """

    def __init__(self, keys: array, bits: bytes) -> None:
        self._keys, self._bits = keys, bits

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, part: slice) -> list[tuple[int, list[str]]]:
        found = zip(self._keys[part], self._bits[part], strict=True)
        return [(key, _names(bits)) for key, bits in found]

    def with_any(self, names: Collection[str]) -> "Rows":
        """Return the rows with any of these problems."""
        wanted = sum(BITS[name] for name in names)
        # One pass in C, however many rows there are.
        picked = self._bits.translate(bytes(bool(n & wanted) for n in range(256)))
        keys = array("q", compress(self._keys, picked))
        return Rows(keys, bytes(compress(self._bits, picked)))


@dataclass(frozen=True)
class Board:
    """How many of a session are ready, and how many have each problem.

    `rows` has everybody, by ticket number; nobody in a summary. `counted_at` is None
    for a board that was counted just now.
    """

    ready: int
    total: int
    counts: dict[str, int]
    rows: Rows
    counted_at: datetime | None = None

    def chosen(self, names: Collection[str]) -> Rows:
        """Return the rows with any of these problems, all of them for none."""
        if not names:
            return self.rows
        return self.rows.with_any(PROBLEMS if "unready" in names else names)


def board_of(session: Session) -> Board:
    """Compare the session's roster with what is stored; seven queries.

    Sets in memory, not one statement: its subqueries would be run once per row as
    soon as they outgrow the database's working memory. A phone is asked for only
    where the session has the stage.
    """
    mocks = Enrolment.objects.filter(
        session__project=session.project_id,
        session__kind=SessionKind.MOCK,
        attempt__entered_at__isnull=False,
    )
    newest, of_whom = {}, {}
    for candidate, attempt in mocks.order_by("pk").values_list("candidate", "attempt"):
        newest[candidate] = attempt
        of_whom[attempt] = candidate
    recordings = _of_mocks(Recording, session)
    recorded = {*recordings.values_list("attempt", flat=True)}
    bad = Q(state__in=(RecordingState.OPEN, RecordingState.NEEDS_REVIEW))
    broken = {
        *recordings.filter(bad | Q(complete=False)).values_list("attempt", flat=True)
    }
    heard = Presence.objects.filter(attempt__session__project=session.project_id)
    weak = {
        *heard.filter(backlog_most__gte=WEAK_PIECES).values_list("attempt", flat=True)
    }
    full = {
        *heard.filter(storage_least_mb__lt=LOW_MB).values_list("attempt", flat=True)
    }
    phones = _of_mocks(Companion, session).filter(filming_at__isnull=False)
    filmed = {of_whom.get(one) for one in phones.values_list("attempt", flat=True)}
    asks_phone = Stage.COMPANION in session.stages
    keys, bits = array("q"), bytearray()
    for key, candidate, attempt, photo in enrolled(session).values_list(
        "pk", "candidate", "attempt", "candidate__photo"
    ):
        mock = newest.get(candidate)
        told = {
            "no_mock": mock is None,
            "mock_incomplete": mock is not None
            and (mock in broken or mock not in recorded),
            "weak_uplink": mock in weak,
            "low_storage": mock in full or attempt in full,
            "no_phone": asks_phone and candidate not in filmed,
            "no_photo": not photo,
        }
        keys.append(key)
        bits.append(sum(BITS[name] for name, holds in told.items() if holds))
    counts: Counter[str] = Counter()
    for alike, count in Counter(bits).items():
        counts.update(dict.fromkeys(_names(alike), count))
    shown = [name for name in PROBLEMS if asks_phone or name != "no_phone"]
    return Board(
        ready=bits.count(0),
        total=len(keys),
        counts={name: counts[name] for name in shown},
        rows=Rows(keys, bytes(bits)),
    )


def kept_board(session: Session, *, at: datetime, summary: bool = False) -> Board:
    """Return the board, for a large session as it was counted a minute ago at most.

    Seven queries or none: a session above `LARGE` is kept in the cache, and its
    `summary` by itself.
    """
    name = f"readiness:{session.pk}"
    kept = cache.get(f"{name}:summary" if summary else name)
    if kept is None:
        kept = board_of(session)
        if kept.total > LARGE:
            kept = replace(kept, counted_at=at)
            cache.set(name, kept, KEPT_SECONDS)
            without = replace(kept, rows=Rows(array("q"), b""))
            cache.set(f"{name}:summary", without, KEPT_SECONDS)
    return kept


def lines_of(
    rows: Sequence[tuple[int, list[str]]],
) -> list[tuple[Enrolment, list[str]]]:
    """Return the enrolments of these rows, in order, with their problems in words."""
    found = (
        Enrolment.objects.filter(pk__in=[key for key, _problems in rows])
        .select_related("candidate", "attempt__room")
        .defer("candidate__id_number")
        .in_bulk()
    )
    return [
        (found[key], [str(PROBLEMS[name]) for name in problems])
        for key, problems in rows
        if key in found
    ]


def enrolled(session: Session) -> QuerySet[Enrolment]:
    """Return the enrolments of a formal session that are still meant to come."""
    return (
        Enrolment.objects.filter(session=session, mock_day__isnull=True)
        .exclude(attempt__state=AttemptState.WITHDRAWN)
        .order_by("candidate__ticket_number", "pk")
    )


def _names(bits: int) -> list[str]:
    return [name for name, bit in BITS.items() if bits & bit]


def _of_mocks(model: type[Model], session: Session) -> QuerySet:
    return model._default_manager.filter(
        attempt__session__project=session.project_id,
        attempt__session__kind=SessionKind.MOCK,
    ).order_by()
