"""Every list as a file: its rows, its filters, its rights, its entry in the audit."""

import csv
import io
from datetime import UTC

import pytest
from asgiref.sync import async_to_sync
from django.contrib import admin
from django.urls import reverse
from openpyxl import load_workbook

from exams.admin import exports
from exams.kernel import spreadsheets
from exams.models import AuditEntry, Session
from exams.views import downloads
from tests.builders.candidates import make_candidate
from tests.builders.exams import make_attempt, make_session, make_staff

pytestmark = pytest.mark.django_db
SESSIONS = "admin:exams_session_export"
CANDIDATES = "admin:candidates_candidate_export"
LISTS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model in admin.site._registry
)
ENGLISH = {"accept-language": "en"}


def download(client, name, query="", kind="csv", **how):
    return client.post(reverse(name) + query, {"format": kind}, headers=ENGLISH, **how)


def body(response):
    return b"".join(response.streaming_content)


def table(response):
    text = body(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_exported_and_says_so_in_the_audit(client, boss, name):
    response = download(client, f"admin:{name}_export")

    assert response.status_code == 200
    head, *rows = table(response)
    assert all(head)
    entry = AuditEntry.objects.filter(action="list.exported").get()
    assert entry.subject == f"list:{name}"
    assert entry.actor_ref == str(boss.pk)
    assert entry.facts == {"format": "csv", "rows": len(rows), "filters": {}}


def test_file_says_what_the_list_says(client, boss, project):
    make_session(project=project, title="=Morning", state="published")

    (_head, row) = table(download(client, SESSIONS))
    book = load_workbook(io.BytesIO(body(download(client, SESSIONS, kind="xlsx"))))
    (_head, cells) = book.active.iter_rows()

    when = Session.objects.get().starts_at.astimezone(UTC)
    assert when.hour == 1
    assert row == ["'=Morning", project.title, "2030-05-20 09:00:00", "Published", "0", "0"]  # fmt: skip
    assert [cell.value for cell in cells] == ["=Morning", *row[1:4], 0, 0]
    assert cells[0].data_type == "s"


def test_filters_are_kept_and_all_pages_come(client, boss, project, monkeypatch):
    for number in range(3):
        make_candidate(project, post="甲", ticket_number=f"A{number}")
    make_candidate(project, post="乙", ticket_number="A9")
    make_candidate(project, post="甲", ticket_number="B1")
    monkeypatch.setattr(admin.site._registry[type(make_candidate(project))], "list_per_page", 1)  # fmt: skip

    rows = table(download(client, CANDIDATES, "?post=甲&q=A&p=2&o=-1"))[1:]

    assert [row[0] for row in rows] == ["A2", "A1", "A0"]


def test_search_words_enter_the_audit_as_a_digest_only(client, boss, project):
    make_candidate(project, name="王浩然")

    download(client, CANDIDATES, "?q=王浩然&post=甲")

    facts = AuditEntry.objects.get(action="list.exported").facts
    assert facts["filters"]["post"] == "甲"
    assert len(facts["filters"]["q"]) == 16
    assert "王" not in facts["filters"]["q"]


def test_administrator_of_one_project_exports_its_rows_only(
    client, administrator, project
):
    make_session(project=project, title="Mine")
    make_session(title="Theirs")

    rows = table(download(client, SESSIONS))[1:]

    assert [row[0] for row in rows] == ["Mine"]


def test_whoever_may_not_see_the_list_exports_nothing(client, project):
    make_session(project=project)
    client.force_login(make_staff(is_staff=True))

    assert download(client, SESSIONS).status_code == 403
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("query", "kind", "status"),
    [
        ("", "pdf", 422),
        ("", "", 422),
        ("?nonsense=1", "csv", 422),
        ("?id=x", "csv", 422),
    ],
)
def test_what_is_not_known_is_refused_and_not_audited(
    client, boss, query, kind, status
):
    assert download(client, SESSIONS, query, kind=kind).status_code == status
    assert not AuditEntry.objects.exists()


def test_export_is_no_get(client, boss):
    assert client.get(reverse(SESSIONS)).status_code == 405


@pytest.mark.parametrize("where", [exports, spreadsheets])
def test_list_above_the_cap_is_refused_with_its_number(
    client, boss, monkeypatch, where
):
    make_session(), make_session()
    monkeypatch.setattr(where, "MOST_ROWS", 1)

    response = download(client, SESSIONS)

    assert response.status_code == 422
    assert "more than 1 rows" in response.content.decode()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_export_costs_the_same_for_any_number_of_rows(
    client, boss, rows, on_postgresql, django_assert_num_queries
):
    for _ in range(rows):
        make_attempt()

    # PostgreSQL locks the chain of the audit by a query.
    with django_assert_num_queries(9 if on_postgresql else 8):
        download(client, "admin:exams_attempt_export")


def test_blocks_go_out_one_by_one(monkeypatch, tmp_path):
    monkeypatch.setattr(downloads, "BLOCK", 2)
    path = tmp_path / "table"
    path.write_bytes(b"abcde")
    sync, later = path.open("rb"), path.open("rb")

    async def collect():
        return [block async for block in downloads._blocks_async(later)]

    assert list(downloads._blocks(sync)) == [b"ab", b"cd", b"e"]
    assert async_to_sync(collect)() == [b"ab", b"cd", b"e"]
    assert sync.closed
    assert later.closed


def test_list_offers_its_export_with_the_filters_it_shows(client, boss, project):
    assert "_export" not in client.get("/admin/exams/session/").content.decode()
    make_session(project=project, state="draft")

    page = client.get("/admin/exams/session/?state__exact=draft").content.decode()

    assert 'action="/admin/exams/session/export/?state__exact=draft"' in page
