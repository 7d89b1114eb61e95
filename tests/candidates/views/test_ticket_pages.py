"""A candidate's own ticket: on the home page once published, and nobody else's."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from candidates.access import COOKIE
from candidates.domain.tickets import publish_tickets, withdraw_tickets
from candidates.models import Candidate, DeviceLease, TicketBatch
from exams.models import AuditEntry
from tests.builders.candidates import make_enrolment, make_lease
from tests.builders.exams import make_attempt, make_session
from tests.builders.passages import picture
from tests.builders.tickets import (
    AT,
    BY,
    make_person,
    make_published_tickets,
    make_ready_tickets,
    text_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.TICKETS_ROOT = tmp_path / "tickets"


@pytest.fixture
def session(project):
    return make_session(project=project, state="published")


def browser_of(enrolment, **lease):
    make_lease(enrolment.attempt, token=f"t{enrolment.pk}", **lease)
    client = Client()
    client.cookies[COOKIE] = f"t{enrolment.pk}"
    return client


def statuses(client, enrolment):
    base = f"/ticket/{enrolment.attempt.code}/"
    return [client.get(base + end).status_code for end in ("", "zh-hans/", "photo/")]


def test_ticket_is_on_the_home_page_once_it_is_published(session):
    mine = make_person(session)
    mine.candidate.photo.save("x", ContentFile(picture()))
    client, home = browser_of(mine), f"/p/{session.project.slug}/home/"
    batch = make_ready_tickets(session)
    assert 'data-action="ticket"' not in client.get(home).content.decode()
    assert statuses(client, mine) == [404, 404, 404]

    publish_tickets(batch, by=BY, at=AT)

    assert 'data-action="ticket"' in client.get(home).content.decode()
    assert statuses(client, mine) == [200, 200, 200]
    file = client.get(f"/ticket/{mine.attempt.code}/zh-hans/")
    assert mine.candidate.name in text_in(b"".join(file))
    entries = AuditEntry.objects.filter(action="ticket.opened").order_by("pk")
    assert {(row.actor_kind, row.actor_ref) for row in entries} == {
        ("candidate", mine.attempt.code)
    }
    withdraw_tickets(TicketBatch.objects.get(), by=BY, at=AT, reason="x")
    assert statuses(client, mine) == [404, 404, 404]


def test_nobody_reaches_the_ticket_of_another(session):
    mine, other = make_person(session), make_person(session, name="别人的名字")
    make_published_tickets(session)
    client = browser_of(mine)

    page = client.get(f"/ticket/{mine.attempt.code}/").content.decode()

    assert statuses(client, other) == [404, 404, 404]
    assert statuses(Client(), mine) == [401, 401, 401]
    for fact in (other.candidate.name, other.candidate.ticket_number):
        assert fact not in page
    assert mine.candidate.id_number not in page


def test_browser_that_waits_for_a_takeover_sees_no_ticket(session):
    mine = make_person(session)
    make_published_tickets(session)
    client = browser_of(mine, state="waiting", epoch=None, level="claimed")

    home = client.get(f"/p/{session.project.slug}/home/").content.decode()

    assert statuses(client, mine) == [403, 403, 403]
    assert 'data-action="ticket"' not in home


def test_ticket_is_found_from_the_mock_test_too(session):
    mine = make_person(session)
    make_published_tickets(session)
    mock = make_session(project=session.project, kind="mock", state="published")
    attempt = make_attempt(mock, starts_at=AT)
    practice = make_enrolment(
        mine.candidate, attempt, mock_day=AT.date(), mock_ordinal=1
    )

    client = browser_of(practice)

    assert statuses(client, mine)[:2] == [200, 200]
    assert statuses(client, practice)[:2] == [404, 404]


def test_ticket_out_of_date_is_refused_in_words(session):
    mine = make_person(session)
    make_published_tickets(session)
    client = browser_of(mine)
    Candidate.objects.update(name="改过的名字")

    page = client.get(f"/ticket/{mine.attempt.code}/")

    assert statuses(client, mine)[:2] == [409, 409]
    assert "改过的名字" not in page.content.decode()
    assert client.get(f"/ticket/{mine.attempt.code}/fr/").status_code == 404


def test_ended_lease_has_no_ticket(session):
    mine = make_person(session)
    make_published_tickets(session)
    client = browser_of(mine)
    DeviceLease.objects.update(state="ended")

    assert statuses(client, mine) == [401, 401, 401]
