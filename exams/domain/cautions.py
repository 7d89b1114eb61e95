"""What a careful person would ask about a session; never a refusal (G1, G4).

A caution has a code and facts; its digest is over both. A person takes note of it
once, which is kept and audited; when a fact changes, it is a new one and shows again.
Owns `Acknowledgement`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.local_times import stamp, zone_named
from exams.domain.mock_windows import formal_sessions_within
from exams.domain.prose import disagreements
from exams.domain.schedule import Schedule
from exams.enums import SessionKind, SessionState, Stage
from exams.kernel import canonical
from exams.kernel.clock import Window
from exams.kernel.errors import Conflict
from exams.models import Acknowledgement, Document, Project, Session, Staff

WORDS: dict[str, Promise] = {
    "login_open_already": _("Sign-in is open as soon as this is published."),
    "hotline_missing": _("The project has no hotline."),
    "support_unstated": _(
        "The project's support hours are not given as times, so nobody can check that "
        "the hotline is staffed during sign-in."
    ),
    "support_login": _(
        "The hotline is not staffed from %(opens)s to %(closes)s, while candidates "
        "sign in and enter."
    ),
    "support_evidence": _(
        "The hotline is not staffed from %(opens)s to %(closes)s, while films are "
        "uploaded and failures are to be reported."
    ),
    "prose_disagrees": _(
        "“%(title)s” says “%(quote)s”, but “%(field)s” gives %(holds)s."
    ),
    "mock_runs_into": _("A mock test could run into “%(title)s”."),
    "mock_missing": _("A mock test is required, but no published session offers one."),
    "roster_empty": _("The roster is empty."),
    "unplaced": _(
        "Candidates without a room: %(count)s. Split them before the freeze; "
        "afterwards each is moved singly, with a second person."
    ),
    "flow_missing": _("No exam flow is published for candidates to read."),
    "late_comers": _("Late comers are let in after the start; they get no extra time."),
}


@dataclass(frozen=True)
class Caution:
    """One question; `facts` fill its words and are texts only."""

    code: str
    facts: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def digest(self) -> str:
        parts = {"code": self.code, "facts": self.facts}
        return hashlib.sha256(canonical.encode(parts)).hexdigest()

    def __str__(self) -> str:
        words = dict(self.facts)
        if self.code == "prose_disagrees":
            words["field"] = str(Session._meta.get_field(words["field"]).verbose_name)
        return str(WORDS[self.code]) % words


def cautions_of(session: Session, *, at: datetime) -> list[Caution]:
    """Return what to ask about a stored session, acknowledged or not."""
    found = []
    if Schedule.of(session).login_opens <= at:
        found.append(Caution("login_open_already"))
    if session.kind == SessionKind.MOCK:
        found += [
            Caution("mock_runs_into", {"title": other.title})
            for other in formal_sessions_within(session)
        ]
    else:
        found += _of_roster(session)
    published = session.project.documents.filter(published_at__isnull=False)
    if Stage.FLOW in session.stages and not published.filter(kind="flow").exists():
        found.append(Caution("flow_missing"))
    if session.mock_required and not _offers_mock(session.project):
        found.append(Caution("mock_missing"))
    return found + cautions_of_schedule(session)


def cautions_of_schedule(session: Session) -> list[Caution]:
    """Return what to ask about the settings alone; the session may be unsaved."""
    found = list(_of_support(session))
    if session.entry_close_after_start or session.login_close_after_start:
        found.append(Caution("late_comers"))
    zone = zone_named(session.time_zone) or ZoneInfo("UTC")
    if session.kind == SessionKind.FORMAL:
        found += [
            Caution(
                "prose_disagrees",
                {
                    "title": document.title,
                    "quote": one.quote,
                    "field": one.field,
                    "holds": one.holds,
                },
            )
            for document in newest_documents(session.project)
            for one in disagreements(document.body, session, zone)
        ]
    return found


def open_cautions(session: Session, *, at: datetime) -> list[Caution]:
    """Return the cautions that nobody has taken note of."""
    known = set(session.acknowledgements.values_list("digest", flat=True))
    return [one for one in cautions_of(session, at=at) if one.digest not in known]


def acknowledge(
    session: Session, *, seen: Sequence[str], by: Staff, at: datetime
) -> int:
    """Keep that a person has taken note of the cautions that were shown.

    `seen` are the digests on the page. Raises `Conflict` when others are open by now,
    so that nobody takes note of what they did not read. Returns how many.
    """
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)
        waiting = open_cautions(session, at=at)
        if {one.digest for one in waiting} != set(seen):
            raise Conflict
        Acknowledgement.objects.bulk_create(
            Acknowledgement(
                session=session,
                code=one.code,
                facts=one.facts,
                digest=one.digest,
                by=by,
                at=at,
            )
            for one in waiting
        )
        record(
            "session.acknowledged",
            by=Actor.of_staff(by),
            at=at,
            subject=f"session:{session.code}",
            facts={"warnings": [[one.code, one.digest] for one in waiting]},
            chain=session.code,
        )
    return len(waiting)


def newest_documents(project: Project) -> list[Document]:
    """Return the newest version of each document of a project, drafts too."""
    newest: dict[tuple, Document] = {}
    for document in project.documents.order_by("version", "pk"):
        newest[(document.kind, document.title, document.language)] = document
    return list(newest.values())


def uncovered(window: Window, covered: Sequence[Window]) -> list[Window]:
    """Return the parts of a window in which nobody answers, in order; pure."""
    found, reached = [], window.opens
    for one in sorted(covered, key=lambda span: span.opens):
        if one.opens >= window.closes:
            break
        if one.opens > reached:
            found.append(Window(reached, one.opens))
        reached = max(reached, one.closes)
    if reached < window.closes:
        found.append(Window(reached, window.closes))
    return found


def _of_roster(session: Session) -> Iterator[Caution]:
    if not session.attempts.exists():
        yield Caution("roster_empty")
    elif session.rooms.exists():
        unplaced = session.attempts.filter(room=None).count()
        if unplaced and not session.frozen_at:
            yield Caution("unplaced", {"count": str(unplaced)})


def _of_support(session: Session) -> Iterator[Caution]:
    project = session.project
    if not project.hotline:
        yield Caution("hotline_missing")
        return
    spans = list(project.support_hours.all())
    if not spans:
        yield Caution("support_unstated")
        return
    if session.kind == SessionKind.MOCK:
        return
    zone = zone_named(session.time_zone) or ZoneInfo("UTC")
    plan = Schedule.of(session)
    covered = _covered(spans, plan, zone_named(project.time_zone) or zone)
    first_hour = Window(plan.login_opens, max(plan.login_closes, plan.entry_closes))
    last_hour = Window(plan.ends, max(plan.evidence_confirm_by, plan.failure_report_by))
    for code, window in (
        ("support_login", first_hour),
        ("support_evidence", last_hour),
    ):
        for part in uncovered(window, covered):
            facts = {
                "opens": stamp(part.opens, zone),
                "closes": stamp(part.closes, zone),
            }
            yield Caution(code, facts)


def _covered(spans: Sequence, plan: Schedule, zone: ZoneInfo) -> list[Window]:
    """Return the support hours of the days around the exam, as instants."""
    from_day = plan.login_opens.astimezone(zone).date()
    last_instant = max(plan.evidence_confirm_by, plan.failure_report_by)
    until_day = last_instant.astimezone(zone).date()
    return [
        Window(
            datetime.combine(day, span.opens, zone).astimezone(UTC),
            datetime.combine(day, span.closes, zone).astimezone(UTC),
        )
        for span in spans
        for day in sorted({from_day, until_day})
        if span.first_day <= day <= span.last_day
    ]


def _offers_mock(project: Project) -> bool:
    mocks = project.sessions.filter(kind=SessionKind.MOCK)
    return mocks.exclude(state__in=SessionState.UNSEEN).exists()
