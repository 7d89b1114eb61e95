"""Who is not ready for a session, from what is stored: mocks, phones, photos, room.

Nothing here bars anybody (R5); it tells whom to call. What a candidate's newest mock
showed counts: a weak line of an older one may be mended.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Count, Max, Q, QuerySet, Value, When
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
    """How many of a session are ready, and how many have each problem."""

    total: int
    ready: int
    counts: dict[str, int]


def problems_of(session: Session) -> dict[str, Q]:
    """Return what each problem is, as a condition on the session's enrolments.

    A phone is asked for only where the session has the stage.
    """
    mocks = Enrolment.objects.filter(
        session__project=session.project_id,
        session__kind=SessionKind.MOCK,
        attempt__entered_at__isnull=False,
    ).order_by()
    newest = mocks.values("candidate").annotate(last=Max("pk")).values("last")
    last = Enrolment.objects.filter(pk__in=newest)
    broken = Recording.objects.filter(
        Q(state__in=(RecordingState.OPEN, RecordingState.NEEDS_REVIEW))
        | Q(complete=False)
    )
    recorded = Recording.objects.filter(attempt__session__kind=SessionKind.MOCK)
    incomplete = last.filter(
        Q(attempt__in=broken.values("attempt"))
        | ~Q(attempt__in=recorded.values("attempt"))
    )
    weak = Presence.objects.filter(backlog_most__gte=WEAK_PIECES).values("attempt")
    full = Presence.objects.filter(storage_least_mb__lt=LOW_MB).values("attempt")
    filmed = Companion.objects.filter(filming_at__isnull=False).values("attempt")
    found = {
        "no_mock": ~Q(candidate__in=_owners(mocks)),
        "mock_incomplete": Q(candidate__in=_owners(incomplete)),
        "weak_uplink": Q(candidate__in=_owners(last.filter(attempt__in=weak))),
        "low_storage": Q(attempt__in=full)
        | Q(candidate__in=_owners(last.filter(attempt__in=full))),
        "no_phone": ~Q(candidate__in=_owners(mocks.filter(attempt__in=filmed))),
        "no_photo": Q(candidate__photo=""),
    }
    if Stage.COMPANION not in session.stages:
        del found["no_phone"]
    return found


def board_of(session: Session) -> Board:
    """Count who is ready and who lacks what; one query."""
    problems = problems_of(session)
    told = enrolled(session).aggregate(
        total=Count("pk"),
        unready=Count("pk", filter=any_of(problems.values())),
        **{name: Count("pk", filter=wanted) for name, wanted in problems.items()},
    )
    return Board(
        total=told["total"],
        ready=told["total"] - told["unready"],
        counts={name: told[name] for name in problems},
    )


def lines_of(session: Session, *, chosen: Collection[str] = ()) -> QuerySet[Enrolment]:
    """Return the enrolments with any of the chosen problems, or all of them.

    Each has `has_<problem>` for every problem, and its candidate.
    """
    problems = problems_of(session)
    rows = enrolled(session)
    picked = [problems[name] for name in chosen if name in problems]
    if "unready" in chosen:
        picked = list(problems.values())
    if picked:
        rows = rows.filter(any_of(picked))
    return (
        rows.select_related("candidate", "attempt__room")
        .defer("candidate__id_number")
        .annotate(
            **{
                f"has_{name}": Case(
                    When(wanted, then=Value(value=True)),
                    default=Value(value=False),
                    output_field=BooleanField(),
                )
                for name, wanted in problems.items()
            }
        )
        .order_by("candidate__ticket_number", "pk")
    )


def words_of(enrolment: Enrolment) -> list[str]:
    """Return the problems of one line of `lines_of` in words."""
    return [
        str(words)
        for name, words in PROBLEMS.items()
        if getattr(enrolment, f"has_{name}", False)
    ]


def enrolled(session: Session) -> QuerySet[Enrolment]:
    """Return the enrolments of a formal session that are still meant to come."""
    return Enrolment.objects.filter(session=session, mock_day__isnull=True).exclude(
        attempt__state=AttemptState.WITHDRAWN
    )


def any_of(wanted: Collection[Q]) -> Q:
    found = Q(pk__in=[])
    for one in wanted:
        found |= one
    return found


def _owners(enrolments: QuerySet[Enrolment]) -> QuerySet:
    return enrolments.values("candidate")
