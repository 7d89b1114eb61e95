"""Every page of the admin: who may open it, in which language, at what cost."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.builders.exams import (
    make_attempt,
    make_document,
    make_project,
    make_ready_session,
    make_room,
    make_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
LISTS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model in admin.site._registry
)
STYLE = re.compile(
    rb"<[^>]+\sstyle=|<style|<script(?![^>]*\bsrc=)|\son\w+=", re.IGNORECASE
)


def test_only_own_rows_are_administered():
    assert {name.split("_")[0] for name in LISTS} == {
        "exams",
        "candidates",
        "proctoring",
    }


@pytest.mark.parametrize("name", LISTS)
def test_stranger_and_staff_without_the_role_are_sent_to_sign_in(client, name):
    url = reverse(f"admin:{name}_changelist")

    assert client.get(url).status_code == 302
    client.force_login(make_staff())
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", LISTS)
def test_list_page_opens_without_inline_code(client, boss, name, language):
    response = client.get(
        reverse(f"admin:{name}_changelist"), headers={"accept-language": language}
    )

    assert response.status_code == 200
    assert STYLE.findall(response.content) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_first_page_opens_for_both_kinds_of_administrator(
    client, administrator, project, language
):
    make_session(project=project, title="Mine")
    make_session(title="Theirs")

    response = client.get(reverse("admin:index"), headers={"accept-language": language})

    assert response.status_code == 200
    assert STYLE.findall(response.content) == []
    assert b"Theirs" not in response.content


@pytest.mark.parametrize(("rows", "queries"), [(1, 4), (3, 4)])
def test_session_list_costs_the_same_for_any_number_of_rows(
    client, boss, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        session = make_session()
        make_attempt(session)

    with django_assert_num_queries(queries):
        client.get(reverse("admin:exams_session_changelist"))


@pytest.mark.parametrize(("rows", "queries"), [(1, 4), (3, 4)])
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("exams_project", make_project),
        ("exams_room", make_room),
        ("exams_document", make_document),
        ("exams_attempt", make_attempt),
    ],
)
def test_lists_cost_the_same_for_any_number_of_rows(
    client, boss, name, make, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        make()

    with django_assert_num_queries(queries):
        client.get(reverse(f"admin:{name}_changelist"))


def test_administrator_of_one_project_sees_only_its_rows(
    client, administrator, project
):
    mine = make_ready_session(project=project, title="Mine", state="draft")
    theirs = make_ready_session(title="Theirs", state="draft")

    page = client.get(reverse("admin:exams_session_changelist")).content
    assert b"Mine" in page
    assert b"Theirs" not in page
    for name in ("change", "publish", "freeze", "history"):
        assert (
            client.get(
                reverse(f"admin:exams_session_{name}", args=[mine.pk])
            ).status_code
            == 200
        )
        assert client.get(
            reverse(f"admin:exams_session_{name}", args=[theirs.pk])
        ).status_code in {302, 404}


def test_administrator_of_one_project_cannot_pick_rows_of_another(
    client, administrator, project
):
    theirs = make_ready_session()

    page = client.get(reverse("admin:exams_session_add")).content.decode()

    assert project.title in page
    assert theirs.project.title not in page
    assert theirs.paper.title not in page


def test_administrator_cannot_make_projects(client, administrator):
    assert client.get(reverse("admin:exams_project_add")).status_code == 403


def test_static_files_of_the_pages_exist():
    page = Path("templates/admin/base_site.html").read_text()

    names = re.findall(r"static '([^']+)'", page)
    assert len(names) > 10
    assert [name for name in names if not (Path("static") / name).exists()] == []
