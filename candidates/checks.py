"""What the boot warns about on the candidates' floor."""

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from candidates.queries.mailings import mailings_due


@checks.register
def letters(**kwargs: object) -> list[checks.CheckMessage]:
    """Warn when letters wait to be sent and this server has no way to send them."""
    if settings.EMAIL_URL:
        return []
    try:
        waiting = mailings_due().count()
    except DatabaseError:
        # Before the first migration there are none.
        return []
    text = f"EMAIL_URL is not set, and {waiting} sending(s) of letters wait"
    return [checks.Warning(text, id="kaowu.W001")] if waiting else []
