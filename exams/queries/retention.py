"""What is due to be deleted when, and what holds it back. Reads only.

A class is kept for its days after the results of the session came out; a mock test's
after its window closed. Where no results came out nothing is due.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exams.domain.schedule import Schedule
from exams.enums import RetentionClass, RetentionState, SessionKind, SessionState
from exams.kernel import canonical
from exams.models import (
    Attempt,
    AuditEntry,
    Hold,
    Project,
    RetentionItem,
    RetentionRun,
)

# A re-check is asked for within 5 days and answered within 15 working days (S8).
RECHECK = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """One thing that its floor deletes as a whole; sizes in bytes.

    `ref` is an opaque code, `digest` what stays as a proof of what it was, `since` when
    its time began to run.
    """

    floor: str
    kind: str
    ref: str
    attempt: int | None
    size: int
    digest: str
    since: datetime


@dataclass(frozen=True)
class Ripe:
    """An attempt whose data are due: its code, and when their time began to run."""

    code: str
    session: int
    since: datetime


@dataclass(frozen=True)
class Reach:
    """Whose data of one class are due: attempts by key, and their sessions.

    `held` are those attempts that are held back; `closed` is when the project's last
    results came out, None while any are missing; nothing written after `before` is due.
    """

    project: Project
    kind: str
    attempts: Mapping[int, Ripe]
    sessions: Mapping[int, datetime]
    held: Collection[int]
    closed: datetime | None
    before: datetime


def reach_of(
    project: Project, kind: str, *, at: datetime, held: Collection[int]
) -> Reach:
    """Return whose data of the class are due at `at`."""
    before = at - timedelta(days=getattr(project, f"keep_{kind}_days"))
    told = closings(project)
    ripe = {pk: closed for pk, closed in told.items() if closed <= before}
    rows = Attempt.objects.filter(session__in=ripe).select_related("session")
    attempts = {
        row.pk: Ripe(row.code, row.session_id, ripe[row.session_id])
        for row in rows
        if Schedule.of(row.session, row).upload_closes <= at
    }
    formal = project.sessions.filter(kind=SessionKind.FORMAL)
    whole = ripe and not formal.exclude(pk__in=told).exists() and len(ripe) == len(told)
    return Reach(
        project=project,
        kind=kind,
        attempts=attempts,
        sessions=ripe,
        held=held,
        closed=max(ripe.values()) if whole else None,
        before=before,
    )


def closings(project: Project) -> dict[int, datetime]:
    """Return when the time of each session began to run; two queries."""
    told = dict(
        AuditEntry.objects.filter(
            action="session.released",
            chain__in=project.sessions.values("code"),
        )
        .order_by()
        .values_list("chain")
        .annotate(at=Min("at"))
    )
    return {
        row.pk: row.mock_closes_at if row.kind == SessionKind.MOCK else told[row.code]
        for row in project.sessions.all()
        if row.kind == SessionKind.MOCK
        or (row.state in SessionState.RESULTS_OUT and row.code in told)
    }


def holds_of(project: Project, *, at: datetime) -> dict[int, str | Promise]:
    """Return why attempts are held back by this floor: `{attempt: words}`."""
    windows = dict(project.sessions.values_list("pk", "recheck_window"))
    recent = [
        pk
        for pk, closed in _formal(project)
        if at < closed + max(RECHECK, timedelta(seconds=windows[pk]))
    ]
    waiting = Attempt.objects.filter(session__in=recent).values_list("pk", flat=True)
    words = _("the time to ask for a re-check is running")
    held: dict[int, str | Promise] = dict.fromkeys(waiting, words)
    rows = Hold.objects.filter(attempt__session__project=project, lifted_at=None)
    for row in rows:
        held[row.attempt_id] = _("held by hand: %(reason)s") % {"reason": row.reason}
    return held


def hold_of(attempt: Attempt | int) -> Hold | None:
    """Return the hold that lasts, with who set it."""
    rows = Hold.objects.filter(attempt=attempt, lifted_at=None)
    return rows.select_related("set_by").first()


def runs_of(project: Project) -> QuerySet[RetentionRun]:
    """Return the project's deletions with their two people, the newest first."""
    return project.retention_runs.select_related(
        "project", "approval__requested_by", "approval__approved_by"
    ).order_by("-pk")


def runs_left() -> QuerySet[RetentionRun]:
    """Return the deletions that the job has not finished."""
    return RetentionRun.objects.filter(state=RetentionState.RUNNING)


def items_left(run: RetentionRun) -> QuerySet[RetentionItem]:
    """Return what the deletion has not come to, in order."""
    left = run.items.filter(outcome=None).select_related("run", "attempt__session")
    return left.order_by("pk")


def erased_words(at: datetime) -> str:
    """Say in the reader's language and zone on which day a thing was deleted."""
    day = date_format(timezone.localtime(at), "DATE_FORMAT")
    return gettext("Deleted by the retention rule on %(day)s.") % {"day": day}


def digest_over(facts: object) -> str:
    """Return the SHA-256 of canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical.encode(facts)).hexdigest()


def kinds_in(items: Iterable[Due]) -> list[str]:
    """Return the classes of these things, in the order of the enum."""
    found = {one.kind for one in items}
    return [str(kind) for kind in RetentionClass if kind in found]


def _formal(project: Project) -> list[tuple[int, datetime]]:
    mocks = set(
        project.sessions.filter(kind=SessionKind.MOCK).values_list("pk", flat=True)
    )
    return [(pk, at) for pk, at in closings(project).items() if pk not in mocks]
