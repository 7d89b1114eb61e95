"""The form of a session: presets, what it means live, unclear times, warnings."""

import pytest
from django.urls import reverse

from exams.models import Acknowledgement, AuditEntry, Session
from tests.builders.exams import make_project, make_session
from tests.exams.admin.test_sessions import form_of

pytestmark = pytest.mark.django_db
ADD = "admin:exams_session_add"
ENGLISH = {"accept-language": "en"}


def change_url(session):
    return reverse("admin:exams_session_change", args=[session.pk])


def meaning(client, session, **fields):
    reply = client.get(
        reverse("admin:exams_session_meaning"),
        form_of(session, **fields),
        headers=ENGLISH,
    )
    assert reply.status_code == 200
    return reply.json()


@pytest.mark.parametrize(
    ("query", "kind", "stages"),
    [
        ("", "formal", ["attachments"]),
        ("?preset=a&kind=mock", "mock", ["attachments"]),
        ("?preset=b&kind=formal", "formal", ["commitment", "notice"]),
        ("?preset=zzz&kind=zzz", "formal", ["attachments"]),
    ],
)
def test_new_session_starts_from_the_preset_that_was_chosen(
    client, boss, query, kind, stages
):
    form = client.get(reverse(ADD) + query).context["adminform"].form

    readings = {"attachments", "commitment", "notice"}
    assert form["kind"].value() == kind
    assert [one for one in form["stages"].value() if one in readings] == stages
    assert form["login_open_before"].value() == 1800


def test_live_sentence_says_what_the_typed_windows_mean(client, boss):
    said = meaning(client, make_session())
    late = meaning(client, make_session(), entry_close_after_start=300)

    assert said["sentences"][0] == (
        "Candidates sign in 08:30–09:00 and must be on the countdown page by 09:00; "
        "nobody enters after 09:00."
    )
    assert said["problems"] == []
    assert "nobody enters after 09:05" in late["sentences"][0]
    assert "Asia/Shanghai (UTC+08:00)" in said["sentences"][-1]


def test_live_words_say_every_rule_that_differs_from_the_documents(client, boss):
    changed = {
        "auto_assign": "",
        "group_correction": "mean_ratio",
        "reconnect_grace": 300,
    }

    usual = meaning(client, make_session())["sentences"]
    told = " ".join(meaning(client, make_session(), **changed)["sentences"])

    assert len(usual) == 12
    assert "until the helpdesk deals one" in told
    assert "divided by the mean of its room" in told
    assert "not heard for more than 5 min" in told


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"identity_methods": ["human", "code"]},
            (
                "Identity is proved by: Decision of a member of staff, One-time code "
                "from a member of staff."
            ),
        ),
        ({"allowed_platforms": ["windows"]}, "Allowed computers: Windows."),
        (
            {"focus_loss": "warn"},
            "Leaving the exam page is forbidden; it is recorded.",
        ),
        (
            {"upload_lock_home": ""},
            "After the end stay on the upload page until everything has arrived.",
        ),
    ],
)
def test_live_words_say_what_candidates_are_held_to(client, boss, fields, sentence):
    session = make_session()

    usual = meaning(client, session)["sentences"]
    changed = meaning(client, session, **fields)["sentences"]
    assert (sentence in usual) is not (sentence in changed)


def test_live_words_name_contradictions_and_warnings_and_store_nothing(client, boss):
    session = make_session(title="Stored")

    said = meaning(client, session, entry_open_before=3600, title="Typed")

    assert [one["fields"] for one in said["problems"]] == [
        ["entry_open_before", "login_open_before"]
    ]
    assert any("support hours" in text for text in said["cautions"])
    assert list(Session.objects.values_list("title", flat=True)) == ["Stored"]
    assert not AuditEntry.objects.exists()


def test_half_typed_form_has_no_sentence_and_no_fault(client, boss):
    url = reverse("admin:exams_session_meaning")

    assert client.get(url, {"answer": "x"}).json()["sentences"] == []
    assert client.get(url, {"starts_at_0": "2030-99-99"}).json()["sentences"] == []


def test_live_words_do_not_know_another_project(client, administrator):
    said = meaning(client, make_session())

    assert said["sentences"] == []


def test_saved_page_and_dashboard_say_the_same_sentence(client, boss):
    from exams.kernel import clock

    session = make_session(starts_at=clock.now())
    page = client.get(change_url(session), headers=ENGLISH).content.decode()
    today = client.get(reverse("admin:index"), headers=ENGLISH).content.decode()

    sentence = page.split('k-meaning__first">')[1].split("</p>")[0]
    assert "nobody enters after" in sentence
    assert sentence in today


