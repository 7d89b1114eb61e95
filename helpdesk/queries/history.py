"""What one candidate asked the helpdesk, and what became of it."""

from collections.abc import Iterator

from django.urls import reverse

from exams.models import AuditEntry
from exams.queries.acts import act_words
from exams.queries.audit_trail import name_people
from exams.queries.history import Attempts, Happened
from helpdesk.models import Request


def requests(attempts: Attempts) -> Iterator[Happened]:
    """Yield every step of every request as the audit trail has it; four queries."""
    asked = Request.objects.filter(attempt__in=attempts)
    rows = {f"request:{row.code}": row for row in asked}
    steps = AuditEntry.objects.filter(subject__in=rows)
    for step in name_people(list(steps)):
        row = rows[step.subject]
        yield Happened(
            step.at,
            "help",
            act_words(step.action),
            f"{row.get_topic_display()} · {step.who}",
            reverse("helpdesk:request", args=[row.code]),
            row.attempt_id,
            "info",
            "headset",
        )
