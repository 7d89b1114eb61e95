"""Letters by e-mail: drafted, looked at, sent once, stopped, tried again where failed.

Owns `Mailing` and, together with `mail_sending`, `Recipient`. A draft keeps its words:
who changes the template afterwards changes no letter. One person gets one letter of
one mailing, which a constraint and compare-and-set hold (features row 6).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain.mail_texts import check, check_subject
from candidates.enums import MailingState, RecipientState
from candidates.models import Mailing, MailTemplate, Recipient
from candidates.queries.mailings import (
    audience_of,
    counts_of,
    is_allowed,
    is_configured,
    with_address,
)
from exams.domain.audit import Actor, record
from exams.domain.mock_windows import require_formal
from exams.kernel import jobs
from exams.kernel.errors import BadInput, Refusal
from exams.kernel.states import Machine
from exams.kernel.tokens import random_code
from exams.models import Session, Staff

MAIL_TASK = "candidates.tasks.send_mailing"
BATCH = 500

MACHINE = Machine(
    {
        "draft": frozenset({"sending", "discarded"}),
        "sending": frozenset({"finished", "stopped"}),
        "stopped": frozenset({"sending"}),
        "finished": frozenset({"sending"}),
    }
)
RECIPIENT_MACHINE = Machine(
    {
        "waiting": frozenset({"claimed"}),
        "claimed": frozenset({"sent", "failed", "unknown"}),
        "failed": frozenset({"waiting"}),
        # Only its own sender, late but alive, can still know better.
        "unknown": frozenset({"sent", "failed"}),
    }
)


class MailNotAllowed(Refusal):
    """Nobody opened this session for letters."""

    code = "mail_not_allowed"
    message = _(
        "Letters to the candidates of this session are not allowed. Allow them first "
        "under “Permissions for letters”."
    )


class MailNotConfigured(Refusal):
    """The server has no way to send mail."""

    code = "mail_not_configured"
    status = 503
    message = _(
        "This server cannot send mail: EMAIL_URL is not set. Nothing was sent; the "
        "draft stays."
    )


class NobodyToWrite(Refusal):
    """The audience is empty, or nobody in it has an address."""

    code = "nobody_to_write"
    message = _("None of these people has an e-mail address on the roster.")


class NothingFailed(Refusal):
    """A retry is for failed letters only."""

    code = "nothing_failed"
    message = _("No letter of this mailing has failed.")


def draft_mailing(
    template: MailTemplate,
    session: Session,
    *,
    audience: str,
    entry_url: str,
    by: Staff,
    at: datetime,
) -> Mailing:
    """Take down what would be sent; nobody gets anything yet.

    `audience` is one of `MailAudience`. Raises `NotForMocks`, `MailNotAllowed`,
    `BadInput` for a template of another project, and what `check` raises.
    """
    require_formal(session)
    if template.project_id != session.project_id:
        raise BadInput(reason=_("The template belongs to another project."))
    if not is_allowed(session):
        raise MailNotAllowed
    with transaction.atomic():
        mailing = Mailing.objects.create(
            session=session,
            template=template,
            audience=audience,
            language=template.language,
            subject=check_subject(template.subject),
            body=check(template.body),
            entry_url=entry_url,
            created_by=by,
            created_at=at,
        )
        _record("mailing.drafted", mailing, by=Actor.of_staff(by), at=at)
    return mailing


def send_mailing(mailing: Mailing, *, by: Actor, at: datetime) -> Mailing:
    """Write the list of recipients down and wake the job that sends; once.

    Raises `MailNotConfigured`, `MailNotAllowed`, `NobodyToWrite`, and `IllegalMove` or
    `Conflict` for a draft that is sent already.
    """
    _require_way(mailing)
    with transaction.atomic():
        people = audience_of(mailing.session, mailing.audience)
        addressed = set(with_address(people).values_list("pk", flat=True))
        if not addressed:
            raise NobodyToWrite
        _move(mailing, MailingState.SENDING, by=by, at=at, started_at=at)
        Recipient.objects.bulk_create(
            [
                Recipient(
                    mailing=mailing,
                    enrolment_id=pk,
                    code=random_code(24),
                    state=RecipientState.WAITING
                    if pk in addressed
                    else RecipientState.NO_ADDRESS,
                )
                for pk in people.values_list("pk", flat=True)
            ],
            batch_size=BATCH,
        )
        jobs.wake(MAIL_TASK, mailing=mailing.code)
    return mailing


def discard_mailing(mailing: Mailing, *, by: Actor, at: datetime) -> Mailing:
    """Put a draft away; nothing was sent."""
    with transaction.atomic():
        _move(mailing, MailingState.DISCARDED, by=by, at=at)
    return mailing


def stop_mailing(mailing: Mailing, *, by: Actor, at: datetime) -> Mailing:
    """Send no further letter of this mailing; what was sent stays sent."""
    with transaction.atomic():
        _move(mailing, MailingState.STOPPED, by=by, at=at)
    return mailing


def go_on_mailing(mailing: Mailing, *, by: Actor, at: datetime) -> Mailing:
    """Send the letters that still wait in a stopped mailing."""
    _require_way(mailing)
    with transaction.atomic():
        _move(mailing, MailingState.SENDING, by=by, at=at)
        jobs.wake(MAIL_TASK, mailing=mailing.code)
    return mailing


def retry_mailing(mailing: Mailing, *, by: Actor, at: datetime) -> int:
    """Let the failed letters, and no others, be tried again; return how many.

    A letter of which nobody knows whether it was sent is not touched. Raises
    `NothingFailed`, `IllegalMove` while it is being sent, `MailNotConfigured`.
    """
    _require_way(mailing)
    with transaction.atomic():
        failed = mailing.recipients.filter(state=RecipientState.FAILED)
        rows = list(failed)
        if not rows:
            raise NothingFailed
        _move(mailing, MailingState.SENDING, by=by, at=at, finished_at=None)
        for row in rows:
            RECIPIENT_MACHINE.move(row, to=RecipientState.WAITING, reason="")
        jobs.wake(MAIL_TASK, mailing=mailing.code)
    return len(rows)


def finish_mailing(mailing: Mailing, *, at: datetime) -> bool:
    """End a mailing of which nothing waits and nothing is being sent."""
    with transaction.atomic():
        counts = counts_of(mailing)
        if counts[RecipientState.WAITING] or counts[RecipientState.CLAIMED]:
            return False
        _move(
            mailing,
            MailingState.FINISHED,
            by=Actor.job("mail"),
            at=at,
            finished_at=at,
            problem="",
        )
    return True


def _require_way(mailing: Mailing) -> None:
    if not is_configured():
        raise MailNotConfigured
    if not is_allowed(mailing.session):
        raise MailNotAllowed


def _move(
    mailing: Mailing, state: str, *, by: Actor, at: datetime, **columns: object
) -> None:
    MACHINE.move(mailing, to=state, **columns)
    _record(f"mailing.{state}", mailing, by=by, at=at, **counts_of(mailing))


def _record(
    action: str, mailing: Mailing, *, by: Actor, at: datetime, **facts: object
) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"mailing:{mailing.code}",
        facts={"audience": mailing.audience, **facts},
        chain=mailing.session.code,
    )
