"""What was noticed of one candidate, and how cases went."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from exams.models import AuditEntry
from exams.queries.acts import act_words
from exams.queries.audit_trail import name_people
from exams.queries.history import Attempts, Happened
from proctoring.models import Case, Incident, Ruling
from proctoring.queries.incidents import tone_of


def incidents(attempts: Attempts) -> Iterator[Happened]:
    """Yield what was noticed, a hint and never a verdict; one query."""
    for row in Incident.objects.filter(attempt__in=attempts):
        yield Happened(
            row.from_at,
            "incident",
            row.kind_label,
            f"{row.get_source_display()} · {row.get_state_display()}",
            reverse("admin:proctoring_incident_change", args=[row.pk]),
            row.attempt_id,
            tone_of(row),
            "flag",
            row.to_at,
        )


def cases(attempts: Attempts) -> Iterator[Happened]:
    """Yield each step of each case, and the rulings; five queries."""
    rows = {
        row.code: row
        for row in Case.objects.filter(attempt__in=attempts).select_related("article")
    }
    subjects = [f"attempt:{attempt.code}" for attempt in attempts.values()]
    steps = AuditEntry.objects.filter(
        subject__in=subjects, action__startswith="case."
    ).exclude(action__in=("case.ruled", "case.reversed"))
    for step in name_people(list(steps)):
        row = rows.get(step.facts.get("case", ""))
        if row is not None:
            yield _line(row, step.at, act_words(step.action), step.who)
    rulings = Ruling.objects.filter(case__attempt__in=attempts).select_related("case")
    for ruling in rulings:
        row = rows[ruling.case.code]
        words = _("Ruling: %(outcome)s") % {"outcome": ruling.get_outcome_display()}
        yield _line(row, ruling.at, words, "", tone="bad")


def _line(row: Case, at: object, title: str, who: str, tone: str = "warn") -> Happened:
    text = f"{row.article.label} · {who}" if who else row.article.label
    url = reverse("admin:proctoring_case_change", args=[row.pk])
    return Happened(at, "case", title, text, url, row.attempt_id, tone, "scale")
