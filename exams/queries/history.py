"""What happened to a candidate's attempts, from this floor; one shape for all floors.

Facts in the order of their time, in the reader's language; never a name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from exams.access import assignments_of
from exams.enums import Role, SessionState
from exams.models import (
    Attempt,
    AuditEntry,
    DrawnNumber,
    Result,
    Session,
    Sheet,
    Staff,
)
from exams.queries.acts import act_words
from exams.queries.audit_trail import name_people
from exams.queries.examiner import number_text
from exams.queries.fact_words import fact_text

Attempts = Mapping[int, Attempt]


@dataclass(frozen=True)
class Happened:
    """One line: `url` is its source, "" when the reader has no page of it.

    `kind` is one of those that the page filters by; `until` ends what lasted; `needs`
    is the permission without which the source is not linked.
    """

    at: datetime
    kind: str
    title: str
    text: str = ""
    url: str = ""
    attempt: int | None = None
    tone: str = "idle"
    icon: str = "history"
    until: datetime | None = None
    needs: str = ""


def blind_sessions(staff: Staff, sessions: Iterable[Session]) -> set[int]:
    """Return in which of the sessions the person scores and results are not out.

    There the person reads no number and no mark beside a name, whatever else they
    are. One query.
    """
    held = assignments_of(staff, Role.EXAMINER, Role.CHIEF_EXAMINER)
    places = {*held.values_list("session", "room__session", "project")}
    scored = {key for one, two, _project in places for key in (one, two) if key}
    projects = {project for _one, _two, project in places if project}
    return {
        session.pk
        for session in sessions
        if session.state not in SessionState.RESULTS_OUT
        and (session.pk in scored or session.project_id in projects)
    }


def moves(attempts: Attempts) -> Iterator[Happened]:
    """Yield the moves of the attempts as the audit trail has them; three queries."""
    codes = {f"attempt:{row.code}": row.pk for row in attempts.values()}
    rows = AuditEntry.objects.filter(
        subject__in=codes, action__startswith="attempt."
    ).exclude(action__in=("attempt.marked", "attempt.voided", "attempt.restored"))
    for row in name_people(list(rows)):
        yield Happened(
            row.at,
            "passage",
            act_words(row.action),
            f"{row.who} · {fact_text(row)}",
            _page("exams_attempt", codes[row.subject]),
            codes[row.subject],
            "info",
            "right",
        )


def numbers(attempts: Attempts) -> Iterator[Happened]:
    """Yield the numbers that were dealt; one query."""
    rows = DrawnNumber.objects.filter(attempt__in=attempts)
    for row in rows.only("number", "origin", "drawn_at", "attempt", "draw"):
        yield Happened(
            row.drawn_at,
            "draw",
            _("Number %(number)s dealt") % {"number": number_text(row.number)},
            row.get_origin_display(),
            _page("exams_draw", row.draw_id),
            row.attempt_id,
            "ok",
            "lot",
        )


def scores(attempts: Attempts) -> Iterator[Happened]:
    """Yield sheets, results, and scores cancelled or brought back; five queries."""
    for sheet in Sheet.objects.filter(attempt__in=attempts, submitted_at__isnull=False):
        yield Happened(
            sheet.submitted_at,
            "score",
            _("Sheet submitted"),
            sheet.get_state_display(),
            _page("exams_sheet", sheet.pk),
            sheet.attempt_id,
            "info",
            "pen",
        )
    for result in Result.objects.filter(attempt__in=attempts):
        yield from _result_lines(result)
    codes = {f"attempt:{row.code}": row.pk for row in attempts.values()}
    rows = AuditEntry.objects.filter(
        subject__in=codes, action__in=("attempt.voided", "attempt.restored")
    )
    for row in name_people(list(rows)):
        yield Happened(
            row.at,
            "score",
            act_words(row.action),
            row.who,
            _page("exams_attempt", codes[row.subject]),
            codes[row.subject],
            "bad" if row.action == "attempt.voided" else "ok",
            "scale",
        )


def _result_lines(result: Result) -> Iterator[Happened]:
    value = result.working.get("value", str(result.value))
    told = (
        (result.computed_at, _("Result computed: %(value)s"), "calc"),
        (result.released_at, _("Result released: %(value)s"), "ok"),
    )
    for at, words, icon in told:
        if at:
            yield Happened(
                at,
                "score",
                words % {"value": value},
                "",
                _page("exams_result", result.pk),
                result.attempt_id,
                "ok",
                icon,
            )


def _page(name: str, key: int) -> str:
    return reverse(f"admin:{name}_change", args=[key])
