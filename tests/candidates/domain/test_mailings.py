"""Features row 6: letters are drafted, allowed, confirmed once and counted."""

import pytest
from django.core import mail

from candidates.domain.mail_texts import (
    PLACEHOLDERS,
    UnknownPlaceholder,
)
from candidates.domain.mailings import (
    MailNotAllowed,
    MailNotConfigured,
    NobodyToWrite,
    discard_mailing,
    draft_mailing,
    send_mailing,
)
from candidates.models import Mailing, MailTemplate, Recipient
from candidates.queries.mailings import never_tested, reach_of, written_for
from candidates.queries.tickets import enrolled
from candidates.tasks import send_mailing as task
from exams.domain.mock_windows import NotForMocks
from exams.kernel.errors import BadInput, IllegalMove
from exams.models import AuditEntry
from tests.builders.candidates import make_enrolment
from tests.builders.exams import (
    make_attempt,
    make_project,
    make_session,
    make_staff,
)
from tests.builders.mail import (
    AT,
    allow_mail,
    make_draft,
    make_letter_session,
    make_template,
    send,
    states,
    write_to,
)
from tests.builders.tickets import BY, ENTRY, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_server")]


@pytest.fixture
def session():
    return make_letter_session()


def test_every_placeholder_has_a_value(session):
    make_session(project=session.project, kind="mock", state="published")
    person = make_person(session)
    body = " ".join(f"[{{{name}}}]" for name in PLACEHOLDERS)
    mailing = make_draft(session, body=body)

    (written,) = written_for(mailing, [person], at=AT)

    assert "{" not in written.body
    assert "[2030-05-20 09:00 – 2030-05-22 09:00]" in written.body


def test_session_that_is_not_open_to_letters_gets_none(session):
    template = make_template(session.project)
    args = {"audience": "everybody", "entry_url": ENTRY, "by": make_staff(), "at": AT}

    with pytest.raises(MailNotAllowed):
        draft_mailing(template, session, **args)
    with pytest.raises(BadInput):
        draft_mailing(make_template(make_project()), session, **args)
    with pytest.raises(NotForMocks):
        draft_mailing(template, make_session(kind="mock"), **args)
    MailTemplate.objects.update(body="{nmae}")
    allow_mail(session)
    with pytest.raises(UnknownPlaceholder):
        draft_mailing(MailTemplate.objects.get(pk=template.pk), session, **args)
    assert Mailing.objects.count() == 0


def test_server_without_mail_refuses_and_keeps_the_draft(session, settings):
    make_person(session, email="a@example.org")
    mailing = make_draft(session)
    settings.EMAIL_URL = ""

    with pytest.raises(MailNotConfigured):
        send_mailing(mailing, by=BY, at=AT)

    mailing.refresh_from_db()
    assert (mailing.state, Recipient.objects.count()) == ("draft", 0)


def test_people_without_an_address_are_named_and_get_none(session):
    mailing = write_to(session, "a", "")

    send(mailing)

    assert states(mailing) == {"a": "sent", "": "no_address"}
    assert reach_of(mailing).without == 1
    with pytest.raises(NobodyToWrite):
        send_mailing(make_draft(make_session()), by=BY, at=AT)


def test_draft_is_sent_once_however_often_it_is_confirmed(session):
    mailing = write_to(session, "a")

    with pytest.raises(IllegalMove):
        send_mailing(Mailing.objects.get(), by=BY, at=AT)

    send(mailing)
    assert [send(mailing), task(mailing=mailing.code)] == [0, "finished"]
    assert len(mail.outbox) == 1
    assert task(mailing="nowhere") == "gone"


def test_who_never_tested_are_those_who_entered_no_mock(session):
    mock = make_session(project=session.project, kind="mock", state="published")
    tested, started, never = (make_person(session) for _ in range(3))
    for row, entered in ((tested, AT), (started, None)):
        attempt = make_attempt(mock, entered_at=entered)
        make_enrolment(row.candidate, attempt, mock_day=AT.date(), mock_ordinal=1)

    assert set(never_tested(session)) == {started, never}
    assert enrolled(session).count() == 3
    draft = make_draft(session, audience="never_tested")
    assert reach_of(draft).people == 2


def test_confirm_page_knows_who_had_this_letter_before(session):
    mailing = write_to(session, "a", "b")
    send(mailing)
    again = make_draft(session)
    Mailing.objects.filter(pk=again.pk).update(template=mailing.template)
    again.refresh_from_db()

    assert reach_of(again).before == 2


def test_trail_says_what_was_sent_by_whom_and_names_nobody(session):
    mailing = write_to(session, "a")
    send(mailing)
    discard_mailing(make_draft(session), by=BY, at=AT)

    entries = AuditEntry.objects.filter(subject=f"mailing:{mailing.code}").order_by(
        "pk"
    )
    assert [row.action for row in entries.order_by("seq")] == [
        "mailing.drafted",
        "mailing.sending",
        "mailing.finished",
    ]
    text = "".join(str(row.facts) for row in AuditEntry.objects.all())
    assert "example.org" not in text
