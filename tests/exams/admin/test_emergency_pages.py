"""The confirm pages of a frozen session, from asking to the second person's yes."""

import pytest
from django.urls import reverse

from exams.models import Emergency, Session
from tests.builders.exams import before_start, make_administrator, make_ready_session

pytestmark = pytest.mark.django_db
NAMES = ("postpone", "cancel", "replace-paper", "reopen-entry", "move-cap", "agree")


def url_of(session, name):
    return reverse(f"admin:exams_session_{name}", args=[session.pk])


@pytest.fixture
def frozen():
    return make_ready_session(frozen_at=before_start(7200))


@pytest.mark.parametrize("name", NAMES)
def test_page_opens_and_asks_for_a_reason(client, boss, frozen, name):
    assert client.get(url_of(frozen, name)).status_code == 200

    refused = client.post(url_of(frozen, name), {"reason": ""})

    assert "reason" in refused.context["form"].errors
    assert not Emergency.objects.exists()


def test_one_asks_and_another_agrees(client, boss, frozen):
    asked = client.post(
        url_of(frozen, "postpone"),
        {"reason": "Power cut", "code": frozen.code, "starts_at": "2030-05-20T10:00"},
    )
    operation = Emergency.objects.get()
    answers = {"reason": "Yes", "code": frozen.code, "operation": operation.code}
    own = client.post(url_of(frozen, "agree"), answers)
    client.force_login(make_administrator())
    page = client.get(url_of(frozen, "agree")).content.decode()
    agreed = client.post(url_of(frozen, "agree"), answers)

    assert asked.status_code == agreed.status_code == 302
    assert own.status_code == 403
    assert "Power cut" in page
    assert "2030-05-20 10:00 UTC+08:00" in page
    stored = Session.objects.get(pk=frozen.pk)
    assert stored.starts_at.isoformat() == "2030-05-20T02:00:00+00:00"


@pytest.mark.parametrize(
    "starts_at", ["", "tomorrow", "2030-05-20T08:00", "2030-13-01T10:00"]
)
def test_bad_start_is_refused_in_words(client, boss, frozen, starts_at):
    reply = client.post(
        url_of(frozen, "postpone"),
        {"reason": "x", "code": frozen.code, "starts_at": starts_at},
    )

    assert reply.status_code in (200, 422)
    assert not Emergency.objects.exists()
