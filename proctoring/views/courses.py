"""The course of a case as a list: what is done, by whom, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.models import Staff
from proctoring.enums import CaseState
from proctoring.models import Case, Incident
from proctoring.queries.cases import last_ruling, pending_proposal

TONES = {"done": ("ok", "ok"), "now": ("warn", "now"), "next": ("idle", "todo")}


@dataclass(frozen=True)
class Point:
    """One point of due process; `state` is done, now or next."""

    title: str | Promise
    state: str
    at: datetime | None = None
    by: Staff | None = None
    until: datetime | None = None

    @property
    def tone(self) -> str:
        return TONES[self.state][0]

    @property
    def icon(self) -> str:
        return TONES[self.state][1]


def course_of(case: Case, incidents: list[Incident], *, at: datetime) -> list[Point]:
    """Return the points of due process with who and when (L6–L8)."""
    first = incidents[0] if incidents else None
    points = [
        Point(
            _("Found"),
            "done",
            at=first.from_at if first else case.from_at,
            by=first.noted_by if first else None,
        ),
        Point(_("Opened"), "done", at=case.opened_at, by=case.opened_by),
    ]
    if case.state == CaseState.DECLINED:
        return [*points, Point(_("Not pursued"), "done")]
    return [*points, *_confirmed(case), *_heard(case), *_ruled(case, at)]


def _confirmed(case: Case) -> list[Point]:
    notice = getattr(case, "notice", None)
    return [
        Point(
            _("Confirmed by a second official"),
            "done" if case.confirmed_by else "now",
            at=case.confirmed_at,
            by=case.confirmed_by,
        ),
        Point(
            _("Candidate told"),
            "done" if notice else _when(case, CaseState.CONFIRMED),
            at=notice.at if notice else None,
            by=notice.sent_by if notice else None,
        ),
    ]


def _heard(case: Case) -> list[Point]:
    notice = getattr(case, "notice", None)
    statement = getattr(case, "statement", None)
    heard = case.state in (*CaseState.HEARD, CaseState.RULED)
    return [
        Point(
            statement.get_kind_display() if statement else _("Statement"),
            "done" if heard else _when(case, CaseState.NOTICED),
            at=statement.at if statement else None,
            until=notice.due_at if notice else None,
        )
    ]


def _ruled(case: Case, at: datetime) -> list[Point]:
    proposal, ruling = pending_proposal(case, at=at), last_ruling(case)
    waits = "now" if case.state in CaseState.HEARD else "next"
    points = [
        Point(
            _("Ruling proposed"),
            "done" if proposal or ruling else waits,
            at=proposal.approval.requested_at if proposal else None,
            by=proposal.approval.requested_by if proposal else None,
        ),
        Point(
            ruling.get_outcome_display() if ruling else _("Ruling approved"),
            "done" if ruling else "now" if proposal else "next",
            at=ruling.at if ruling else None,
            by=ruling.proposal.approval.approved_by if ruling else None,
        ),
    ]
    if proposal and ruling:
        points.append(Point(_("Reversal proposed"), "now", by=points[0].by))
        points[0] = Point(_("Ruling proposed"), "done")
    return points


def _when(case: Case, state: str) -> str:
    return "now" if case.state == state else "next"
