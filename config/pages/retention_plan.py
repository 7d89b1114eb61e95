"""What is due to be deleted in a project, from every floor; what holds it back."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from candidates.domain import retention as of_candidates
from candidates.queries import rechecks
from candidates.queries import retention as films_and_faces
from exams.enums import RetentionClass
from exams.models import Hold, Project, RetentionItem
from exams.queries import retention as of_exams
from exams.queries.retention import Due
from helpdesk.domain import retention as of_helpdesk
from helpdesk.queries import retention as conversations
from proctoring.queries import retention as of_proctoring

SHOWN_REASONS = 20
LISTS = (films_and_faces.things_due, conversations.things_due)
ACTS: dict[str, Callable[..., bool]] = {
    films_and_faces.FLOOR: of_candidates.erase,
    conversations.FLOOR: of_helpdesk.erase,
}


@dataclass(frozen=True)
class Line:
    """One class of a project: what is due, what is held back, and why."""

    kind: str
    name: str
    days: int
    due: list[Due]
    held: list[Due]
    reasons: list[tuple[str, int]]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.due)

    @property
    def oldest(self) -> datetime | None:
        return min((one.since for one in self.due), default=None)


def lines_of(
    project: Project, *, cutoff: datetime, at: datetime, kinds: Iterable[str] = ()
) -> list[Line]:
    """Return each class, or the chosen ones: due at `cutoff`, held back at `at`."""
    held = {
        **of_exams.holds_of(project, at=at),
        **rechecks.holds_of(project),
        **of_proctoring.holds_of(project, at=at),
    }
    chosen = list(kinds) or list(RetentionClass)
    return [_line(project, RetentionClass(kind), cutoff, held) for kind in chosen]


def due_of(
    project: Project, *, cutoff: datetime, at: datetime, kinds: Iterable[str]
) -> list[Due]:
    """Return what may be deleted of these classes, in a fixed order."""
    lines = lines_of(project, cutoff=cutoff, at=at, kinds=kinds)
    return [one for line in lines for one in line.due]


def erase(item: RetentionItem, *, at: datetime) -> bool:
    """Have its floor delete one thing; False where something holds it back by now."""
    return ACTS[item.floor](item, is_held=partial(_is_held, at=at), at=at)


def _is_held(attempts: Collection[int], *, at: datetime) -> bool:
    by_hand = Hold.objects.filter(attempt__in=attempts, lifted_at=None)
    return (
        by_hand.exists()
        or rechecks.is_held(attempts)
        or of_proctoring.is_held(attempts, at=at)
    )


def _line(project: Project, kind: RetentionClass, cutoff: datetime, held: dict) -> Line:
    reach = of_exams.reach_of(project, kind, at=cutoff, held=held.keys())
    found = [one for things_due in LISTS for one in things_due(reach)]
    back = [one for one in found if one.attempt in held]
    return Line(
        kind=str(kind),
        name=str(kind.label),
        days=getattr(project, f"keep_{kind}_days"),
        due=[one for one in found if one.attempt not in held],
        held=back,
        reasons=Counter(str(held[one.attempt]) for one in back).most_common(
            SHOWN_REASONS
        ),
    )
