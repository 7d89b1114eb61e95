"""The pages of admission tickets through an administrator's eyes."""

import pytest
from django.urls import reverse

from candidates.models import Candidate, TicketBatch
from exams.models import AuditEntry
from tests.builders.exams import make_room, make_session
from tests.builders.tickets import (
    AT,
    make_batch,
    make_person,
    make_published_tickets,
    make_ready_tickets,
    text_in,
)

pytestmark = pytest.mark.django_db
ASK = "/admin/candidates/ticketbatch/add/"
LIST = "/admin/candidates/ticketbatch/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.TICKETS_ROOT = tmp_path / "tickets"


@pytest.fixture
def session(project):
    return make_session(project=project, title="上午场", state="published")


def url_of(batch, name, *more):
    return reverse(f"admin:tickets_{name}", args=[batch.pk, *more])


def page_of(client, batch, query=""):
    return client.get(url_of(batch, "show") + query).content.decode()


def test_asking_leads_to_the_page_that_shows_progress(client, administrator, session):
    make_person(session)
    assert client.get(ASK + f"?session={session.pk}").status_code == 200

    page = client.post(ASK, {"session": session.pk, "language": "en"}, follow=True)

    batch = TicketBatch.objects.get()
    assert page.redirect_chain == [(url_of(batch, "show"), 302)]
    assert batch.entry_url == f"http://testserver/p/{session.project.slug}/"
    text = page.content.decode()
    assert f'data-job="{url_of(batch, "progress")}"' in text
    assert client.get(url_of(batch, "progress")).json() == {
        "made": 0,
        "total": 2,
        "done": False,
    }


@pytest.mark.parametrize(
    ("fonts", "people", "status", "code"),
    [(["/nowhere.ttc"], 1, 503, "font_missing"), (None, 0, 409, "nobody_enrolled")],
)
def test_what_cannot_be_made_is_refused_on_the_page(
    client, administrator, session, settings, fonts, people, status, code
):
    settings.PDF_FONTS = fonts or settings.PDF_FONTS
    for _ in range(people):
        make_person(session)

    page = client.post(ASK, {"session": session.pk, "language": "en"})

    assert (page.status_code, page.context["refusal"].code) == (status, code)
    assert TicketBatch.objects.count() == 0


def test_session_of_another_project_and_mocks_are_no_choice(client, administrator):
    mock = make_session(kind="mock")
    for session in (make_session(), mock):
        page = client.post(ASK, {"session": session.pk, "language": "en"})
        assert page.context["form"].errors.keys() == {"session"}


def test_publish_page_says_to_how_many_and_refuses_what_is_stale(
    client, administrator, session
):
    person = make_person(session)
    batch = make_ready_tickets(session, at=AT)
    url = reverse("admin:candidates_ticketbatch_publish", args=[batch.pk])
    assert client.get(url).context["cautions"] == []
    Candidate.objects.filter(pk=person.candidate_id).update(name="另一个名字")

    page = client.get(url)
    refused = client.post(url, {"reason": "x"})

    assert "1" in str(page.context["extent"])
    assert len(page.context["cautions"]) == 1
    assert (refused.status_code, refused.context["refusal"].code) == (
        409,
        "tickets_stale",
    )
    assert 'data-tone="warn"' in page_of(client, batch, "?show=all")
    Candidate.objects.filter(pk=person.candidate_id).update(name=person.candidate.name)
    assert client.post(url, {"reason": "x"}).status_code == 302
    assert TicketBatch.objects.get().state == "published"


def test_file_of_a_room_is_handed_out_and_recorded(client, administrator, session):
    room = make_room(session, name="第一考场")
    person = make_person(session, room=room)
    batch = make_ready_tickets(session)
    ticket = batch.tickets.get(room=room)

    reply = client.get(url_of(batch, "file", ticket.code))

    assert reply["Content-Type"] == "application/pdf"
    assert person.candidate.ticket_number in text_in(b"".join(reply))
    entry = AuditEntry.objects.get(action="ticket.opened")
    assert (entry.actor_ref, entry.facts["ticket"]) == (
        str(administrator.pk),
        ticket.code,
    )
    Candidate.objects.update(name="别")
    assert client.get(url_of(batch, "file", ticket.code)).status_code == 409
    assert client.get(url_of(batch, "file", "nowhere")).status_code == 404


def test_print_page_shows_one_room_as_it_is_now(client, administrator, session):
    rooms = [make_room(session, name=name) for name in ("A", "B")]
    people = [make_person(session, room=room) for room in (*rooms, None)]
    batch = make_ready_tickets(session)
    Candidate.objects.filter(pk=people[0].candidate_id).update(name="新名字")
    url = url_of(batch, "print")

    pages = [client.get(url + q) for q in ("", f"?room={rooms[0].pk}", "?room=0")]

    found = [
        [row.candidate.ticket_number in page.content.decode() for row in people]
        for page in pages
    ]
    assert found == [[True, True, True], [True, False, False], [False, False, True]]
    assert "新名字" in pages[1].content.decode()
    for odd in ("?room=x", "?room=99999999999999999999&p=x"):
        assert client.get(url + odd).status_code == 200
    assert AuditEntry.objects.filter(action="tickets.printed").count() == 5


def test_problems_are_a_list_of_their_own(client, administrator, session):
    make_person(session, name="张\U0002b740")
    make_person(session)
    batch = make_ready_tickets(session)

    page = page_of(client, batch, "?show=problems")

    assert "U+2B740" in page
    # The person, and the room they are left out of.
    assert page.count('<td class="k-end">') == 2


def test_numbers_of_people_are_on_no_page_of_tickets(client, administrator, session):
    person = make_person(session, phone="13812345678")
    batch = make_published_tickets(session)

    pages = page_of(client, batch, "?show=all")
    pages += client.get(url_of(batch, "print")).content.decode()

    assert person.candidate.ticket_number in pages
    for secret in (person.candidate.id_number, "13812345678"):
        assert secret not in pages


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_tickets_takes_a_fixed_number_of_queries(
    client, boss, rows, django_assert_num_queries
):
    for _ in range(rows):
        session = make_session()
        make_person(session)
        make_batch(session)

    with django_assert_num_queries(4):
        page = client.get(LIST)

    assert page.context["cl"].result_count == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_page_of_tickets_takes_a_fixed_number_of_queries(
    client, boss, session, rows, django_assert_num_queries
):
    for _ in range(rows):
        make_person(session, room=make_room(session))
    batch = make_ready_tickets(session)

    with django_assert_num_queries(9):
        page = client.get(url_of(batch, "show") + "?show=all")

    assert len(page.context["rows"]) == 2 * rows
