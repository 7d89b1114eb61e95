"""What the candidate is told in writing: the notice before, the ruling after (L7, L8).

Writes nothing. A letter is made in the portal's own language and kept as it was sent;
it names no person.
"""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from exams.queries.results import drawn_text
from proctoring.enums import Outcome, Sanction
from proctoring.models import Case


class Letter(NamedTuple):
    title: str
    body: str


def notice_of(case: Case, *, due_at: datetime) -> Letter:
    """Return the case notice: facts, basis, intention, and the right to answer."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [
            _to(case),
            _("What was found: %(facts)s") % {"facts": case.facts},
            _basis(case),
            _("What is intended: %(sanction)s") % {"sanction": _sanction(case)},
            _(
                "Nothing is decided yet. You may state your view and defend yourself "
                "until %(due)s, or say that you make no statement. What you bring is "
                "examined before anything is decided."
            )
            % {"due": _time(case, due_at)},
            _reference(case),
        ]
        return Letter(_("Notice of a case about your exam"), "\n\n".join(lines))


def ruling_of(case: Case, *, outcome: str, reasons: str, at: datetime) -> Letter:
    """Return the written decision with its reasons and what can be done against it."""
    with translation.override(settings.LANGUAGE_CODE):
        project = case.attempt.session.project
        lines = [
            _to(case),
            _("Decision of %(time)s: %(outcome)s.")
            % {"time": _time(case, at), "outcome": Outcome(outcome).label},
            _basis(case),
            _("Facts: %(facts)s") % {"facts": case.facts},
            _("Reasons: %(reasons)s") % {"reasons": reasons},
            _CONSEQUENCES[outcome]() if outcome in _CONSEQUENCES else "",
            _(
                "Two officials decided this. If you do not agree, ask the organisers "
                "for a review: %(hotline)s (%(hours)s)."
            )
            % {"hotline": project.hotline, "hours": project.hotline_hours},
            _reference(case),
        ]
        title = _("Decision in the case about your exam")
        return Letter(title, "\n\n".join(line for line in lines if line))


_CONSEQUENCES = {
    Outcome.VOID: lambda: _("Your score counts in no total and in no ranking."),
    Outcome.RESTORE: lambda: _("Your score counts again, exactly as it did before."),
}


def _to(case: Case) -> str:
    attempt = case.attempt
    number = drawn_text(attempt)
    session = attempt.session.title
    if not number:
        return _("To the candidate of %(session)s") % {"session": session}
    facts = {"session": session, "number": number}
    return _("To the candidate with number %(number)s of %(session)s") % facts


def _basis(case: Case) -> str:
    article = case.article
    return _("Basis: %(label)s, %(text)s") % {
        "label": article.label,
        "text": article.text,
    }


def _sanction(case: Case) -> str:
    return str(Sanction(case.article.sanction).label)


def _reference(case: Case) -> str:
    return _("Reference: %(code)s") % {"code": case.code}


def _time(case: Case, at: datetime) -> str:
    zone = ZoneInfo(case.attempt.session.time_zone)
    return date_format(at.astimezone(zone), "Y-m-d H:i") + f" ({zone.key})"
