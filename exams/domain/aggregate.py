"""The arithmetic of results: exact, pure, and shown line by line.

Owns no row and touches none: marks in, outcome out. Everything is a fraction until
the one stated rounding, so no order of sheets and no machine changes a digit (S1,
S3). Every line of the working is text that a reader can recompute by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from exams.kernel.decimals import half_up, text_of
from exams.kernel.errors import Fault, Refusal

COUNTED, HIGHEST, LOWEST = "counted", "highest", "lowest"
MEAN_RATIO = "mean_ratio"
FACTOR_DECIMALS = 6


class TooFewSheets(Refusal):
    """The rule drops more totals than a panel of this size can lose."""

    code = "too_few_sheets"
    message = _("%(sheets)s sheets are too few: the rule needs at least %(needed)s.")


class UnevenSheet(Fault):
    """A sheet has not exactly one mark per criterion."""


@dataclass(frozen=True)
class Rule:
    """How totals become a result.

    `highest` and `lowest` say how many totals each trim drops: exactly so many,
    never all that tie. `weights` are the criteria's, in their order. The result is
    rounded half up to `decimals` places, once, at the end.
    """

    highest: int
    lowest: int
    weights: tuple[Decimal, ...]
    decimals: int = 2

    @property
    def needed(self) -> int:
        return self.highest + self.lowest + 1


@dataclass(frozen=True)
class Outcome:
    """The result, and its working as JSON-able text."""

    value: Decimal
    working: dict


def aggregate(sheets: Sequence[Sequence[Decimal]], rule: Rule) -> Outcome:
    """Return the outcome of one attempt; `sheets` hold marks in criterion order.

    Sheets are numbered by total, so neither the outcome nor its working depends on
    the order they come in or tells which examiner wrote which. Raises
    `TooFewSheets`, and `UnevenSheet` when a mark is missing.
    """
    if len(sheets) < rule.needed:
        raise TooFewSheets(sheets=len(sheets), needed=rule.needed)
    for marks in sheets:
        if len(marks) != len(rule.weights):
            message = f"{len(marks)} marks for {len(rule.weights)} criteria"
            raise UnevenSheet(message)
    ordered = sorted(sheets, key=lambda marks: (total_of(marks, rule), tuple(marks)))
    totals = [total_of(marks, rule) for marks in ordered]
    kept = totals[rule.lowest : len(totals) - rule.highest]
    value = half_up(sum(kept) / len(kept), rule.decimals)
    return Outcome(value, _working(ordered, totals, kept, value, rule))


@dataclass(frozen=True)
class Raw:
    """One result before it is balanced; `counts` is false for a cancelled score."""

    group: object
    value: Decimal
    counts: bool


def balance(raws: Mapping[int, Raw], decimals: int) -> dict[int, Outcome]:
    """Return every result × mean of all ÷ mean of its group, by its key (S4, S5).

    Only results that count are in the means; the others are balanced all the same. A
    group in which nothing counts, or whose mean is nought, keeps its results. What is
    multiplied is the result as it was printed; it is rounded half up like it.
    """
    counted = [raw for raw in raws.values() if raw.counts]
    everybody = _Mean.of(counted)
    means = {
        group: _Mean.of([raw for raw in counted if raw.group == group])
        for group in {raw.group for raw in raws.values()}
    }
    return {
        key: _balanced(raw, everybody, means[raw.group], decimals)
        for key, raw in raws.items()
    }


@dataclass(frozen=True)
class _Mean:
    sum: Decimal
    count: int

    @classmethod
    def of(cls, raws: Sequence[Raw]) -> "_Mean":
        return cls(sum((raw.value for raw in raws), Decimal()), len(raws))

    def words(self, decimals: int) -> dict[str, str]:
        return {"sum": text_of(self.sum, decimals), "count": str(self.count)}


def _balanced(raw: Raw, everybody: _Mean, group: _Mean, decimals: int) -> Outcome:
    factor = Fraction(1)
    if group.sum:
        ratio = Fraction(everybody.sum) / Fraction(group.sum)
        factor = ratio * group.count / everybody.count
    value = half_up(Fraction(raw.value) * factor, decimals)
    working = {
        "rule": MEAN_RATIO,
        "raw": f"{raw.value:.{decimals}f}",
        "session": everybody.words(decimals),
        "room": group.words(decimals),
        # For the eye; the product is exact.
        "factor": f"{half_up(factor, FACTOR_DECIMALS):.{FACTOR_DECIMALS}f}",
    }
    return Outcome(value, working)


def total_of(marks: Sequence[Decimal], rule: Rule) -> Fraction:
    """Return the weighted total of one sheet, exactly (S3)."""
    return sum(
        (
            Fraction(mark) * Fraction(weight)
            for mark, weight in zip(marks, rule.weights, strict=True)
        ),
        Fraction(),
    )


def _working(
    ordered: list[Sequence[Decimal]],
    totals: list[Fraction],
    kept: list[Fraction],
    value: Decimal,
    rule: Rule,
) -> dict:
    last_kept = len(totals) - rule.highest
    uses = [
        LOWEST if index < rule.lowest else HIGHEST if index >= last_kept else COUNTED
        for index in range(len(totals))
    ]
    return {
        "rule": {
            "highest": str(rule.highest),
            "lowest": str(rule.lowest),
            "decimals": str(rule.decimals),
            "rounding": "half_up",
            "weights": [text_of(weight, 0) for weight in rule.weights],
        },
        "sheets": [
            {
                "number": str(index + 1),
                "marks": [text_of(mark) for mark in marks],
                "total": text_of(total),
                "use": use,
            }
            for index, (marks, total, use) in enumerate(
                zip(ordered, totals, uses, strict=True)
            )
        ],
        "kept": [text_of(total) for total in kept],
        "sum": text_of(sum(kept)),
        "count": str(len(kept)),
        "value": f"{value:.{rule.decimals}f}",
    }
