"""The pages of deletions, from what is due to the certificate; what others show."""

import json

import pytest
from django.urls import reverse
from django.utils import translation

from config.pages.retention_job import carry_out
from exams.domain.holds import set_hold
from exams.models import Hold, RetentionRun
from exams.queries.retention import digest_over
from helpdesk.models import Request
from helpdesk.queries.requests import thread_of
from tests.builders import retention as made
from tests.builders.exams import (
    make_administrator,
    make_assignment,
    make_project,
    make_staff,
)
from tests.builders.retention import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("later", "english")]
ENGLISH = {"headers": {"accept-language": "en"}}


def page_of(client, name, *args):
    reply = client.get(reverse(name, args=args), **ENGLISH)
    assert reply.status_code == 200
    return reply.content.decode()


def ask(client, project, **answers):
    told = {"kinds": ["camera", "chat"], "reason": "Time is over", "code": project.slug}
    url = reverse("admin:retention_ask", args=[project.pk])
    return client.post(url, {**told, **answers}, **ENGLISH)


def test_from_what_is_due_to_the_certificate(client, boss, project, person):
    due = client.get(reverse("admin:retention_project", args=[project.pk]))
    counts = {line.kind: len(line.due) for line in due.context["lines"]}
    asked = ask(client, project)
    run = RetentionRun.objects.get()
    url = reverse("admin:retention_run", args=[run.code])
    own = client.post(url, {"code": project.slug})
    client.force_login(make_administrator())
    card = client.get(reverse("admin:index"), **ENGLISH).context["queues"]
    agreed = client.post(url, {"code": project.slug})
    running = page_of(client, "admin:retention_run", run.code)
    carry_out(run.code)
    ended = page_of(client, "admin:retention_run", run.code)
    file = client.get(reverse("admin:retention_certificate", args=[run.code]))

    assert counts == dict.fromkeys(counts, 1) | {"id_check": 3, "chat": 2}
    assert (asked.status_code, own.status_code, agreed.status_code) == (302, 403, 302)
    assert [one.count for one in card if "/retention/" in one.url] == [1]
    assert "Time is over" in running
    assert '0</span> of <span data-slot="total">3' in running
    assert "Its digest is in the audit trail" in ended
    run.refresh_from_db()
    certificate = json.loads(file.content)
    assert digest_over(certificate) == run.certificate_digest
    assert list(certificate["classes"]) == ["camera", "chat"]


@pytest.mark.parametrize(
    "answers", [{"code": "other"}, {"reason": " "}, {"kinds": []}, {"kinds": ["x"]}]
)
def test_wrong_answer_asks_for_nothing(client, boss, project, person, answers):
    assert ask(client, project, **answers).status_code == 422
    assert not RetentionRun.objects.exists()


def test_pages_say_on_which_day_it_was_deleted(client, boss, project, person):
    attempt, other = person.attempt, make_staff()
    make_assignment(other, role="official", session=attempt.session)
    made.delete_all(project, [boss, make_administrator()])
    day = "Deleted by the retention rule on 10 November 2035."

    timeline = page_of(client, "admin:candidate_timeline", person.person.pk)
    assert "Deleted by the retention rule" in timeline
    candidate = page_of(client, "admin:candidates_candidate_change", person.person.pk)
    assert day in candidate
    assert day in page_of(client, "checkins:check-in", person.check_in.pk)
    photo = reverse("checkins:photo", args=[person.photo.pk])
    assert client.get(photo).status_code == 404
    with translation.override("en"):
        words = thread_of(Request.objects.get(), side="staff")["messages"]
    assert [one["text"] for one in words] == [day]
    recording = reverse("admin:candidates_recording_change", args=[person.camera.pk])
    assert "2035" in client.get(recording).content.decode()
    client.force_login(other)
    films = page_of(client, "review:attempt", attempt.code)
    assert films.count(day) == 3


def test_official_and_administrator_hold_and_lift(client, boss, project, person):
    attempt, official = person.attempt, make_staff()
    make_assignment(official, role="official", session=attempt.session)
    admins = [
        reverse(f"admin:exams_attempt_{name}", args=[attempt.pk])
        for name in ("hold", "lift-hold")
    ]
    review = reverse("review:hold", args=[attempt.code])

    assert client.post(admins[0], {"reason": "Court order"}).status_code == 302
    due = client.get(reverse("admin:retention_project", args=[project.pk]), **ENGLISH)
    assert not any(line.due for line in due.context["lines"])
    assert "held by hand: Court order" in due.content.decode()
    assert client.post(admins[0], {"reason": "again"}).status_code == 409
    client.force_login(official)
    assert "Court order" in page_of(client, "review:hold", attempt.code)
    assert client.post(review, {"act": "lift", "reason": "Settled"}).status_code == 302
    assert client.post(review, {"act": "set", "reason": ""}).status_code == 422

    hold = Hold.objects.get()
    assert (hold.set_by, hold.lifted_by) == (boss, official)


@pytest.mark.parametrize(("rows", "queries"), [(1, 4), (3, 4)])
def test_projects_cost_the_same_for_any_number(
    client, boss, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        made.make_finished_run(make_project())

    with django_assert_num_queries(queries):
        client.get(reverse("admin:retention"))


def test_administrator_of_another_project_is_not_told(client, administrator, person):
    other = made.make_finished_run(make_project())

    for name, key in (
        ("retention_project", other.project.pk),
        ("retention_run", other.code),
        ("retention_certificate", other.code),
    ):
        reply = client.get(reverse(f"admin:{name}", args=[key]))
        assert reply.status_code == 404
    set_hold(person.attempt, reason="x", by=administrator, at=LATER)
