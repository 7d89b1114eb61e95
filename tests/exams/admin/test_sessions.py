"""Session forms and their confirm pages."""

from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from exams.domain.audit import Actor, verify_chain
from exams.domain.projects import publish_session
from exams.enums import SessionState
from exams.kernel import clock
from exams.models import Attempt, AuditEntry, Draw, Room, Session
from tests.builders.exams import (
    make_attempt,
    make_paper,
    make_ready_session,
    make_session,
)

pytestmark = pytest.mark.django_db


def step_url(session, name):
    return reverse(f"admin:exams_session_{name}", args=[session.pk])


def form_of(session, **fields):
    """What a browser would send from the change form."""
    data = {
        "project": session.project_id,
        "title": session.title,
        "kind": session.kind,
        "starts_at_0": "2030-05-20",
        "starts_at_1": "09:00:00",
        "time_zone": "Asia/Shanghai",
        "login_open_before": 1800,
        "entry_open_before": 600,
        "login_close_after_start": 0,
        "entry_close_after_start": 0,
        "draw_close_before": 600,
        "auto_assign": "on",
        "group_correction": "none",
        "recheck_window": 259200,
        "preparation": 0,
        "answer": 1200,
        "evidence_confirm_within": 3600,
        "failure_report_within": 1800,
        "upload_cap": 604800,
        "mock_per_day": 1,
        "mock_lead": 300,
        "slice_ms": 1000,
        "stages": session.stages,
        "single_display": "require",
        "headphones": "forbid",
        "focus_loss": "log",
        "identity_methods": ["face", "human", "code"],
        "upload_lock_home": "on",
        "allowed_platforms": ["windows", "macos", "linux", "chromeos"],
        "room_pan_required": "on",
        "defence_window": 86400,
        "trim": 0,
        "decimals": 2,
        "paper": session.paper_id or "",
        "rooms-TOTAL_FORMS": 0,
        "rooms-INITIAL_FORMS": 0,
    }
    return {**data, **fields}


def test_times_are_typed_in_the_zone_of_the_session_and_stored_in_utc(client, boss):
    session = make_session(starts_at=clock.now())
    session.stages = ["check_in", "enter", "answer", "upload"]

    response = client.post(
        reverse("admin:exams_session_change", args=[session.pk]),
        form_of(session, title="New"),
    )

    assert response.status_code == 302
    session.refresh_from_db()
    assert session.title == "New"
    assert session.starts_at.isoformat() == "2030-05-20T01:00:00+00:00"
    assert session.stages == ["check_in", "enter", "answer", "upload"]


def test_form_write_is_audited_with_field_names_and_no_values(client, boss):
    session = make_session()

    client.post(
        reverse("admin:exams_session_change", args=[session.pk]),
        form_of(
            session,
            title="Secret title",
            **{
                "rooms-TOTAL_FORMS": 1,
                "rooms-0-name": "Secret room",
                "rooms-0-capacity": 30,
                "rooms-0-session": session.pk,
            },
        ),
    )

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.chain, entry.subject, entry.actor_ref) == (
        "admin.change",
        session.code,
        f"session:{session.code}",
        str(boss.pk),
    )
    assert entry.facts == {"fields": ["Title", "room: added"]}
    assert Room.objects.get().name == "Secret room"


def test_contradictory_windows_are_refused_by_the_form(client, boss):
    session = make_session()

    response = client.post(
        reverse("admin:exams_session_change", args=[session.pk]),
        form_of(session, entry_open_before=3600),
    )

    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == {
        "entry_open_before",
        "login_open_before",
    }
    assert AuditEntry.objects.count() == 0


