"""Letter templates and permissions, where no form writes them.

Writes `MailTemplate` and `MailPermit`, each audited with its change.
"""

from datetime import datetime

from django.db import transaction

from candidates.domain.mail_texts import check, check_subject
from candidates.models import MailPermit, MailTemplate
from exams.domain.administration import record_admin_write
from exams.domain.audit import Actor
from exams.domain.mock_windows import require_formal
from exams.models import Project, Session


def create_template(
    project: Project,
    *,
    title: str,
    language: str,
    subject: str,
    body: str,
    by: Actor,
    at: datetime,
) -> MailTemplate:
    """Write down what letters may say; raises what `check` and `check_subject` do."""
    with transaction.atomic():
        template = MailTemplate.objects.create(
            project=project,
            title=title,
            language=language,
            subject=check_subject(subject),
            body=check(body),
        )
        record_admin_write("admin.add", template, fields=[], by=by, at=at)
    return template


def allow_letters(session: Session, *, by: Actor, at: datetime) -> MailPermit:
    """Open a session for letters that has no permit yet; raises `NotForMocks`."""
    require_formal(session)
    with transaction.atomic():
        permit = MailPermit.objects.create(session=session, allowed=True)
        record_admin_write("admin.add", permit, fields=["allowed"], by=by, at=at)
    return permit
