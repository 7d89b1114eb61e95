"""Letters: who would get one, what it would say to whom, and how the sending stands.

Reads only. An address is decrypted for one row at a time, where it is shown or used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import translation

from candidates.backends.ticket_pdf import BEIJING, times_of, words
from candidates.domain.mail_texts import fill, fill_subject
from candidates.enums import MailAudience, MailingState, RecipientState
from candidates.models import Enrolment, Mailing, MailPermit, Recipient
from candidates.queries.tickets import Sheet, enrolled, sheets_of
from exams.enums import SessionKind, SessionState
from exams.models import Session

NOTHING = "—"


@dataclass(frozen=True)
class Reach:
    """To how many a mailing goes, who has no address, and who had this one before."""

    people: int
    addressed: int
    before: int

    @property
    def without(self) -> int:
        return self.people - self.addressed


@dataclass(frozen=True)
class Written:
    """A letter as one person gets it."""

    subject: str
    body: str


def never_tested(session: Session) -> QuerySet[Enrolment]:
    """Return who is on the roster and never entered a mock test (R5)."""
    tested = Enrolment.objects.filter(
        candidate__project=session.project_id,
        mock_day__isnull=False,
        attempt__entered_at__isnull=False,
    )
    return enrolled(session).exclude(candidate__in=tested.values("candidate"))


def audience_of(session: Session, audience: str) -> QuerySet[Enrolment]:
    """Return the people of one audience, in the order of the roster."""
    if audience == MailAudience.NEVER_TESTED:
        return never_tested(session)
    return enrolled(session)


def with_address(people: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    return people.exclude(candidate__email="")


def reach_of(mailing: Mailing) -> Reach:
    """Return the counts of a draft's confirm page; three queries."""
    people = audience_of(mailing.session, mailing.audience)
    before = Recipient.objects.filter(
        mailing__template=mailing.template_id,
        mailing__session=mailing.session_id,
        state__in=[
            RecipientState.SENT,
            RecipientState.UNKNOWN,
            RecipientState.CLAIMED,
            RecipientState.WAITING,
        ],
    ).exclude(mailing=mailing.pk)
    return Reach(
        people=people.count(),
        addressed=with_address(people).count(),
        before=people.filter(pk__in=before.values("enrolment")).count(),
    )


def written_for(
    mailing: Mailing, people: Sequence[Enrolment], *, at: datetime
) -> list[Written]:
    """Return the letter as each of these people gets it, in the mailing's language."""
    session = mailing.session
    sheets = sheets_of(mailing, people, at=at)
    window = mock_window(session)
    with translation.override(mailing.language):
        return [_written(mailing, sheet, window) for sheet in sheets]


def _written(mailing: Mailing, sheet: Sheet, window: str) -> Written:
    heading = sheet.heading
    zone = words()["beijing"] if heading.time_zone == BEIJING else heading.time_zone
    values = {
        "name": sheet.name,
        "ticket_number": sheet.ticket_number,
        "post": sheet.post,
        "room": sheet.room,
        "project": heading.project,
        "session": heading.session,
        "time_zone": zone,
        "mock_window": window,
        "hotline": heading.hotline,
        "hotline_hours": heading.hotline_hours,
        "entry_page": heading.entry_url,
        **times_of(sheet),
    }
    values = {name: value or NOTHING for name, value in values.items()}
    return Written(
        subject=fill_subject(mailing.subject, values),
        body=fill(mailing.body, values),
    )


def mock_window(session: Session) -> str:
    """Return the windows of the project's published mock tests, in their zones."""
    mocks = Session.objects.filter(
        project=session.project_id, kind=SessionKind.MOCK, state=SessionState.PUBLISHED
    ).order_by("starts_at")
    return "; ".join(
        f"{row.starts_at.astimezone(ZoneInfo(row.time_zone)):%Y-%m-%d %H:%M}"
        f" – {row.mock_closes_at.astimezone(ZoneInfo(row.time_zone)):%Y-%m-%d %H:%M}"
        for row in mocks
    )


def is_allowed(session: Session) -> bool:
    """Return whether the session's candidates may be written to at all."""
    return MailPermit.objects.filter(session=session, allowed=True).exists()


def is_configured() -> bool:
    """Return whether this server can send mail: `EMAIL_URL` is set."""
    return bool(settings.EMAIL_URL)


def counts_of(mailing: Mailing) -> dict[str, int]:
    """Return how many recipients are in each state, zeros included; one query."""
    rows = mailing.recipients.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(RecipientState.values, 0) | dict(rows)


def mailings_due() -> QuerySet[Mailing]:
    """Return the mailings whose job has not finished, oldest first."""
    return Mailing.objects.filter(state=MailingState.SENDING).order_by("created_at")
