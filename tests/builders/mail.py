"""Letters: templates, permissions, drafts, and one with a recipient in each state."""

import smtplib

from django.core.mail.backends.locmem import EmailBackend

from candidates.domain.mail_sending import send_letters
from candidates.domain.mailings import draft_mailing, send_mailing
from candidates.models import Mailing, MailPermit, MailTemplate, Recipient
from exams.kernel.tokens import random_code
from exams.models import Project, Session
from tests.builders.exams import (
    before_start,
    make_project,
    make_session,
    make_staff,
)
from tests.builders.tickets import BY, ENTRY, make_person

AT = before_start(86_400)
BODY = "{name}：您的准考证号是 {ticket_number}，考试时间 {date} {exam}。{entry_page}"


def make_template(project: Project, **columns: object) -> MailTemplate:
    columns.setdefault("title", f"邀请{random_code(4)}")
    columns.setdefault("language", "zh-hans")
    columns.setdefault("subject", "{project}面试通知")
    columns.setdefault("body", BODY)
    return MailTemplate.objects.create(project=project, **columns)


def allow_mail(session: Session) -> MailPermit:
    return MailPermit.objects.update_or_create(
        session=session, defaults={"allowed": True}
    )[0]


def make_draft(session: Session, *, audience: str = "everybody", **words) -> Mailing:
    """A draft to the session's candidates, who may be written to."""
    allow_mail(session)
    return draft_mailing(
        make_template(session.project, **words),
        session,
        audience=audience,
        entry_url=ENTRY,
        by=make_staff(),
        at=AT,
    )


def make_sent_mailing(session: Session) -> Mailing:
    """One that is over: somebody got it, somebody did not, of one nobody knows."""
    mailing = make_draft(session)
    Mailing.objects.filter(pk=mailing.pk).update(
        state="finished", started_at=AT, finished_at=AT
    )
    for state in ("sent", "failed", "unknown", "no_address"):
        person = make_person(session, email=f"{state}@example.org")
        Recipient.objects.create(
            mailing=mailing,
            enrolment=person,
            code=random_code(24),
            state=state,
            reason="550 no such user" if state == "failed" else "",
            ended_at=AT,
        )
    mailing.refresh_from_db()
    return mailing


class Stubborn(EmailBackend):
    """A real back end in memory that answers some addresses as servers do."""

    def open(self):
        if Stubborn.down:
            raise ConnectionRefusedError(111, "Connection refused")

    down = False

    def send_messages(self, messages):
        for message in messages:
            address = message.to[0]
            if address.startswith("refused"):
                answer = {address: (550, b"no such user")}
                raise smtplib.SMTPRecipientsRefused(answer)
            if address.startswith("broken"):
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return super().send_messages(messages)


class Clock:
    """`now()` of a sender; moved by hand."""

    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at


def make_letter_session() -> Session:
    """A session whose titles the letters quote."""
    return make_session(
        title="上午场", state="published", project=make_project(title="公开招聘")
    )


def write_to(session: Session, *names: str, **words: str) -> Mailing:
    """A mailing on its way to people of these names; "" has no address."""
    for name in names:
        make_person(session, email=f"{name}@example.org" if name else "")
    return send_mailing(make_draft(session, **words), by=BY, at=AT)


def send(mailing: Mailing, **how) -> int:
    """Let the job send what waits."""
    mailing = Mailing.objects.get(pk=mailing.pk)
    return send_letters(mailing, now=how.pop("now", Clock()), **how)


def states(mailing: Mailing) -> dict[str, str]:
    """The state of each recipient, by the name in the address."""
    rows = mailing.recipients.select_related("enrolment__candidate")
    return {row.enrolment.candidate.email.split("@")[0]: row.state for row in rows}
