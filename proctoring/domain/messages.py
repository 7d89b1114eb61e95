"""What a proctor writes to a candidate: a message, or a warning to acknowledge.

Delivers into the candidate's inbox; owns no row. A warning is no sanction: it asks to
change something, and the record says when it was acknowledged (L2).
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from candidates.domain import inbox
from candidates.enums import InboxKind
from candidates.models import InboxItem
from exams.domain.audit import Actor, record
from exams.kernel.errors import Refusal
from exams.models import Attempt, Staff

MAX_TEXT = 500
MAX_LETTER = 1500  # with the rule that it rests on


class NothingWritten(Refusal):
    """A letter has to say something."""

    code = "nothing_written"
    status = 422
    message = _("Write what the candidate should know, at most 500 characters.")


def send_message(attempt: Attempt, *, text: str, by: Staff, at: datetime) -> InboxItem:
    """Put a message into the candidate's inbox; raises `NothingWritten`."""
    return _send(
        attempt,
        kind=InboxKind.MESSAGE,
        title=_("Message from the proctor"),
        text=text,
        by=by,
        at=at,
    )


def warn(
    attempt: Attempt,
    *,
    text: str,
    article: object | None = None,
    by: Staff,
    at: datetime,
) -> InboxItem:
    """Warn the candidate, who has to acknowledge it.

    The text of `article`, a rule of the project, goes before `text`; one of them must
    be there. Raises `NothingWritten`.
    """
    rule = _in_the_candidates_language(article) if article else ""
    return _send(
        attempt,
        kind=InboxKind.WARNING,
        title=_("Warning from the proctor"),
        text="\n".join(part for part in (rule, text.strip()) if part),
        by=by,
        at=at,
    )


def _send(
    attempt: Attempt, *, kind: str, title: object, text: str, by: Staff, at: datetime
) -> InboxItem:
    text = text.strip()
    if not text or len(text) > MAX_LETTER:
        raise NothingWritten
    with transaction.atomic():
        item = inbox.deliver(
            attempt,
            kind=kind,
            title=_in_the_candidates_language(title),
            body=text,
            at=at,
            must_acknowledge=kind == InboxKind.WARNING,
        )
        record(
            f"{kind}.sent",
            by=Actor.of_staff(by),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"item": item.code},
            chain=attempt.session.code,
        )
    return item


def _in_the_candidates_language(words: object) -> str:
    """A proctor may read the portal in another language than who is written to."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(words)
