"""The pages of photos in bulk: upload, progress, preview, decisions."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.domain.roster_photos import read_photos
from candidates.models import Candidate, PhotoBatch
from exams.kernel import clock
from tests.builders.candidates import make_candidate
from tests.builders.photos import make_photos
from tests.builders.workbooks import make_zip

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/candidates/photobatch/add/"
LIST = "/admin/candidates/photobatch/"


def send(client, project, data):
    file = SimpleUploadedFile("照片.zip", data)
    return client.post(UPLOAD, {"project": project.pk, "file": file}, follow=True)


def url_of(batch, name):
    return reverse(f"admin:photos_{name}", args=[batch.pk])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_archive_goes_from_upload_to_the_candidates(
    client, administrator, project, language
):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    people = [make_candidate(project, ticket_number=f"2030000{n}") for n in range(3)]
    assert client.get(UPLOAD).context["form"]["project"].value() == project.pk

    page = send(client, project, make_photos("20300000.jpg", "20300001.jpg", "9.jpg"))

    batch = PhotoBatch.objects.get()
    assert page.redirect_chain == [(url_of(batch, "preview"), 302)]
    assert page["Refresh"] == "5"
    assert "<progress" in page.content.decode()
    read_photos(batch, at=clock.now())
    page = client.get(url_of(batch, "preview"))
    assert "Refresh" not in page
    text = page.content.decode()
    assert len(re.findall(r'data-status="ready"', text)) == 2
    assert 'name="replace"' not in text
    only = client.get(url_of(batch, "preview") + "?status=unmatched").content.decode()
    assert re.findall(r'data-status="(\w+)"', only) == ["unmatched"]
    assert client.post(url_of(batch, "commit"), follow=True).status_code == 200
    assert Candidate.objects.exclude(photo="").count() == 2 == len(people) - 1
    assert client.get(url_of(batch, "preview")).status_code == 200
    assert client.post(url_of(batch, "discard")).status_code == 409


def test_photo_that_is_there_is_asked_about(client, administrator, project):
    make_candidate(project, ticket_number="20300000", photo="photos/old")
    send(client, project, make_photos("20300000.jpg"))
    batch = PhotoBatch.objects.get()
    read_photos(batch, at=clock.now())

    assert 'name="replace"' in client.get(url_of(batch, "preview")).content.decode()
    assert client.post(url_of(batch, "commit")).status_code == 409
    client.post(url_of(batch, "commit"), {"replace": "yes"})

    assert Candidate.objects.get().photo.name != "photos/old"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"no archive at all", 422, "photos_unreadable"),
        (make_zip({"a.jpg": b"\0" * 40 * 2**20}), 422, "photos_suspicious"),
    ],
)
def test_archive_that_cannot_be_taken_stays_on_the_page(
    client, administrator, project, data, status, code
):
    page = send(client, project, data)

    assert (page.status_code, page.context["refusal"].code) == (status, code)
    assert not PhotoBatch.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_times(
    client, administrator, project, rows, django_assert_num_queries
):
    for number in range(rows):
        make_candidate(project, ticket_number=f"2030000{number}")
    send(client, project, make_photos(*(f"2030000{n}.jpg" for n in range(rows))))
    batch = PhotoBatch.objects.get()
    read_photos(batch, at=clock.now())

    with django_assert_num_queries(PREVIEW_QUERIES):
        client.get(url_of(batch, "preview"))
    for number in range(rows - 1):
        PhotoBatch.objects.create(
            project=project,
            uploaded_by=administrator,
            filename=f"{number}.zip",
            created_at=clock.now(),
            touched_at=clock.now(),
        )
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


PREVIEW_QUERIES, LIST_QUERIES = 8, 6