BERLIN = {
    "time_zone": "Europe/Berlin",
    "starts_at_0": "2026-10-25",
    "starts_at_1": "02:30:00",
}


@pytest.fixture
def berlin(db):
    project = make_project(
        access_opens_at="2026-01-01T00:00Z", access_closes_at="2026-12-31T00:00Z"
    )
    return make_session(project=project)


def test_time_that_is_there_twice_is_refused_with_both_and_can_be_chosen(
    client, boss, berlin
):
    refused = client.post(
        change_url(berlin), form_of(berlin, **BERLIN), headers=ENGLISH
    )
    text = str(refused.context["adminform"].form.errors["starts_at"])
    chosen = client.post(
        change_url(berlin), form_of(berlin, **BERLIN, starts_at_reading="later")
    )

    assert "2026-10-25 02:30 UTC+02:00" in text
    assert "2026-10-25 02:30 UTC+01:00" in text
    assert '<select name="starts_at_reading"' in refused.content.decode()
    assert chosen.status_code == 302
    berlin.refresh_from_db()
    assert berlin.starts_at.isoformat() == "2026-10-25T01:30:00+00:00"
    # The choice is still there when the page is opened again and saved as it is.
    again = client.get(change_url(berlin)).context["adminform"].form
    assert again["starts_at_reading"].value() == "later"


def test_time_that_does_not_exist_is_refused_with_both_readings(client, boss, berlin):
    missing = {**BERLIN, "starts_at_0": "2026-03-29"}

    refused = client.post(change_url(berlin), form_of(berlin, **missing))

    text = str(refused.context["adminform"].form.errors["starts_at"])
    assert "2026-03-29 01:30 UTC+01:00" in text
    assert "2026-03-29 03:30 UTC+02:00" in text


UNDRAWN = ["check_in", "enter", "answer", "upload"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"login_close_after_start": 300}, "login_close_after_start"),
        ({"focus_loss": "limit"}, "focus_limit"),
        ({"focus_limit": 3}, "focus_loss"),
        ({"identity_methods": ["face"]}, "stages"),
        ({"reconnect_grace": 1200}, "reconnect_grace"),
        ({"auto_assign": "", "stages": UNDRAWN}, "auto_assign"),
        ({"upload_cap": 60}, "evidence_confirm_within"),
        ({"starts_at_0": "2031-05-20"}, "project"),
        ({"entry_close_after_start": 1200, "login_close_after_start": 1200}, "answer"),
    ],
)
def test_contradiction_is_refused_beside_both_fields(client, boss, fields, named):
    session = make_session()

    refused = client.post(change_url(session), form_of(session, **fields))

    errors = refused.context["adminform"].form.errors
    assert refused.status_code == 200
    assert named in errors
    assert len(errors) >= 2
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_zone", "Mars/Base"),
        ("stages", ["enter", "check_in", "answer", "upload"]),
        ("stages", ["check_in", "sleep", "enter", "answer", "upload"]),
        ("allowed_platforms", ["amiga"]),
        ("single_display", "perhaps"),
        ("answer", 0),
        ("login_open_before", -1),
    ],
)
def test_bad_value_is_refused_beside_its_field(client, boss, name, value):
    session = make_session()

    refused = client.post(change_url(session), form_of(session, **{name: value}))

    assert refused.status_code == 200
    assert name in refused.context["adminform"].form.errors
    assert not AuditEntry.objects.exists()


def test_order_of_the_stages_is_kept_as_it_is_sent(client, boss):
    session = make_session()
    order = ["check_in", "devices", "draw", "flow", "enter", "answer", "upload"]

    client.post(change_url(session), form_of(session, stages=order))

    assert Session.objects.get(pk=session.pk).stages == order


def test_warnings_are_shown_until_noted_with_a_reason(client, boss):
    session = make_session()
    url = reverse("admin:exams_session_acknowledge", args=[session.pk])

    assert (
        "support hours"
        in client.get(change_url(session), headers=ENGLISH).content.decode()
    )
    page = client.get(url, headers=ENGLISH)
    seen = page.context["form"]["seen"].value()
    stale = client.post(url, {"reason": "Known", "seen": "0" * 64})
    noted = client.post(url, {"reason": "Known", "seen": seen})

    assert (stale.status_code, noted.status_code) == (409, 302)
    assert {row.by for row in Acknowledgement.objects.all()} == {boss}
    assert [entry.action for entry in AuditEntry.objects.order_by("seq")] == [
        "session.acknowledged",
        "step.acknowledge",
    ]
    after = client.get(change_url(session), headers=ENGLISH)
    assert after.context["cautions"] == []
    assert "Warnings that were noted" in after.content.decode()
