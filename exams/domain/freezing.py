"""The freeze: schedule, paper and roster become fixed, in one act.

Checks the session as a whole, seals its paper, commits its draw and sets
`Session.frozen_at`. Writes no other column and never moves the session's state. By
hand on the confirm page, or by the sweep when sign-in opens at the latest (design §4).
"""

import logging
import zoneinfo
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.draw import commit_draw
from exams.domain.papers import seal_paper
from exams.domain.schedule import Schedule
from exams.domain.soundness import contradictions
from exams.enums import AttemptState, SessionKind, SessionState, Stage
from exams.kernel.errors import IllegalMove, Refusal
from exams.models import Paper, Session

_AFTER_CHECK_IN = (Stage.COMPANION, Stage.DRAW, *Stage.READING)

logger = logging.getLogger(__name__)


class StagesUnsound(Refusal):
    """The stage list lacks a stage, repeats one, or has them in an impossible order."""

    code = "stages_unsound"
    status = 422
    message = _(
        "The stages are not in a possible order: “enter” and “answer” are needed, "
        "what is read comes before them, “upload” comes last."
    )


class PaperMissing(Refusal):
    """The session has no paper of its project, or the paper is not complete."""

    code = "paper_missing"
    status = 422
    message = _("The session needs a paper with questions and scoring criteria.")


class RosterEmpty(Refusal):
    """There is nobody to draw a number for."""

    code = "roster_empty"
    status = 422
    message = _("The roster of this session is empty. Import it first.")


class TimeZoneUnknown(Refusal):
    """The name is not one of the zone database's."""

    code = "time_zone_unknown"
    status = 422
    message = _("The time zone “%(name)s” is not known.")


def freeze(session: Session, *, by: Actor, at: datetime) -> Session:
    """Fix schedule, paper and roster and commit the draw, all or nothing.

    Idempotent: a frozen session is returned as it is. A mock has no roster and no
    draw. Raises `IllegalMove` unless the session is published, or the first refusal
    of `refusals_of`.
    """
    with transaction.atomic():
        stored = Session.objects.select_for_update().get(pk=session.pk)
        if not stored.frozen_at:
            _freeze(stored, by=by, at=at)
    session.refresh_from_db()
    return session


def sweep_freezes(*, at: datetime) -> int:
    """Freeze every published session whose sign-in has opened; return how many.

    A session that cannot be frozen is logged and does not hold up the others.
    """
    frozen = 0
    horizon = at + timedelta(days=1)
    waiting = Session.objects.filter(
        state=SessionState.PUBLISHED, frozen_at=None, starts_at__lte=horizon
    )
    for session in waiting:
        if at < Schedule.of(session).login_opens:
            continue
        try:
            freeze(session, by=Actor.job("freeze"), at=at)
        except Refusal as refusal:
            logger.warning("session %s is not frozen: %s", session.code, refusal.code)
            continue
        frozen += 1
    return frozen


def refusals_of(session: Session) -> list[Refusal]:
    """Return everything that keeps the session from being frozen; empty when sound."""
    return [
        *_refusals_of_schedule(session),
        *_refusals_of_stages(session),
        *_refusals_of_paper(session),
        *_refusals_of_roster(session),
    ]


def _freeze(session: Session, *, by: Actor, at: datetime) -> None:
    if session.state != SessionState.PUBLISHED:
        raise IllegalMove(old=session.state, new="frozen")
    for refusal in refusals_of(session):
        raise refusal
    for paper in papers_of(session):
        seal_paper(paper, by=by, at=at)
    if session.kind == SessionKind.FORMAL:
        commit_draw(session, by=by, at=at)
    session.frozen_at = at
    session.save(update_fields=["frozen_at"])
    record(
        "session.frozen",
        by=by,
        at=at,
        subject=f"session:{session.code}",
        facts=_frozen_facts(session),
        chain=session.code,
    )


def _frozen_facts(session: Session) -> dict[str, object]:
    windows = (
        "login_open_before",
        "entry_open_before",
        "login_close_after_start",
        "entry_close_after_start",
        "draw_close_before",
        "preparation",
        "answer",
        "evidence_confirm_within",
        "failure_report_within",
        "upload_cap",
        *(("mock_per_day", "mock_lead") if session.kind == SessionKind.MOCK else ()),
    )
    closes = session.mock_closes_at
    return {
        "starts_at": session.starts_at.isoformat(),
        **({"mock_closes_at": closes.isoformat()} if closes else {}),
        "stages": list(session.stages),
        **{name: getattr(session, name) for name in windows},
    }


def _refusals_of_schedule(session: Session) -> list[Refusal]:
    found: list[Refusal] = [*contradictions(session)]
    if session.time_zone not in zoneinfo.available_timezones():
        found.append(TimeZoneUnknown(name=session.time_zone))
    return found


def _refusals_of_stages(session: Session) -> list[Refusal]:
    stages = session.stages
    sound = (
        isinstance(stages, list)
        and all(stage in Stage.values for stage in stages)
        and len(stages) == len(set(stages))
        and Stage.ENTER in stages
        and Stage.ANSWER in stages
        and _is_in_order(stages)
    )
    return [] if sound else [StagesUnsound()]


def _is_in_order(stages: list[str]) -> bool:
    groups = [_group_of(stage) for stage in stages]
    if groups != sorted(groups):
        return False
    # Who draws or reads has proved to be the person on the roster.
    proved = stages.index(Stage.CHECK_IN) if Stage.CHECK_IN in stages else -1
    after = [stages.index(stage) for stage in stages if stage in _AFTER_CHECK_IN]
    return all(place > proved for place in after)


def _group_of(stage: str) -> int:
    if stage in Stage.BEFORE_ENTER:
        return 0
    if stage in Stage.AFTER_ENTER:
        return 2
    return {Stage.ENTER: 1, Stage.ANSWER: 3, Stage.UPLOAD: 4}.get(stage, -1)


def papers_of(session: Session) -> list[Paper]:
    """Return the session's paper and those drawn for its rooms, each once."""
    rooms = session.rooms.exclude(paper=None).order_by("pk")
    drawn = [room.paper for room in rooms.select_related("paper")]
    found = {paper.pk: paper for paper in (session.paper, *drawn)}
    return [found[key] for key in sorted(found)]


def _refusals_of_paper(session: Session) -> list[Refusal]:
    paper = session.paper
    complete = (
        paper is not None
        and paper.project_id == session.project_id
        and paper.questions.exists()
        and (session.kind == SessionKind.MOCK or paper.criteria.exists())
    )
    return [] if complete else [PaperMissing()]


def _refusals_of_roster(session: Session) -> list[Refusal]:
    if session.kind == SessionKind.MOCK:
        return []
    expected = session.attempts.exclude(state=AttemptState.WITHDRAWN)
    return [] if expected.exists() else [RosterEmpty()]
