"""Features row 6: letters go once to each, and what is not known is not sent again."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django_q.models import OrmQ

from candidates.domain.mail_sending import send_letters, sweep_claims
from candidates.domain.mail_texts import (
    PLACEHOLDERS,
    LineBreak,
    LooseBrace,
    UnknownPlaceholder,
    check,
    check_subject,
    fill,
    fill_subject,
)
from candidates.domain.mailings import (
    MailNotAllowed,
    MailNotConfigured,
    NobodyToWrite,
    NothingFailed,
    discard_mailing,
    draft_mailing,
    go_on_mailing,
    retry_mailing,
    send_mailing,
    stop_mailing,
)
from candidates.domain.sweeps import MailWaker
from candidates.models import Candidate, Mailing, MailPermit, MailTemplate, Recipient
from candidates.queries.mailings import counts_of, never_tested, reach_of, written_for
from candidates.queries.tickets import enrolled
from candidates.tasks import send_mailing as task
from exams.domain.mock_windows import NotForMocks
from exams.kernel.errors import BadInput, IllegalMove
from exams.models import Attempt, AuditEntry
from tests.builders.candidates import make_enrolment
from tests.builders.exams import (
    make_attempt,
    make_project,
    make_session,
    make_staff,
)
from tests.builders.mail import AT, allow_mail, make_draft, make_template
from tests.builders.tickets import BY, ENTRY, make_person

pytestmark = pytest.mark.django_db
BACKEND = "tests.candidates.domain.test_mailings.Stubborn"


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


@pytest.fixture(autouse=True)
def _mail(settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "考务 <exam@example.org>"
    settings.EMAIL_BACKEND = BACKEND
    Stubborn.down = False
    yield
    Stubborn.down = False


@pytest.fixture
def session():
    return make_session(
        title="上午场", state="published", project=make_project(title="公开招聘")
    )


class Clock:
    """`now()` of a sender; moved by hand."""

    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at


def send(mailing, **how):
    mailing = Mailing.objects.get(pk=mailing.pk)
    return send_letters(mailing, now=how.pop("now", Clock()), **how)


def states(mailing):
    rows = mailing.recipients.select_related("enrolment__candidate")
    return {row.enrolment.candidate.email.split("@")[0]: row.state for row in rows}


def write_to(session, *names, **words):
    for name in names:
        make_person(session, email=f"{name}@example.org" if name else "")
    return send_mailing(make_draft(session, **words), by=BY, at=AT)


def test_letter_is_filled_for_each_in_the_language_of_its_template(session):
    first = make_person(session, name="林知远", email="lin@example.org")
    make_person(session, email="zhao@example.org")
    mailing = make_draft(
        session, body="{name} {ticket_number} {date} {exam} ({time_zone}) {room}"
    )
    send_mailing(mailing, by=BY, at=AT)

    assert send(mailing) == 2

    found = {message.to[0]: message for message in mail.outbox}
    letter, row = found["lin@example.org"], Recipient.objects.get(enrolment=first)
    ticket = first.candidate.ticket_number
    assert letter.subject == "公开招聘面试通知"
    assert letter.body.startswith(f"林知远 {ticket} 2030-05-20 09:00 – 09:20 (")
    assert letter.body.endswith(" —")
    assert letter.extra_headers["Message-ID"] == f"<{row.code}@example.org>"
    assert "林知远" not in found["zhao@example.org"].body
    assert [len(message.recipients()) for message in mail.outbox] == [1, 1]


def test_every_placeholder_has_a_value(session):
    make_session(project=session.project, kind="mock", state="published")
    person = make_person(session)
    body = " ".join(f"[{{{name}}}]" for name in PLACEHOLDERS)
    mailing = make_draft(session, body=body)

    (written,) = written_for(mailing, [person], at=AT)

    assert "{" not in written.body
    assert "[2030-05-20 09:00 – 2030-05-22 09:00]" in written.body


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Dear {nmae}, {x}", "{nmae}, {x}"),
        ("{name.__class__}", "{name.__class__}"),
        ("{name!r} {}", "{name!r}, {}"),
        ("{ name }", "{ name }"),
        ("{{ name }}", "{ name }"),
    ],
)
def test_placeholder_that_does_not_exist_is_refused_by_name(text, named):
    with pytest.raises(UnknownPlaceholder) as refused:
        check(text)

    assert refused.value.facts == {"names": named}


def test_loose_braces_and_subjects_of_two_lines_are_refused():
    for text in ("{name", "name}", "{name}}", "}{"):
        with pytest.raises(LooseBrace):
            check(text)
    with pytest.raises(LineBreak):
        check_subject("a\nBcc: everybody@example.org")
    assert check("{% if name %}{name}".replace("{%", "%").replace("%}", "%"))


def test_what_a_value_brings_is_text_and_no_header():
    values = dict.fromkeys(PLACEHOLDERS, "{room}\nBcc: x@example.org")

    assert fill("{name}", values) == "{room}\nBcc: x@example.org"
    assert fill_subject("{name}", values) == "{room} Bcc: x@example.org"


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


def test_letters_go_in_the_words_of_the_draft(session):
    make_person(session, email="a@example.org")
    mailing = make_draft(session, body="first {name}")
    MailTemplate.objects.update(body="second")

    send_mailing(mailing, by=BY, at=AT)
    send(mailing)

    assert mail.outbox[0].body.startswith("first ")


def test_refused_letters_fail_with_the_servers_words_and_only_they_are_retried(session):
    mailing = write_to(session, "a", "refused")
    send(mailing)
    assert states(mailing) == {"a": "sent", "refused": "failed"}
    failed = Recipient.objects.get(state="failed")
    assert failed.reason == "550 no such user"

    Candidate.objects.filter(enrolments=failed.enrolment).first()
    person = failed.enrolment.candidate
    person.email = "right@example.org"
    person.save()
    mailing.refresh_from_db()
    assert retry_mailing(mailing, by=BY, at=AT) == 1
    send(mailing)

    assert [message.to[0] for message in mail.outbox] == [
        "a@example.org",
        "right@example.org",
    ]
    mailing.refresh_from_db()
    with pytest.raises(NothingFailed):
        retry_mailing(mailing, by=BY, at=AT)


def test_line_that_breaks_makes_unknown_and_is_never_sent_again(session):
    mailing = write_to(session, "broken")

    send(mailing)
    send(mailing)

    row = Recipient.objects.get()
    assert (row.state, row.tries) == ("unknown", 1)
    assert row.reason == "Connection unexpectedly closed"
    mailing.refresh_from_db()
    assert mailing.state == "finished"
    with pytest.raises(NothingFailed):
        retry_mailing(mailing, by=BY, at=AT)


def test_server_that_is_not_there_fails_nobody(session):
    mailing = write_to(session, "a")
    Stubborn.down = True

    assert send(mailing) == 0

    mailing.refresh_from_db()
    assert mailing.problem == "[Errno 111] Connection refused"
    assert states(mailing) == {"a": "waiting"}
    Stubborn.down = False
    assert send(mailing) == 1
    mailing.refresh_from_db()
    assert (mailing.state, mailing.problem) == ("finished", "")


def test_minute_has_room_for_so_many_letters_of_all_mailings(session, settings):
    settings.MAIL_PER_MINUTE = 2
    first, second = write_to(session, "a"), write_to(make_session(), "b", "c")
    clock = Clock()

    sent = [send(first, now=clock), send(second, now=clock), send(second, now=clock)]
    clock.at += timedelta(seconds=61)
    sent.append(send(second, now=clock))

    assert sent == [1, 1, 0, 1]
    assert len(mail.outbox) == 3


def test_sender_stops_when_told_and_the_sweep_wakes_it_again(session):
    mailing = write_to(session, "a", "b", "c")
    waker = MailWaker()

    assert send(mailing, may_go_on=iter([True, False]).__next__) == 1

    assert waker.wake(at=AT) == 1
    assert OrmQ.objects.count() == 0  # only after the commit
    stop_mailing(Mailing.objects.get(), by=BY, at=AT)
    assert [send(mailing), waker.wake(at=AT + timedelta(hours=1))] == [0, 0]
    go_on_mailing(Mailing.objects.get(), by=BY, at=AT)
    assert send(mailing) == 2


def test_permission_taken_away_stops_the_letters(session):
    mailing = write_to(session, "a")
    MailPermit.objects.update(allowed=False)

    assert send(mailing) == 0
    assert states(mailing) == {"a": "waiting"}


def test_candidate_who_withdrew_or_lost_the_address_gets_none(session):
    mailing = write_to(session, "a", "b")
    rows = list(Recipient.objects.order_by("pk"))
    Attempt.objects.filter(pk=rows[0].enrolment.attempt_id).update(state="withdrawn")
    person = rows[1].enrolment.candidate
    person.email = ""
    person.save()

    send(mailing)

    assert [row.reason for row in Recipient.objects.order_by("pk")] == [
        "No longer on the roster of this session",
        "The address was taken off the roster",
    ]
    assert mail.outbox == []


def test_claim_of_a_dead_sender_becomes_unknown_and_ends_the_mailing(session):
    mailing = write_to(session, "a")
    Recipient.objects.update(state="claimed", claimed_at=AT)
    early, late = AT + timedelta(minutes=9), AT + timedelta(minutes=11)

    assert [sweep_claims(at=early), sweep_claims(at=late)] == [0, 1]

    assert send(mailing) == 0
    assert counts_of(mailing)["unknown"] == 1
    assert mail.outbox == []
    mailing.refresh_from_db()
    assert mailing.state == "finished"


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

    entries = AuditEntry.objects.filter(subject=f"mailing:{mailing.code}")
    assert [row.action for row in entries.order_by("seq")] == [
        "mailing.drafted",
        "mailing.sending",
        "mailing.finished",
    ]
    text = "".join(str(row.facts) for row in AuditEntry.objects.all())
    assert "example.org" not in text
