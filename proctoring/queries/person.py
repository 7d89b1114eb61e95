"""What this floor holds of a person's attempts, for their export. Reads only."""

from exams.queries.history import Attempts
from exams.queries.person import Told, told
from proctoring.models import Case, CaseNotice, Incident, Ruling, Statement


def of_attempts(attempts: Attempts) -> Told:
    """Return incidents and cases with notices, statements and rulings."""
    own = {"attempt__in": attempts}
    cases = {"case__attempt__in": attempts}
    return {
        "incidents": told(
            Incident.objects.filter(**own),
            *("attempt__code", "code", "kind", "stream", "from_at", "to_at", "note"),
            *("state", "reason", "at"),
        ),
        "cases": told(
            Case.objects.filter(**own),
            *("attempt__code", "code", "article__code", "facts", "state", "opened_at"),
        ),
        "notices": told(
            CaseNotice.objects.filter(**cases), "case__code", "body", "due_at", "at"
        ),
        "statements": told(
            Statement.objects.filter(**cases), "case__code", "kind", "text", "at"
        ),
        "rulings": told(
            Ruling.objects.filter(**cases),
            *("case__code", "turn", "outcome", "letter", "at"),
        ),
    }
