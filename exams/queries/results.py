"""Results as they are read: by the candidate once released, by staff before."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from exams.enums import AttemptState, SheetState
from exams.models import Attempt, Result, Session
from exams.queries.examiner import number_text

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
class ReleasedResult:
    """A released result with its working, line by line (S1, S5)."""

    value: str
    rule: tuple[str, ...]
    sheets: tuple[SheetLine, ...]
    sum_text: str
    mean_text: str
    count: int
    working: dict
    released_at: datetime


@dataclass(frozen=True)
class Unready:
    """An attempt that still keeps its session from being released."""

    number: str
    code: str
    state: str
    sheets: int


def released_result(attempt: Attempt) -> ReleasedResult | None:
    """Return the attempt's result once it is released, else `None`."""
    result = Result.objects.filter(attempt=attempt, released_at__isnull=False).first()
    if result is None:
        return None
    working = result.working
    weights = working["rule"]["weights"]
    return ReleasedResult(
        value=working["value"],
        rule=tuple(_rule_words(working)),
        sheets=tuple(_line(sheet, weights) for sheet in working["sheets"]),
        sum_text=f"{' + '.join(working['kept'])} = {working['sum']}",
        mean_text=f"{working['sum']} ÷ {working['count']}",
        count=int(working["count"]),
        working=working,
        released_at=result.released_at,
    )


def unready_attempts(session: Session) -> list[Unready]:
    """Return what is missing before the session can be released."""
    attempts = (
        session.attempts.exclude(state__in=DONE)
        .annotate(locked=Count("sheets", filter=Q(sheets__state=SheetState.LOCKED)))
        .select_related("drawn_number")
        .order_by("drawn_number__number", "pk")
    )
    return [
        Unready(
            number=number_text(attempt.drawn_number.number)
            if hasattr(attempt, "drawn_number")
            else "",
            code=attempt.code,
            state=attempt.get_state_display(),
            sheets=attempt.locked,
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
    words.append(
        ngettext(
            "It is rounded half up, once, to %(decimals)s decimal.",
            "It is rounded half up, once, to %(decimals)s decimals.",
            int(rule["decimals"]),
        )
        % rule
    )
    return words
