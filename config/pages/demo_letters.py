"""The demo's invitation: a template, and a draft of it that nobody has sent."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from candidates.domain.mail_setup import allow_letters, create_template
from candidates.domain.mailings import draft_mailing
from candidates.enums import MailAudience
from exams.domain.audit import Actor
from exams.models import Project, Session, Staff


def write_letters(
    project: Project,
    sessions: Iterable[Session],
    *,
    entry_url: str,
    drafted_by: Staff,
    by: Actor,
    at: datetime,
) -> None:
    """Make the invitation in the active language, and a draft to each session."""
    template = create_template(
        project,
        title=_("Invitation"),
        language=get_language(),
        subject=_("{project}: your interview on {date}"),
        body=_(
            "Dear {name},\n\nyou are invited to the online interview “{session}” for "
            "the post {post}. Your ticket number is {ticket_number}.\n\n"
            "Date: {date} ({time_zone})\nSign-in: {sign_in}\nEnter: {enter}\n"
            "Exam: {exam}\nMock tests: {mock_window}\n\n"
            "Sign in here: {entry_page}\nHotline: {hotline} ({hotline_hours})"
        ),
        by=by,
        at=at,
    )
    for session in sessions:
        allow_letters(session, by=by, at=at)
        draft_mailing(
            template,
            session,
            audience=MailAudience.EVERYBODY,
            entry_url=entry_url,
            by=drafted_by,
            at=at,
        )
