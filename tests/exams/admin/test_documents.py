"""The form of a document, its preview, and its file as a download."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.access import COOKIE
from exams.models import AuditEntry, Document
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import (
    make_attempt,
    make_document,
    make_filed_document,
    make_project,
    make_session,
)
from tests.exams.domain.test_documents import PDF, picture

pytestmark = pytest.mark.django_db
ADD = "admin:exams_document_add"


def form_of(project, **fields):
    data = {
        "project": project.pk,
        "kind": "manual",
        "version": 1,
        "language": "",
        "title": "手册",
        "must_read": "on",
        "body": "第一步。",
    }
    return {**data, **fields}


def upload(raw, name="manual.pdf"):
    return SimpleUploadedFile(name, raw, content_type="application/pdf")


def enter_as_candidate(client, session):
    attempt = make_attempt(session)
    make_enrolment(make_candidate(session.project), attempt)
    make_lease(attempt, token="secret")
    client.cookies[COOKIE] = "secret"


def url_of(document, name="change"):
    return reverse(f"admin:exams_document_{name}", args=[document.pk])


def test_file_is_kept_with_the_type_that_it_has(client, boss, project):
    client.post(reverse(ADD), form_of(project, upload=upload(picture(), "x.pdf")))

    document = Document.objects.get()
    assert document.file_type == "image/png"
    assert len(document.file_digest) == 64
    assert "x.pdf" not in document.file.name
    assert AuditEntry.objects.get().action == "admin.add"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"upload": b"MZ\x90\x00"}, "upload"),
        ({"upload": PDF.replace(b"/Type", b"/JavaScript")}, "upload"),
        ({"body": "  "}, "body"),
        ({"kind": "sample_picture"}, "upload"),
        ({"kind": "sample_picture", "upload": PDF}, "upload"),
        ({"language": "xx"}, "language"),
        ({"kind": "secret"}, "kind"),
    ],
)
def test_bad_document_is_refused_beside_its_field(client, boss, project, fields, named):
    if "upload" in fields:
        fields = {**fields, "upload": upload(fields["upload"])}

    reply = client.post(reverse(ADD), form_of(project, **fields))

    assert reply.status_code == 200
    assert named in reply.context["adminform"].form.errors
    assert not Document.objects.exists()


def test_file_of_a_draft_is_replaced_or_taken_away(client, boss, project):
    document = make_filed_document(project, published_at=None)
    first = document.file_digest

    client.post(url_of(document), form_of(project, upload=upload(PDF)))
    document.refresh_from_db()
    second = document.file_digest
    client.post(url_of(document), form_of(project, remove_file="on"))
    document.refresh_from_db()

    assert second not in ("", first)
    assert (document.file.name, document.file_digest, document.file_size) == ("", "", 0)


def test_published_document_is_not_changed(client, boss, project):
    document = make_filed_document(project)

    reply = client.post(url_of(document), form_of(project, upload=upload(PDF)))

    assert reply.status_code == 403
    assert Document.objects.get().file_type == "text/plain"


def test_same_version_may_be_there_once_in_each_language(client, boss, project):
    for language in ("zh-hans", "en", "en"):
        client.post(reverse(ADD), form_of(project, language=language))

    assert sorted(Document.objects.values_list("language", flat=True)) == [
        "en",
        "zh-hans",
    ]


def test_preview_shows_the_text_and_escapes_it(client, boss):
    document = make_document(body="Line one\n\n<script>x</script>", published_at=None)

    page = client.get(url_of(document, "preview")).content.decode()

    assert "<p>Line one</p>" in page
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize("place", ["admin", "candidate"])
def test_file_is_a_download_that_nothing_executes(client, boss, place):
    session = make_session(state="published")
    document = make_filed_document(session.project, title="手册")
    url = url_of(document, "file")
    if place == "candidate":
        enter_as_candidate(client, session)
        url = reverse(
            "candidate:document-file", args=[session.project.slug, document.file_digest]
        )

    reply = client.get(url)

    assert reply.status_code == 200
    assert b"".join(reply.streaming_content).decode() == f"第 {document.pk} 号手册"
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    assert reply["Content-Disposition"].startswith("attachment;")
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply["Content-Security-Policy"]
    assert "default-src 'none'" in reply["Content-Security-Policy"]


def test_file_of_a_draft_or_another_project_is_not_the_candidates(client):
    session = make_session(state="published")
    enter_as_candidate(client, session)
    draft = make_filed_document(session.project, published_at=None)
    foreign = make_filed_document(make_project())

    statuses = [
        client.get(
            reverse("candidate:document-file", args=[session.project.slug, digest])
        ).status_code
        for digest in (draft.file_digest, foreign.file_digest, "0" * 64)
    ]

    assert statuses == [404, 404, 404]


def test_document_without_a_file_has_none_to_serve(client, boss):
    assert client.get(url_of(make_document(), "file")).status_code == 404
