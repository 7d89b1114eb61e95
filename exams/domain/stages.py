"""The stage list of a session: what is needed, and which orders can work (R40); pure.

Before Enter the order is free, but for what rests on a proved identity; behind Enter
come the confirmations, then the answers, then the upload.
"""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from exams.enums import Stage

NEEDED = (Stage.CHECK_IN, Stage.ENTER, Stage.ANSWER, Stage.UPLOAD)
# What a candidate does in person, so only after proving who they are.
PROVED = (Stage.COMPANION, Stage.DRAW, *(Stage(one) for one in Stage.READING))
_RULES: tuple[tuple[Stage, tuple[str, ...]], ...] = (
    (Stage.CHECK_IN, (*PROVED, Stage.ENTER)),
    (Stage.ENTER, (*Stage.AFTER_ENTER, Stage.ANSWER, Stage.UPLOAD)),
    (Stage.ANSWER, (Stage.UPLOAD,)),
)


def problems_of(stages: object) -> list[str | Promise]:
    """Return why a passage with these stages, in this order, cannot work."""
    known = set(Stage.values)
    if not isinstance(stages, list) or any(name not in known for name in stages):
        return [_("The stage list names an unknown stage.")]
    found: list[str | Promise] = []
    if len(set(stages)) != len(stages):
        found.append(_("A stage is listed twice."))
    found += [_wrong_order(first, then) for first, then in wrong_pairs(stages)]
    if any(stage not in stages for stage in NEEDED):
        found.append(_("Identity check, Enter, answering and upload are needed."))
    return found


def wrong_pairs(stages: Sequence[str]) -> list[tuple[Stage, Stage]]:
    """Return `(must be first, is in front of it)` for every pair that cannot work."""
    place = {name: number for number, name in enumerate(stages)}
    found = [
        (first, Stage(then))
        for first, later in _RULES
        for then in later
        if first in place and then in place and place[then] < place[first]
    ]
    # What prepares for the exam comes in front of its door.
    found += [
        (Stage(name), Stage.ENTER)
        for name in (Stage.DEVICES, *PROVED)
        if name in place
        and Stage.ENTER in place
        and place[Stage.ENTER] < place[Stage(name)]
    ]
    # Nobody confirms a device while the answer time runs.
    found += [
        (Stage(name), Stage.ANSWER)
        for name in Stage.AFTER_ENTER
        if name in place and Stage.ANSWER in place and place[Stage.ANSWER] < place[name]
    ]
    return found


def _wrong_order(first: Stage, then: Stage) -> Promise:
    return format_lazy(
        _("“{first}” has to come before “{then}”."),
        first=first.label,
        then=then.label,
    )
