"""Candidates and evidence in the admin: masked, read-only, one photo by hand."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from candidates.domain.inbox import deliver
from candidates.models import Candidate
from exams.models import AuditEntry
from tests.builders.candidates import (
    make_candidate,
    make_check_in,
    make_enrolled_attempt,
    make_enrolment,
    make_face_check,
    make_lease,
)
from tests.builders.exams import before_start

pytestmark = pytest.mark.django_db
AT = before_start(900)
LIST = "admin:candidates_candidate_changelist"
EMPTY = {"enrolments-TOTAL_FORMS": 0, "enrolments-INITIAL_FORMS": 0}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make_photo(kind="JPEG"):
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    Image.new("RGB", (400, 500), "gray").save(file, kind, exif=exif)
    return SimpleUploadedFile("王浩然.jpg", file.getvalue())


def change_url(candidate):
    return reverse("admin:candidates_candidate_change", args=[candidate.pk])


def test_numbers_are_masked_on_list_and_page(client, boss):
    candidate = make_candidate(phone="13800001234")
    make_enrolment(candidate)

    for url in (reverse(LIST), change_url(candidate)):
        page = client.get(url).content.decode()
        assert candidate.id_number not in page
        assert "13800001234" not in page
    assert "*******1234" in page


@pytest.mark.parametrize("field", ["ticket", "name", "tail", "code"])
def test_search_finds_by_what_people_say_on_the_phone(client, boss, field):
    candidate = make_candidate(name="王浩然", phone_tail="4321")
    attempt = make_enrolment(candidate).attempt
    other = make_candidate()
    asked = {
        "ticket": candidate.ticket_number,
        "name": "王浩",
        "tail": "4321",
        "code": attempt.code,
    }[field]

    page = client.get(reverse(LIST), {"q": asked}).content.decode()

    assert candidate.ticket_number in page
    assert other.ticket_number not in page


@pytest.mark.parametrize(("rows", "queries"), [(1, 5), (3, 5)])
def test_list_costs_the_same_for_any_number_of_rows(
    client, boss, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        make_candidate()

    with django_assert_num_queries(queries):
        client.get(reverse(LIST))


EVIDENCE = {
    "checkin": make_check_in,
    "facecheck": make_face_check,
    "inboxitem": lambda lease: deliver(lease.attempt, kind="message", title="t", at=AT),
}


@pytest.mark.parametrize(("rows", "queries"), [(1, 4), (3, 4)])
@pytest.mark.parametrize("name", EVIDENCE)
def test_list_of_evidence_costs_the_same_for_any_number_of_rows(
    client, boss, name, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        EVIDENCE[name](make_lease(make_enrolled_attempt()))

    with django_assert_num_queries(queries):
        client.get(reverse(f"admin:candidates_{name}_changelist"))


def test_photo_is_cleaned_stored_and_shown(client, boss):
    candidate = make_candidate()

    response = client.post(change_url(candidate), {"photo": make_photo(), **EMPTY})

    assert response.status_code == 302
    stored = Candidate.objects.get()
    assert "王" not in stored.photo.name
    photo = client.get(reverse("admin:candidate_photo", args=[candidate.pk]))
    data = b"".join(photo.streaming_content)
    assert "no-store" in photo["Cache-Control"]
    assert data.startswith(b"\xff\xd8")
    assert b"SECRET PLACE" not in data
    assert AuditEntry.objects.get().action == "candidate.photo_set"


def test_file_that_is_no_photo_is_refused_beside_the_field(client, boss):
    candidate = make_candidate()

    response = client.post(
        change_url(candidate),
        {"photo": SimpleUploadedFile("x.jpg", b"<svg onload=1>"), **EMPTY},
    )

    assert response.context["adminform"].form.errors.keys() == {"photo"}
    assert Candidate.objects.get().photo.name == ""


def test_roster_columns_cannot_be_posted(client, boss):
    candidate = make_candidate(name="王浩然")

    client.post(change_url(candidate), {"name": "别名", "ticket_number": "1", **EMPTY})

    candidate.refresh_from_db()
    assert candidate.name == "王浩然"


def test_candidate_of_another_project_is_not_shown(client, administrator):
    candidate = make_candidate()

    assert candidate.ticket_number not in client.get(reverse(LIST)).content.decode()
    assert client.get(change_url(candidate)).status_code == 302
    photo = reverse("admin:candidate_photo", args=[candidate.pk])
    assert client.get(photo).status_code == 404


def test_candidates_are_made_by_rosters_only(client, boss):
    assert client.get(reverse("admin:candidates_candidate_add")).status_code == 403


def test_check_in_is_looked_at_and_not_decided_here(client, boss):
    check_in = make_check_in()
    url = reverse("admin:candidates_checkin_change", args=[check_in.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, {"state": "approved"}).status_code == 403
    check_in.refresh_from_db()
    assert check_in.state == "waiting"
