"""Results as they are read: by the candidate once released, by staff before."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from exams.enums import AttemptState, SheetState
from exams.models import Attempt, Exclusion, Result, Session
from exams.queries.examiner import number_text
from exams.queries.panels import panels_of
from exams.queries.voids import void_attempts, void_of

DONE = (AttemptState.MARKED, AttemptState.ABSENT, AttemptState.WITHDRAWN)
USES = {
    "counted": pgettext_lazy("mark", "counted"),
    "highest": gettext_lazy("highest, dropped"),
    "lowest": gettext_lazy("lowest, dropped"),
}


@dataclass(frozen=True)
class SheetLine:
    """One panel member's total, numbered by size, never by examiner."""

    number: int
    total: str
    use: str
    use_label: str
    terms: str


@dataclass(frozen=True)
class Rank:
    """The place among those who are ranked together: equal values share one."""

    place: int
    of: int


@dataclass(frozen=True)
class Line:
    """One attempt in the list that officials and administrators read.

    `value` stays when the score is cancelled; `total` and `rank` are empty then.
    `raw` is the value before rooms were balanced, `factor` empty where they were not.
    """

    code: str
    number: str
    value: str
    total: str
    rank: Rank | None
    is_void: bool
    raw: str
    factor: str


@dataclass(frozen=True)
class Balance:
    """How a result was balanced between rooms, as text to repeat by hand (S4)."""

    factor: str
    terms: str


@dataclass(frozen=True)
class ReleasedResult:
    """A released result with its working, line by line (S1, S5).

    `raw` is the value before rooms were balanced: `value` itself where they were not.
    """

    value: str
    raw: str
    balance: Balance | None
    rule: tuple[str, ...]
    sheets: tuple[SheetLine, ...]
    sum_text: str
    mean_text: str
    count: int
    working: dict
    released_at: datetime
    rank: Rank | None


@dataclass(frozen=True)
class Unready:
    """An attempt that still keeps its session from being released."""

    number: str
    code: str
    state: str
    sheets: int
    expected: int


def released_result(attempt: Attempt) -> ReleasedResult | None:
    """Return the attempt's result once it is released, else `None`.

    A cancelled score has no result for as long as it is cancelled.
    """
    result = (
        Result.objects.filter(attempt=attempt, released_at__isnull=False)
        .select_related("attempt__session")
        .first()
    )
    if result is None or void_of(attempt):
        return None
    working = result.working
    weights = working["rule"]["weights"]
    return ReleasedResult(
        value=working["value"],
        raw=_raw(working),
        balance=_balance(working),
        rule=tuple(_rule_words(working)),
        sheets=tuple(_line(sheet, weights) for sheet in working["sheets"]),
        sum_text=f"{' + '.join(working['kept'])} = {working['sum']}",
        mean_text=f"{working['sum']} ÷ {working['count']}",
        count=int(working["count"]),
        working=working,
        released_at=result.released_at,
        rank=rank_of(result),
    )


def working_lines(working: dict) -> list[str]:
    """Return the arithmetic of a result line by line; none of an older shape."""
    if not {"rule", "sheets", "kept", "sum", "count", "value"} <= working.keys():
        return []
    weights = working["rule"]["weights"]
    sheets = [_line(sheet, weights) for sheet in working["sheets"]]
    return [
        *_rule_words(working),
        *(
            f"{one.number}. {one.terms} = {one.total} ({one.use_label})"
            for one in sheets
        ),
        f"{' + '.join(working['kept'])} = {working['sum']}",
        f"{working['sum']} ÷ {working['count']} → {_raw(working)}",
        *(
            f"{balance.terms} → {working['value']} (≈ × {balance.factor})"
            for balance in [_balance(working)]
            if balance
        ),
    ]


def ranks_of(session: Session) -> dict[int, Rank]:
    """Return `{attempt: rank}` of the released results that are not cancelled.

    Ranked within `ranking_group`; equal values share the better place and the next
    one is left out (1, 2, 2, 4). Read anew each time, so that a cancelled score moves
    everybody behind it at once and a restored one moves them back.
    """
    rows = _ranked(session).order_by("attempt__ranking_group", "-value", "pk")
    found: dict[int, Rank] = {}
    for _group, members in groupby(rows, key=lambda row: row.attempt.ranking_group):
        listed, place = list(members), 0
        for index, row in enumerate(listed):
            if index == 0 or row.value != listed[index - 1].value:
                place = index + 1
            found[row.attempt_id] = Rank(place=place, of=len(listed))
    return found


def rank_of(result: Result) -> Rank:
    """Return one released result's rank, by the rule of `ranks_of`, in one query."""
    attempt = result.attempt
    counted = (
        _ranked(attempt.session)
        .filter(attempt__ranking_group=attempt.ranking_group)
        .aggregate(of=Count("pk"), better=Count("pk", filter=Q(value__gt=result.value)))
    )
    return Rank(place=counted["better"] + 1, of=counted["of"])


