"""What this floor holds of a person's attempts, for their export. Reads only."""

from exams.queries.history import Attempts
from exams.queries.person import Told, told
from helpdesk.models import Message, Request


def of_attempts(attempts: Attempts) -> Told:
    """Return the conversations; who of the staff wrote is not the person's."""
    return {
        "requests": told(
            Request.objects.filter(attempt__in=attempts),
            *("code", "topic", "state", "opened_at", "ticket_number", "diagnostics"),
            "erased_at",
        ),
        "messages": told(
            Message.objects.filter(request__attempt__in=attempts),
            *("request__code", "seq", "author", "text", "at"),
        ),
    }
