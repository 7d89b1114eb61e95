"""Results: computed from locked sheets, released for a whole session at once.

Owns `Result`. Writes the states of attempts and of the session through their
machines. Reads marks only of sheets that count; never touches a mark. What is
released is what was computed in the same transaction (R21, S3, S5). A cancelled score
is computed like every other and shown to nobody while it is cancelled, so that
bringing it back changes no digit.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain import attempts, projects
from exams.domain.aggregate import Outcome, Rule, aggregate
from exams.domain.audit import Actor
from exams.domain.corrections import correct_results
from exams.domain.events import publish
from exams.domain.mock_windows import require_formal
from exams.domain.scoring import mark_complete_attempts
from exams.enums import AttemptState, SessionState
from exams.kernel import canonical
from exams.kernel.errors import Refusal
from exams.models import Attempt, Criterion, Result, Session
from exams.queries.examiner import counted_sheets, criteria_of
from exams.queries.results import Unready, unready_attempts
from exams.queries.voids import void_attempts

NAMED = 20


class ResultsIncomplete(Refusal):
    """Some attempts are neither marked nor absent nor withdrawn."""

    code = "results_incomplete"
    message = _("%(count)s attempts are not ready to be released: %(missing)s")


class AlreadyReleased(Refusal):
    """The session's results are out; they are never computed again."""

    code = "already_released"
    message = _("The results of this session are already released.")


def rule_of(session: Session, criteria: list[Criterion]) -> Rule:
    """Return the session's stated rule: `trim` highest and lowest, and decimals."""
    return Rule(
        highest=session.trim,
        lowest=session.trim,
        weights=tuple(row.weight for row in criteria),
        decimals=session.decimals,
    )


def compute_results(session: Session, *, at: datetime) -> int:
    """Compute every marked attempt's result and return how many.

    Idempotent until release; the rows stay unseen until then. Raises
    `AlreadyReleased`, `NotForMocks`, and `TooFewSheets` when the rule drops more than
    a panel has.
    """
    require_formal(session)
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=session.pk)
        if session.state in SessionState.RESULTS_OUT:
            raise AlreadyReleased
        criteria = criteria_of(session)
        marked = list(session.attempts.filter(state=AttemptState.MARKED))
        for attempt in marked:
            outcome = _outcome(attempt, criteria, rule_of(session, criteria))
            Result.objects.update_or_create(
                attempt=attempt,
                defaults={
                    "value": outcome.value,
                    "working": outcome.working,
                    "computed_at": at,
                },
            )
        correct_results(session)
    return len(marked)


def result_again(attempt: Attempt) -> Outcome:
    """Return what the sheets that count give now; nothing is written (S8).

    Without the balance between rooms. Raises `TooFewSheets`.
    """
    criteria = criteria_of(attempt.session)
    return _outcome(attempt, criteria, rule_of(attempt.session, criteria))


def release_results(session: Session, *, by: Actor, at: datetime) -> int:
    """Release the whole session; return how many results came out.

    Refuses with `ResultsIncomplete`, naming what is missing, unless every attempt
    is marked, absent, withdrawn or cancelled. Attempts and session move to
    `released`, every candidate's page is told, and the entry holds a digest over all
    results.
    """
    with transaction.atomic():
        mark_complete_attempts(session, by=by, at=at)
        compute_results(session, at=at)
        _refuse_unready(unready_attempts(session))
        results = list(
            Result.objects.filter(
                attempt__session=session, attempt__state=AttemptState.MARKED
            ).select_related("attempt__session")
        )
        void = set(void_attempts().filter(session=session).values_list("pk", flat=True))
        void &= {result.attempt_id for result in results}
        for result in results:
            _release(result, by=by, at=at)
        session.refresh_from_db()
        if session.state == SessionState.PUBLISHED:
            projects.advance(session, to=SessionState.SCORING, by=by, at=at)
        projects.advance(
            session,
            to=SessionState.RELEASED,
            by=by,
            at=at,
            facts={
                "results": len(results),
                "void": len(void),
                "digest": _digest(results),
            },
        )
    return len(results) - len(void)


def _outcome(attempt: Attempt, criteria: list[Criterion], rule: Rule) -> Outcome:
    sheets = []
    for sheet in counted_sheets(attempt).prefetch_related("marks"):
        given = {mark.criterion_id: mark.value for mark in sheet.marks.all()}
        sheets.append([given[row.pk] for row in criteria if row.pk in given])
    return aggregate(sheets, rule)


def _refuse_unready(missing: list[Unready]) -> None:
    if not missing:
        return
    named = ", ".join(
        f"{row.number or row.code} ({row.state}, {row.sheets}/{row.expected})"
        for row in missing[:NAMED]
    )
    more = " …" if len(missing) > NAMED else ""
    raise ResultsIncomplete(count=len(missing), missing=named + more)


def _release(result: Result, *, by: Actor, at: datetime) -> None:
    result.released_at = at
    result.save(update_fields=["released_at"])
    attempts.advance(
        result.attempt,
        to=AttemptState.RELEASED,
        by=by,
        at=at,
        facts={"result": result.working["value"]},
    )
    publish(f"attempt:{result.attempt.code}", "result.released", {}, at=at)


def _digest(results: list[Result]) -> str:
    listed = {result.attempt.code: result.working for result in results}
    return hashlib.sha256(canonical.encode(listed)).hexdigest()
