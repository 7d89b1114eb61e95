"""The roster's pages through the browser's eyes: upload, preview, decide."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.domain.roster import preview_roster
from candidates.enums import ImportState
from candidates.models import Candidate, RosterImport
from exams.kernel import clock
from exams.models import Attempt
from tests.builders.exams import before_start, make_room, make_session, make_staff
from tests.builders.rosters import (
    make_csv,
    make_id_number,
    make_people,
    make_person,
    make_xlsx,
)

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/candidates/rosterimport/add/"


@pytest.fixture
def session(project):
    return make_session(project=project)


def upload(client, session, data, *, name="名册.xlsx", follow=True):
    return client.post(
        UPLOAD,
        {"session": session.pk, "file": SimpleUploadedFile(name, data)},
        follow=follow,
    )


def preview(session, people):
    return preview_roster(
        session,
        file=io.BytesIO(make_csv(people)),
        filename="名册.csv",
        by=make_staff(),
        at=before_start(86_400),
    )


def url_of(roster_import, name):
    return reverse(f"admin:roster_{name}", args=[roster_import.pk])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_file_goes_to_its_preview_and_then_into_the_roster(
    client, administrator, session, language
):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert client.get(UPLOAD + f"?session={session.pk}").status_code == 200

    page = upload(client, session, make_xlsx(make_people(3)))

    roster_import = RosterImport.objects.get()
    assert page.redirect_chain == [(url_of(roster_import, "preview"), 302)]
    assert Candidate.objects.count() == 0
    done = client.post(url_of(roster_import, "commit"), follow=True)
    assert done.status_code == 200
    assert Candidate.objects.count() == 3
    assert Attempt.objects.filter(session=session).count() == 3
    assert client.get(url_of(roster_import, "preview")).status_code == 200


def test_the_only_session_that_takes_a_roster_is_chosen(client, administrator, session):
    make_session(project=session.project, frozen_at=before_start(3600))

    page = client.get(UPLOAD)

    assert page.context["form"]["session"].value() == session.pk
    assert not page.context["none_open"]


def test_page_without_a_session_that_takes_a_roster_says_so(
    client, administrator, project
):
    make_session(project=project, frozen_at=before_start(3600))

    assert client.get(UPLOAD).context["none_open"]


def test_preview_masks_numbers_and_shows_old_and_new(client, administrator, session):
    client.post(url_of(preview(session, make_people(2)), "commit"))
    changed = make_person(1, id_number=make_id_number(40), phone="13912345678")

    page = client.get(url_of(preview(session, [changed]), "preview")).content.decode()

    for secret in (make_id_number(1), make_id_number(40), "13912345678", "13800000001"):
        assert secret not in page
    assert "*******5678" in page
    assert "*******0001" in page
    assert 'data-status="changed"' in page


def test_preview_names_every_bad_cell_and_offers_no_import(
    client, administrator, session
):
    people = make_people(5)
    people[1][2] = "12345"
    people[3][1] = "=HYPERLINK(1)"
    roster_import = preview(session, people)

    page = client.get(url_of(roster_import, "preview") + "?status=bad").content.decode()

    assert re.findall(r'data-line="(\d+)"', page) == ["3", "5"]
    assert [place for place in ("C3", "B5") if f">{place}<" in page] == ["C3", "B5"]
    assert 'data-action="commit"' not in page
    assert 'data-action="discard"' in page


def test_preview_names_the_rooms_that_the_import_would_make(
    client, administrator, session
):
    make_room(session, name="第1考场")
    rooms = ("第1考场", "第7考场", "")
    people = [make_person(number, room=room) for number, room in enumerate(rooms, 1)]
    roster_import = preview(session, people)

    page = client.get(url_of(roster_import, "preview"))

    assert page.context["page"].new_rooms == ["第7考场"]
    assert "第7考场" in page.content.decode().split('id="new_rooms"')[1][:400]


def test_commit_of_bad_rows_is_refused_and_leaves_nothing(
    client, administrator, session
):
    roster_import = preview(session, [make_person(1), make_person(2, name="")])

    response = client.post(url_of(roster_import, "commit"))

    assert response.status_code == 409
    assert response.context["refusal"].code == "roster_has_problems"
    assert Candidate.objects.count() == 0
    assert RosterImport.objects.get().state == ImportState.PREVIEW


def test_long_preview_has_pages_of_a_hundred(client, administrator, session):
    roster_import = preview(session, make_people(250))
    url = url_of(roster_import, "preview")

    lines = [
        len(re.findall(r"data-line=", client.get(f"{url}?p={page}").content.decode()))
        for page in ("1", "2", "3", "99", "x")
    ]

    assert lines == [100, 100, 50, 50, 100]


def test_discard_wipes_the_rows(client, administrator, session):
    roster_import = preview(session, make_people(1))

    client.post(url_of(roster_import, "discard"))

    roster_import.refresh_from_db()
    assert roster_import.state == ImportState.DISCARDED
    assert not roster_import.parts.exists()
    assert client.post(url_of(roster_import, "commit")).status_code == 409


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, 422, "roster_wrong_type"),
        (b"%PDF-1.7\n1 0 obj\n", 422, "roster_wrong_type"),
        (b"<!DOCTYPE html><p>name,id</p>", 422, "roster_wrong_type"),
        (make_csv([]), 422, "roster_empty"),
        (make_csv([["1"]], header=("姓名",)), 422, "roster_missing_columns"),
    ],
)
def test_unreadable_file_stays_on_the_page_with_its_reason(
    client, administrator, session, data, status, code
):
    response = upload(client, session, data)

    assert response.status_code == status
    assert response.context["refusal"].code == code
    assert RosterImport.objects.count() == 0


def test_frozen_session_is_no_choice(client, administrator, session):
    type(session).objects.update(frozen_at=clock.now())

    response = upload(client, session, make_csv(make_people(1)))

    assert response.context["form"].errors.keys() == {"session"}
    assert RosterImport.objects.count() == 0


def test_session_of_another_project_is_no_choice(client, administrator):
    response = upload(client, make_session(), make_csv(make_people(1)))

    assert response.context["form"].errors.keys() == {"session"}


@pytest.mark.parametrize("name", ["preview", "commit", "discard"])
def test_import_of_another_project_is_not_found(client, administrator, name):
    roster_import = preview(make_session(), make_people(1))
    send = client.get if name == "preview" else client.post

    assert send(url_of(roster_import, name)).status_code == 404
    assert RosterImport.objects.get().state == ImportState.PREVIEW


@pytest.mark.parametrize("name", ["preview", "commit", "discard"])
def test_stranger_is_sent_to_sign_in(client, db, name):
    roster_import = preview(make_session(), make_people(1))

    assert client.post(url_of(roster_import, name)).status_code == 302
    client.force_login(make_staff())
    assert client.post(url_of(roster_import, name)).status_code == 302
    assert RosterImport.objects.get().state == ImportState.PREVIEW


@pytest.mark.parametrize("name", ["commit", "discard"])
def test_decisions_are_posts(client, administrator, session, name):
    roster_import = preview(session, make_people(1))

    assert client.get(url_of(roster_import, name)).status_code == 405
