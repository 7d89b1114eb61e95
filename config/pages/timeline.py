"""All that happened to one candidate, from every floor, the newest last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from candidates.models import Candidate
from candidates.queries import history as of_candidates
from candidates.queries.roster_history import roster
from exams.kernel.errors import NotAllowed
from exams.models import Attempt, Staff
from exams.queries import history as of_exams
from exams.queries.history import Attempts, Happened, blind_sessions
from exams.queries.scope import scoped
from helpdesk.queries import history as of_helpdesk
from proctoring.queries import history as of_proctoring

MAY = "candidates.view_candidate"
MAY_SCORES = "exams.view_result"
MOST = 2000
KINDS: dict[str, Promise] = {
    "roster": _("Roster"),
    "sign_in": pgettext_lazy("kind", "Sign-in"),
    "identity": _("Identity"),
    "passage": _("Passage"),
    "reading": _("Documents"),
    "phone": _("Phone"),
    "draw": _("Draw"),
    "film": _("Recordings"),
    "help": _("Requests"),
    "letter": _("Letters"),
    "incident": _("Incidents"),
    "case": _("Cases and rulings"),
    "score": _("Scores"),
}


@dataclass(frozen=True)
class Day:
    """The lines of one day in the staff's zone."""

    day: date
    lines: list[tuple[Happened, Attempt | None]]


def candidate_for(staff: Staff, pk: int) -> Candidate:
    """Return the candidate, of whoever may see them; others get 403 or 404."""
    if not staff.has_perm(MAY):
        raise NotAllowed
    own = scoped(Candidate.objects.all(), "project", staff)
    candidate = own.select_related("project").filter(pk=pk).first()
    if candidate is None:
        raise Http404
    return candidate


@require_safe
def page(request: HttpRequest, pk: int, *, site: object) -> HttpResponse:
    """Show the lines of the chosen kinds and of one attempt or all."""
    candidate = candidate_for(request.user, pk)
    attempts = of_candidates.attempts_of(candidate)
    chosen = [kind for kind in request.GET.getlist("kind") if kind in KINDS]
    code = request.GET.get("attempt", "")
    lines, hidden = _lines(request.user, candidate, attempts)
    counts = dict.fromkeys(KINDS, 0)
    for line in lines:
        counts[line.kind] += 1
    keys = {row.pk for row in attempts.values() if row.code == code}
    shown = [
        line
        for line in lines
        if (not chosen or line.kind in chosen) and (not keys or line.attempt in keys)
    ]
    context = {
        **site.each_context(request),
        "title": _("Timeline"),
        "candidate": candidate,
        "attempts": list(attempts.values()),
        "attempt": code if keys else "",
        "kinds": [
            (kind, words, counts[kind], kind in chosen) for kind, words in KINDS.items()
        ],
        "days": list(_days(shown[-MOST:], attempts)),
        "cut": len(shown) > MOST,
        "most": MOST,
        "nothing": not lines,
        "hidden": hidden,
    }
    return TemplateResponse(request, "admin/timeline.html", context)


def _lines(
    staff: Staff, candidate: Candidate, attempts: Attempts
) -> tuple[list[Happened], list[Attempt]]:
    """Return every line that the person may read, and of whom scores are hidden."""
    sessions = {row.session for row in attempts.values()}
    blind = blind_sessions(staff, sessions)
    may = staff.has_perm(MAY_SCORES)
    seen = {key: row for key, row in attempts.items() if row.session_id not in blind}
    parts: Iterable[Iterator[Happened]] = (
        roster(candidate, attempts),
        of_candidates.sign_ins(attempts),
        of_candidates.identity(attempts),
        of_candidates.reading(attempts),
        of_candidates.phones(attempts),
        of_candidates.films(attempts),
        of_candidates.letters(attempts),
        of_exams.moves(attempts),
        of_exams.numbers(seen),
        of_exams.scores(seen if may else {}),
        of_proctoring.incidents(attempts),
        of_proctoring.cases(attempts),
        of_helpdesk.requests(attempts),
    )
    lines = sorted(
        (_linked(line, staff) for part in parts for line in part),
        key=lambda one: one.at,
    )
    hidden = [row for key, row in attempts.items() if not may or key not in seen]
    return lines, hidden


def _linked(line: Happened, staff: Staff) -> Happened:
    """Return the line without its source where the person may not open that."""
    if line.needs and not staff.has_perm(line.needs):
        return replace(line, url="")
    return line


def _days(lines: list[Happened], attempts: Attempts) -> Iterator[Day]:
    def day_of(line: Happened) -> date:
        return timezone.localtime(line.at).date()

    for day, members in groupby(lines, key=day_of):
        yield Day(day, [(line, attempts.get(line.attempt)) for line in members])