def _ranked(session: Session) -> QuerySet[Result]:
    return (
        Result.objects.filter(attempt__session=session, released_at__isnull=False)
        .exclude(attempt__in=void_attempts())
        .select_related("attempt")
    )


def session_lines(session: Session) -> list[Line]:
    """Return every computed result of the session, cancelled ones with their marks."""
    ranks = ranks_of(session)
    void = set(void_attempts().filter(session=session).values_list("pk", flat=True))
    results = (
        Result.objects.filter(attempt__session=session)
        .select_related("attempt__drawn_number")
        .order_by("attempt__drawn_number__number", "attempt")
    )
    return [
        _list_line(row, ranks.get(row.attempt_id), is_void=row.attempt_id in void)
        for row in results
    ]


def line_of(attempt: Attempt) -> Line | None:
    """Return the attempt's line of `session_lines`, `None` before it is computed."""
    row = Result.objects.filter(attempt=attempt).select_related("attempt").first()
    if row is None:
        return None
    is_void = void_of(attempt) is not None
    rank = rank_of(row) if row.released_at and not is_void else None
    return _list_line(row, rank, is_void=is_void)


def _list_line(result: Result, rank: Rank | None, *, is_void: bool) -> Line:
    value, balance = result.working["value"], _balance(result.working)
    return Line(
        code=result.attempt.code,
        number=drawn_text(result.attempt),
        value=value,
        total="" if is_void else value,
        rank=rank,
        is_void=is_void,
        raw=_raw(result.working),
        factor=balance.factor if balance else "",
    )


def drawn_text(attempt: Attempt) -> str:
    """Return the attempt's sequence number, empty before the draw."""
    drawn = getattr(attempt, "drawn_number", None)
    return number_text(drawn.number) if drawn else ""


_EXCLUDED = Q(
    Exists(
        Exclusion.objects.filter(
            attempt=OuterRef("pk"), staff=OuterRef("sheets__examiner")
        )
    )
)


def unready_attempts(session: Session) -> list[Unready]:
    """Return what is missing before the session can be released.

    Each with the sheets that are locked and count, and how many the panel owes.
    """
    attempts = (
        session.attempts.exclude(state__in=DONE)
        .exclude(pk__in=void_attempts())
        .annotate(
            locked=Count(
                "sheets",
                filter=Q(sheets__state=SheetState.LOCKED) & ~_EXCLUDED,
            )
        )
        .select_related("drawn_number")
        .order_by("drawn_number__number", "pk")
    )
    panels = panels_of(session)
    return [
        Unready(
            number=drawn_text(attempt),
            code=attempt.code,
            state=attempt.get_state_display(),
            sheets=attempt.locked,
            expected=len(panels.of(attempt)),
        )
        for attempt in attempts
    ]


def _line(sheet: dict, weights: list[str]) -> SheetLine:
    terms = [
        mark if weight == "1" else f"{mark} × {weight}"
        for mark, weight in zip(sheet["marks"], weights, strict=True)
    ]
    return SheetLine(
        number=int(sheet["number"]),
        total=sheet["total"],
        use=sheet["use"],
        use_label=str(USES[sheet["use"]]),
        terms=" + ".join(terms),
    )


def _raw(working: dict) -> str:
    return working.get("correction", working).get("raw", working["value"])


def _balance(working: dict) -> Balance | None:
    if "correction" not in working:
        return None
    one = working["correction"]
    everybody, room = one["session"], one["room"]
    terms = (
        f"{one['raw']} × ({everybody['sum']} ÷ {everybody['count']})"
        f" ÷ ({room['sum']} ÷ {room['count']})"
    )
    # Where the room has no mean the result was kept.
    kept = not Decimal(room["sum"])
    return Balance(factor=one["factor"], terms=f"{one['raw']} × 1" if kept else terms)


def _rule_words(working: dict) -> list[str]:
    rule, total = working["rule"], len(working["sheets"])
    facts = {**rule, "total": total}
    words = []
    if rule["highest"] != "0" or rule["lowest"] != "0":
        words.append(
            _(
                "Of %(total)s totals the highest %(highest)s and the lowest"
                " %(lowest)s are dropped; where totals tie, no more than that."
            )
            % facts
        )
    words.append(
        ngettext(
            "The result is the one total.",
            "The result is the mean of %(count)s totals.",
            int(working["count"]),
        )
        % {"count": working["count"]}
    )
    if "correction" not in working:
        rounded = ngettext(
            "It is rounded half up, once, to %(decimals)s decimal.",
            "It is rounded half up, once, to %(decimals)s decimals.",
            int(rule["decimals"]),
        )
        return [*words, rounded % rule]
    rounded = ngettext(
        "It is rounded half up to %(decimals)s decimal, and so is the balanced result.",
        "It is rounded half up to %(decimals)s decimals, and so is the balanced "
        "result.",
        int(rule["decimals"]),
    )
    balanced = _(
        "Rooms are balanced: this result is multiplied by the mean of all results of "
        "the session and divided by the mean of those of its room. Cancelled results "
        "are in no mean."
    )
    return [*words, rounded % rule, balanced]