def test_frozen_session_is_shown_and_not_changed(client, boss):
    session = make_session(frozen_at=clock.now())
    url = reverse("admin:exams_session_change", args=[session.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, form_of(session, title="New")).status_code == 403
    session.refresh_from_db()
    assert session.title != "New"


def test_state_and_freeze_are_in_no_form(client, boss):
    session = make_session()

    page = client.get(reverse("admin:exams_session_change", args=[session.pk]))

    assert {"state", "frozen_at", "code", "origin"}.isdisjoint(
        page.context["adminform"].form.fields
    )


def test_publish_page_says_what_it_does_and_does_it_with_a_reason(client, boss):
    session = make_ready_session(state="draft")
    make_attempt(session)

    page = client.get(step_url(session, "publish"))
    assert page.status_code == 200
    assert str(page.context["extent"]) in page.content.decode()
    refused = client.post(step_url(session, "publish"), {"reason": " "})
    assert refused.context["form"].errors.keys() == {"reason"}
    response = client.post(step_url(session, "publish"), {"reason": "Checked twice"})

    assert response.status_code == 302
    session.refresh_from_db()
    assert session.state == SessionState.PUBLISHED
    entries = AuditEntry.objects.filter(chain=session.code).order_by("seq")
    assert [(entry.action, entry.facts) for entry in entries] == [
        ("session.published", {"from": "draft"}),
        ("step.publish", {"reason": "Checked twice"}),
    ]
    assert verify_chain(session.code) == 2


def test_refused_step_stays_on_its_page_and_changes_nothing(client, boss):
    session = make_session(state="draft")

    response = client.post(step_url(session, "publish"), {"reason": "Now"})

    assert response.status_code == 409
    assert response.context["refusal"].code == "session_unsound"
    assert Session.objects.get(pk=session.pk).state == SessionState.DRAFT
    assert AuditEntry.objects.count() == 0


def test_freeze_needs_the_code_typed(client, boss):
    session = make_ready_session(state="draft")
    make_attempt(session)
    publish_session(session, by=Actor("system", "test"), at=clock.now())
    url = step_url(session, "freeze")

    refused = client.post(url, {"reason": "Today", "code": "wrong"})
    assert refused.context["form"].errors.keys() == {"code"}
    assert Draw.objects.count() == 0
    response = client.post(url, {"reason": "Today", "code": session.code})

    assert response.status_code == 302
    session.refresh_from_db()
    assert session.frozen_at is not None
    assert session.draw.commitment != ""


def test_close_entry_marks_the_rest_absent_after_the_window_only(client, boss):
    session = make_ready_session(state="published")
    attempt = make_attempt(session)
    url = step_url(session, "close-entry")

    (caution,) = client.get(url).context["cautions"]
    assert f"{session.starts_at.astimezone(ZoneInfo(session.time_zone)):%H:%M}" in (
        str(caution)
    )
    assert client.post(url, {"reason": "Over"}).status_code == 409
    Session.objects.filter(pk=session.pk).update(starts_at=clock.now())
    response = client.post(url, {"reason": "Over"})

    assert response.status_code == 302
    attempt.refresh_from_db()
    assert attempt.state == "absent"


def test_absence_is_taken_back_with_a_reason(client, boss):
    attempt = make_attempt(state="absent")
    url = reverse("admin:exams_attempt_restore", args=[attempt.pk])

    assert client.post(url, {"reason": ""}).status_code == 200
    assert Attempt.objects.get().state == "absent"
    assert (
        client.post(url, {"reason": "Clock of the hall was wrong"}).status_code == 302
    )
    assert Attempt.objects.get().state == "enrolled"


def test_scoring_starts_and_release_names_what_is_missing(client, boss):
    session = make_ready_session(state="published", starts_at=clock.now())
    Session.objects.filter(pk=session.pk).update(
        starts_at="2020-01-01T00:00:00Z", frozen_at="2020-01-01T00:00:00Z"
    )
    make_attempt(session, state="submitted")

    assert (
        client.post(step_url(session, "start-scoring"), {"reason": "Over"}).status_code
        == 302
    )
    (caution,) = client.get(step_url(session, "release")).context["cautions"]
    response = client.post(
        step_url(session, "release"), {"reason": "Done", "code": session.code}
    )

    assert session.attempts.get().code in str(caution)
    assert response.status_code == 409
    assert response.context["refusal"].code == "results_incomplete"
    session.refresh_from_db()
    assert session.state == SessionState.SCORING


@pytest.mark.parametrize(
    "name", ["publish", "freeze", "close-entry", "start-scoring", "release"]
)
def test_step_of_another_project_is_not_found(client, administrator, name):
    session = make_ready_session(state="draft")

    assert client.get(step_url(session, name)).status_code == 404
    assert client.post(step_url(session, name), {"reason": "x"}).status_code == 404


def test_row_is_not_deleted_on_any_page(client, boss):
    session = make_session()

    assert (
        client.get(reverse("admin:exams_session_delete", args=[session.pk])).status_code
        == 403
    )


def test_draft_paper_shows_its_texts_and_a_sealed_one_none(client, boss):
    paper = make_paper()
    url = reverse("admin:exams_paper_change", args=[paper.pk])
    text = paper.questions.first().text

    assert text in client.get(url).content.decode()
    type(paper).objects.update(sealed_at=clock.now())
    page = client.get(url)

    assert page.status_code == 200
    assert text not in page.content.decode()
    assert "Criterion 1" not in page.content.decode()
    assert client.post(url, {"title": "x"}).status_code == 403


def test_mock_session_is_saved_with_its_window_and_says_what_it_means(client, boss):
    session = make_session()
    url = reverse("admin:exams_session_change", args=[session.pk])
    window = {
        "kind": "mock",
        "mock_closes_at_0": "2030-05-22",
        "mock_closes_at_1": "17:00:00",
        "mock_per_day": 2,
    }

    saved = client.post(url, form_of(session, **window))
    page = client.get(url, headers={"accept-language": "en"}).content.decode()

    session.refresh_from_db()
    assert saved.status_code == 302
    assert (session.kind, session.mock_per_day) == ("mock", 2)
    assert session.mock_closes_at.isoformat() == "2030-05-22T09:00:00+00:00"
    assert "from 2030-05-20 09:00 until 2030-05-22 17:00" in page
    assert "2 mock tests on a day" in page


@pytest.mark.parametrize("closes", [("", ""), ("2030-05-20", "09:00:00")])
def test_mock_session_without_an_end_after_its_beginning_is_not_saved(
    client, boss, closes
):
    session = make_session()
    url = reverse("admin:exams_session_change", args=[session.pk])
    window = {"mock_closes_at_0": closes[0], "mock_closes_at_1": closes[1]}

    reply = client.post(url, form_of(session, kind="mock", **window))

    assert reply.status_code == 200
    assert "mock_closes_at" in reply.context["adminform"].form.errors
    assert Session.objects.get(pk=session.pk).kind == "formal"


def test_published_mock_offers_no_step_of_a_formal_session(client, boss):
    session = make_ready_session(kind="mock")

    page = client.get(reverse("admin:exams_session_change", args=[session.pk]))

    assert [step.name for step, _url in page.context["steps"]] == [
        "freeze",
        "acknowledge",
    ]
