"""The job that sends letters: claimed one by one, sent, and what became of each.

Writes `Recipient`. A letter is claimed in a transaction of its own before it is sent:
whoever dies between the two leaves a claim, which becomes `unknown` and is never sent
again. A mail server that is not reached at all fails nobody's letter.
"""

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext_noop

from candidates.domain.mailings import RECIPIENT_MACHINE, finish_mailing
from candidates.enums import MailingState, RecipientState
from candidates.models import Enrolment, Mailing, Recipient
from candidates.queries.mailings import is_allowed, mailings_due, written_for
from candidates.queries.tickets import enrolled
from exams.kernel import faults
from exams.kernel.errors import Conflict

A_MINUTE = timedelta(minutes=1)
# Longer than any attempt to send one letter may take: ten times the time-out.
DEAD_AFTER = timedelta(minutes=10)
REASON_LENGTH = 300
GONE = gettext_noop("No longer on the roster of this session")
ADDRESS_GONE = gettext_noop("The address was taken off the roster")
# The server answered, and the answer is no. All else may have been sent.
REFUSED = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPResponseException,
    smtplib.SMTPNotSupportedError,
    ValueError,
)


def send_letters(
    mailing: Mailing,
    *,
    now: Callable[[], datetime],
    may_go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Send what waits, as fast as `MAIL_PER_MINUTE` allows; return how many were tried.

    Stops when `may_go_on()` says no, when the minute is used up, when the mailing is
    stopped or no longer allowed: the sweep wakes it again. Ends the mailing when
    nothing is left.
    """
    if mailing.state != MailingState.SENDING:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as problem:
        _note(mailing, _said(problem))
        return 0
    tried = 0
    try:
        _note(mailing, "")
        while may_go_on() and (row := _claim(mailing, at=now())):
            faults.reach("mail.after_claim")
            tried += 1
            if _send(mailing, row, connection, now=now) == RecipientState.UNKNOWN:
                # The line is broken. A claim on the next would only lose that one too.
                break
    finally:
        connection.close()
    mailing.refresh_from_db()
    if mailing.state == MailingState.SENDING:
        finish_mailing(mailing, at=now())
    return tried


def sweep_claims(*, at: datetime) -> int:
    """Give up on claims whose sender must be dead; return how many.

    They are `unknown` from then on: nobody can tell whether the letter left.
    """
    dead = Recipient.objects.filter(
        state=RecipientState.CLAIMED, claimed_at__lt=at - DEAD_AFTER
    )
    given_up = 0
    for row in dead:
        with transaction.atomic():
            try:
                RECIPIENT_MACHINE.move(row, to=RecipientState.UNKNOWN, ended_at=at)
            except Conflict:
                continue  # its sender was alive after all
        given_up += 1
    return given_up


def _claim(mailing: Mailing, *, at: datetime) -> Recipient | None:
    """Take the next letter, if this minute has room for it; committed on return."""
    with transaction.atomic():
        # All that are being sent: two senders count the same minute in turn.
        sending = {row.pk for row in mailings_due().select_for_update()}
        if mailing.pk not in sending or not is_allowed(mailing.session):
            return None
        used = Recipient.objects.filter(claimed_at__gt=at - A_MINUTE).count()
        if used >= settings.MAIL_PER_MINUTE:
            return None
        row = (
            mailing.recipients.filter(state=RecipientState.WAITING)
            .order_by("tries", "pk")
            .first()
        )
        if row is None:
            return None
        RECIPIENT_MACHINE.move(
            row, to=RecipientState.CLAIMED, claimed_at=at, tries=row.tries + 1
        )
    return row


def _send(
    mailing: Mailing,
    row: Recipient,
    connection: BaseEmailBackend,
    *,
    now: Callable[[], datetime],
) -> RecipientState:
    state, reason = RecipientState.SENT, ""
    try:
        person = enrolled(mailing.session).filter(pk=row.enrolment_id).first()
        reason = _unsendable(person)
        if reason:
            state = RecipientState.FAILED
        else:
            _message(mailing, row, person, connection, at=now()).send()
            faults.reach("mail.after_send")
    except REFUSED as problem:
        state, reason = RecipientState.FAILED, _said(problem)
    except (OSError, smtplib.SMTPException) as problem:
        # The line broke: before or after the server took the letter, nobody knows.
        state, reason = RecipientState.UNKNOWN, _said(problem)
    with transaction.atomic():
        row.refresh_from_db(fields=["state"])
        if row.state != state:
            RECIPIENT_MACHINE.move(row, to=state, reason=reason, ended_at=now())
    return state


def _unsendable(person: Enrolment | None) -> str:
    if person is None:
        return GONE
    return "" if person.candidate.email else ADDRESS_GONE


def _message(
    mailing: Mailing,
    row: Recipient,
    person: Enrolment,
    connection: BaseEmailBackend,
    *,
    at: datetime,
) -> EmailMessage:
    (written,) = written_for(mailing, [person], at=at)
    sender = settings.DEFAULT_FROM_EMAIL
    domain = sender.rstrip("> ").rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject=written.subject,
        body=written.body,
        from_email=sender,
        to=[person.candidate.email],
        headers={
            # By this a mail server's log tells what became of an unknown one.
            "Message-ID": f"<{row.code}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )


def _note(mailing: Mailing, problem: str) -> None:
    if mailing.problem != problem:
        Mailing.objects.filter(pk=mailing.pk).update(problem=problem)
        mailing.problem = problem


def _said(problem: Exception) -> str:
    """Return what the server said, in its words, short and on one line."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        answers = [_answer(*found) for found in problem.recipients.values()]
        text = "; ".join(answers)
    elif isinstance(problem, smtplib.SMTPResponseException):
        text = _answer(problem.smtp_code, problem.smtp_error)
    else:
        text = str(problem) or type(problem).__name__
    return " ".join(text.split())[:REASON_LENGTH]


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}"
