"""Who is not ready for a session, from what is stored: mocks, phones, photos, room.

Nothing here bars anybody (R5); it tells whom to call. What a candidate's newest mock
showed counts: a weak line of an older one may be mended.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

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
PROBLEMS: dict[str, Promise] = {
    "no_mock": _("No mock test taken"),
    "mock_incomplete": _("Mock recordings incomplete"),
    "weak_uplink": _("Weak uplink in the mock"),
    "low_storage": _("Little room in the browser"),
    "no_phone": _("No phone tested"),
    "no_photo": _("No photo on the roster"),
}


@dataclass(frozen=True)
class Board:
    """How many of a session are ready, and how many have each problem.

    `rows` are `(enrolment key, problems)` of everybody, by ticket number.
    """

    ready: int
    counts: dict[str, int]
    rows: list[tuple[int, list[str]]]

    @property
    def total(self) -> int:
        return len(self.rows)

    def chosen(self, names: Collection[str]) -> list[tuple[int, list[str]]]:
        """Return the rows with any of these problems, all of them for none."""
        if not names:
            return self.rows
        if "unready" in names:
            return [row for row in self.rows if row[1]]
        return [row for row in self.rows if not {*names}.isdisjoint(row[1])]


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
    rows = []
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
        rows.append((key, [name for name, holds in told.items() if holds]))
    counts = Counter(name for _key, problems in rows for name in problems)
    shown = [name for name in PROBLEMS if asks_phone or name != "no_phone"]
    return Board(
        ready=sum(not problems for _key, problems in rows),
        counts={name: counts[name] for name in shown},
        rows=rows,
    )


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


def _of_mocks(model: type[Model], session: Session) -> QuerySet:
    return model._default_manager.filter(
        attempt__session__project=session.project_id,
        attempt__session__kind=SessionKind.MOCK,
    ).order_by()
