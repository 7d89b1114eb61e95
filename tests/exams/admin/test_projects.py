"""The form of a project: its zone, support hours, retention; and the copy page."""

import pytest
from django.urls import reverse

from exams.models import Project
from tests.builders.exams import make_project

pytestmark = pytest.mark.django_db


def url_of(project, name="change"):
    return reverse(f"admin:exams_project_{name}", args=[project.pk])


def form_of(project, **fields):
    data = {
        "title": project.title,
        "slug": project.slug,
        "rules": "",
        "time_zone": "Asia/Shanghai",
        "access_opens_at_0": "2030-04-24",
        "access_opens_at_1": "10:00:00",
        "access_closes_at_0": "2030-06-26",
        "access_closes_at_1": "17:00:00",
        "hotline": "400-808-3202",
        "hotline_hours": "",
        "keep_camera_days": 365,
        "keep_screen_days": 365,
        "keep_phone_days": 365,
        "keep_id_check_days": 30,
        "keep_chat_days": 365,
        "keep_logs_days": 400,
        "support_hours-TOTAL_FORMS": 1,
        "support_hours-INITIAL_FORMS": 0,
        "support_hours-0-project": project.pk,
        "support_hours-0-first_day": "2030-04-24",
        "support_hours-0-last_day": "2030-04-27",
        "support_hours-0-opens": "09:00",
        "support_hours-0-closes": "18:00",
        "documents-TOTAL_FORMS": 0,
        "documents-INITIAL_FORMS": 0,
    }
    return {**data, **fields}


def test_hours_are_kept_as_times_and_written_in_words(client, boss):
    project = make_project()

    saved = client.post(url_of(project), form_of(project))

    project.refresh_from_db()
    assert saved.status_code == 302
    assert project.hotline_hours == "04-24 – 04-27 09:00–18:00 (Asia/Shanghai)"
    assert project.access_opens_at.isoformat() == "2030-04-24T02:00:00+00:00"


def test_own_words_for_the_hours_are_kept(client, boss):
    project = make_project()

    client.post(url_of(project), form_of(project, hotline_hours="工作日"))

    assert Project.objects.get(pk=project.pk).hotline_hours == "工作日"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"access_closes_at_0": "2030-04-01"}, {"access_opens_at", "access_closes_at"}),
        ({"keep_camera_days": 500}, {"keep_camera_days", "keep_logs_days"}),
        ({"keep_chat_days": 0}, {"keep_chat_days"}),
        ({"time_zone": "Nowhere"}, {"time_zone"}),
    ],
)
def test_bad_project_is_refused_beside_its_fields(client, boss, fields, named):
    project = make_project()

    reply = client.post(url_of(project), form_of(project, **fields))

    assert reply.status_code == 200
    assert set(reply.context["adminform"].form.errors) == named


@pytest.mark.parametrize(
    "fields",
    [
        {"support_hours-0-closes": "09:00"},
        {"support_hours-0-last_day": "2030-04-01"},
        {"support_hours-0-opens": "25:00"},
    ],
)
def test_hours_that_run_backwards_are_refused(client, boss, fields):
    project = make_project()

    reply = client.post(url_of(project), form_of(project, **fields))

    assert reply.status_code == 200
    assert not project.support_hours.exists()


def test_copy_page_makes_a_project_with_a_reason(client, boss):
    project = make_project()
    answers = {"slug": "next-year", "title": "Next", "days": 365}

    refused = client.post(url_of(project, "copy"), answers)
    taken = client.post(
        url_of(project, "copy"), {**answers, "slug": project.slug, "reason": "x"}
    )
    made = client.post(url_of(project, "copy"), {**answers, "reason": "Every year"})

    assert "reason" in refused.context["form"].errors
    assert "slug" in taken.context["form"].errors
    assert made.status_code == 302
    assert Project.objects.filter(slug="next-year").count() == 1


def test_administrator_of_one_project_does_not_copy_it(client, administrator, project):
    assert client.get(url_of(project, "copy")).status_code == 403
    page = client.get(url_of(project)).content.decode()
    assert url_of(project, "copy") not in page
