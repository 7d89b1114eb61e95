"""Letters go once to each, and what is not known is not sent again."""

from datetime import timedelta

import pytest
from django.core import mail
from django_q.models import OrmQ

from candidates.domain.mail_sending import sweep_claims
from candidates.domain.mailings import (
    NothingFailed,
    go_on_mailing,
    retry_mailing,
    send_mailing,
    stop_mailing,
)
from candidates.domain.sweeps import MailWaker
from candidates.models import Candidate, Mailing, MailPermit, MailTemplate, Recipient
from candidates.queries.mailings import counts_of
from exams.models import Attempt
from tests.builders.exams import (
    make_session,
)
from tests.builders.mail import (
    AT,
    Clock,
    Stubborn,
    make_draft,
    make_letter_session,
    send,
    states,
    write_to,
)
from tests.builders.tickets import BY, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_server")]


@pytest.fixture
def session():
    return make_letter_session()


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
