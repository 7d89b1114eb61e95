"""Letters: templates, permissions, drafts, and one with a recipient in each state."""

from candidates.domain.mailings import draft_mailing
from candidates.models import Mailing, MailPermit, MailTemplate, Recipient
from exams.kernel.tokens import random_code
from exams.models import Project, Session
from tests.builders.exams import before_start, make_staff
from tests.builders.tickets import ENTRY, make_person

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
