import pytest
from django.core.files.base import ContentFile
from django.test import Client

from candidates.domain.face_login import answer_challenge
from candidates.models import CheckIn, CheckInPhoto, DeviceLease
from candidates.queries.home import candidate_of
from exams.domain.audit import Actor
from exams.domain.draw import close_draw
from exams.domain.freezing import freeze
from exams.models import AuditEntry, DrawnNumber
from tests.builders.candidates import make_check_in, make_lease
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_assignment,
    make_ready_session,
    make_session,
    make_staff,
)
from tests.builders.faces import AT, NEARLY_ME, NOT_ME, at_door, challenge, frames_for
from tests.builders.passages import make_person, make_published_session, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, at_time):
    settings.MEDIA_ROOT = tmp_path / "media"
    at_time(before_start(900))


def signed_in(role=None, **scope):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    staff = make_staff()
    if role:
        make_assignment(staff, role=role, **scope)
    client.force_login(staff)
    return client


def waiting(session=None, *, ticket="20300520001"):
    attempt = make_person(session or make_published_session(), ticket=ticket)
    check_in = make_check_in(make_lease(attempt, level="claimed"))
    for _ in range(2):
        image = ContentFile(picture(), "photo.jpg")
        CheckInPhoto.objects.create(check_in=check_in, image=image, digest="0" * 64)
    return check_in


@pytest.mark.parametrize("rows", [1, 3])
def test_queue_lists_who_waits_in_eight_queries(rows, django_assert_num_queries):
    session = make_published_session()
    for number in range(rows):
        waiting(session, ticket=f"t-{number}")
    client = signed_in("helpdesk", session=session)

    with django_assert_num_queries(8):
        page = client.get("/checkins/")

    assert [row.photo_count for row in page.context["check_ins"]] == [2] * rows
    assert all(f"t-{number}" in page.content.decode() for number in range(rows))


def test_queue_of_another_session_stays_hidden():
    waiting()
    client = signed_in("helpdesk", session=make_session())

    assert client.get("/checkins/").context["check_ins"] == []


@pytest.mark.parametrize(
    "role", [None, "examiner", "proctor", "auditor", "official", "chief_examiner"]
)
@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/roster-photo/", "photos/{photo}/"])
def test_identity_pages_are_refused_to_other_roles(role, path):
    check_in = waiting()
    client = signed_in(role, session=check_in.attempt.session)
    photo = check_in.photos.first().pk

    page = client.get(f"/checkins/{path.format(pk=check_in.pk, photo=photo)}")

    assert page.status_code == 403


def test_identity_pages_ask_a_stranger_to_sign_in():
    check_in = waiting()

    page = Client().get(f"/checkins/{check_in.pk}/")

    assert page.status_code == 302
    assert page.headers["Location"].startswith("/staff/sign-in/")


@pytest.mark.parametrize("path", ["{pk}/", "{pk}/roster-photo/", "photos/{photo}/"])
def test_identity_pages_of_another_session_do_not_exist(path):
    check_in = waiting()
    client = signed_in("helpdesk", session=make_session())
    photo = check_in.photos.first().pk

    page = client.get(f"/checkins/{path.format(pk=check_in.pk, photo=photo)}")

    assert page.status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_check_in_page_masks_the_id_number(language):
    check_in = waiting()
    candidate = candidate_of(check_in.attempt)
    client = signed_in("helpdesk", session=check_in.attempt.session)

    page = client.get(f"/checkins/{check_in.pk}/", HTTP_ACCEPT_LANGUAGE=language)

    html = page.content.decode()
    assert candidate.name in html
    assert candidate.id_number not in html
    assert page.context["candidate"]["masked_id"] in html
    for photo in check_in.photos.all():
        assert f"/checkins/photos/{photo.pk}/" in html


def test_check_in_photo_is_a_picture_that_nobody_caches():
    check_in = waiting()
    client = signed_in("helpdesk", session=check_in.attempt.session)

    page = client.get(f"/checkins/photos/{check_in.photos.first().pk}/")

    assert b"".join(page.streaming_content) == picture()
    assert page.headers["Content-Type"] == "image/jpeg"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_roster_photo_that_is_no_picture_is_not_given():
    check_in = waiting()
    candidate = candidate_of(check_in.attempt)
    candidate.photo.save("x", ContentFile(b"<html>"))
    client = signed_in("helpdesk", session=check_in.attempt.session)

    assert client.get(f"/checkins/{check_in.pk}/roster-photo/").status_code == 404


def test_check_in_approved_by_the_page_leads_back_to_the_queue():
    check_in = waiting()
    client = signed_in("helpdesk", session=check_in.attempt.session)

    page = client.post(f"/checkins/{check_in.pk}/", {"decision": "approve"})

    check_in.refresh_from_db()
    assert page.headers["Location"] == "/checkins/"
    assert (check_in.state, check_in.attempt.state) == ("approved", "checked_in")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"decision": "decline"}, "reason_missing"),
        ({"decision": "decline", "reason": "  "}, "reason_missing"),
        ({"decision": "decline", "reason": "x" * 301}, "bad_input"),
        ({"decision": "perhaps"}, "bad_input"),
        ({}, "bad_input"),
    ],
)
def test_check_in_decision_that_is_incomplete_stays_on_the_page(form, code):
    check_in = waiting()
    client = signed_in("helpdesk", session=check_in.attempt.session)

    page = client.post(f"/checkins/{check_in.pk}/", form)

    assert page.status_code == 422
    assert page.context["refusal"].code == code
    assert CheckIn.objects.get().state == "waiting"


def test_check_in_decided_twice_says_that_it_is_decided():
    check_in = waiting()
    client = signed_in("helpdesk", session=check_in.attempt.session)
    client.post(f"/checkins/{check_in.pk}/", {"decision": "approve"})

    page = client.post(
        f"/checkins/{check_in.pk}/", {"decision": "decline", "reason": "no"}
    )

    assert page.status_code == 409
    assert page.context["refusal"].code == "illegal_move"


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_one_who_missed_the_draw_is_dealt(rows, django_assert_num_queries):
    session = make_ready_session(auto_assign=False)
    people = [make_person(session, ticket=f"t-{place}") for place in range(rows)]
    freeze(session, by=Actor.job("test"), at=before_start(3600))
    close_draw(session, at=before_start(600))
    client = signed_in("helpdesk", session=session)
    with django_assert_num_queries(7):
        page = client.get("/checkins/")

    reply = client.post(f"/numbers/{people[0].code}/")

    assert [row.code for row in page.context["without_number"]] == [
        one.code for one in people
    ]
    assert (reply.status_code, reply.headers["Location"]) == (302, "/checkins/")
    assert DrawnNumber.objects.get().attempt == people[0]
    assert AuditEntry.objects.filter(
        action="draw.number_drawn", actor_kind="staff"
    ).exists()


def test_check_in_form_without_csrf_token_is_refused():
    check_in = waiting()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_administrator())

    page = client.post(f"/checkins/{check_in.pk}/", {"decision": "approve"})

    assert page.status_code == 403
    assert CheckIn.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("decision", "states"),
    [("approve", ["superseded", "active"]), ("refuse", ["active", "ended"])],
)
def test_takeover_is_decided_by_the_helpdesk(decision, states):
    attempt = make_person()
    make_lease(attempt, device="old computer")
    asked = make_lease(attempt, state="waiting", epoch=None, level="claimed")
    client = signed_in("helpdesk", session=attempt.session)

    shown = client.get("/checkins/").context["takeovers"]
    page = client.post(f"/takeovers/{asked.pk}/", {"decision": decision})

    assert [(row.pk, row.active_device) for row in shown] == [
        (asked.pk, "old computer")
    ]
    assert page.headers["Location"] == "/checkins/"
    found = DeviceLease.objects.order_by("pk").values_list("state", flat=True)
    assert list(found) == states


def test_takeover_by_a_computer_that_is_not_allowed_is_pointed_out():
    attempt = make_person(make_published_session(allowed_platforms=["windows"]))
    make_lease(attempt)
    asked = {"state": "waiting", "epoch": None, "level": "claimed"}
    make_lease(attempt, device="Mozilla/5.0 (Macintosh; Intel)", **asked)
    client = signed_in("helpdesk", session=attempt.session)

    page = client.get("/checkins/")

    assert "reports macOS" in page.context["takeovers"][0].not_allowed
    assert "reports macOS" in page.content.decode()


def test_takeover_of_another_session_or_role_is_refused():
    attempt = make_person()
    make_lease(attempt)
    asked = make_lease(attempt, state="waiting", epoch=None)
    path, form = f"/takeovers/{asked.pk}/", {"decision": "approve"}

    found = [
        signed_in("helpdesk", session=make_session()).post(path, form).status_code,
        signed_in("proctor", session=attempt.session).post(path, form).status_code,
        signed_in("helpdesk", session=attempt.session).post(path).status_code,
        signed_in("helpdesk", session=attempt.session).get(path).status_code,
    ]

    assert found == [404, 403, 422, 405]
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_check_in_of_an_unclear_comparison_shows_distances_and_limits(settings):
    settings.FACE_BACKEND = "fake"
    lease = at_door()
    for who in (NOT_ME, NEARLY_ME):
        check = challenge(lease)
        answer_challenge(check, frames=frames_for(check, who=who), at=AT)
    check_in = CheckIn.objects.get()
    client = signed_in("helpdesk", session=lease.attempt.session)

    page = client.get(f"/checkins/{check_in.pk}/")

    latest, first = page.context["face_checks"]
    assert (latest["is_this"], first["is_this"]) == (True, False)
    assert first["reasons"] == [
        "The face does not resemble the photo of the application."
    ]
    shown = latest["distances"]["photo"]
    assert 0.45 < float(shown["low"]) <= float(shown["high"]) < 0.6
    assert shown["words"] == "unclear"
    told = page.content.decode()
    assert "up to 0.450 passes by itself, up to 0.600 comes to you" in told
    assert "embedding" not in told


def test_check_in_without_a_comparison_shows_none():
    check_in = waiting()
    client = signed_in("helpdesk", session=check_in.attempt.session)

    page = client.get(f"/checkins/{check_in.pk}/")

    assert page.context["face_checks"] == []
    assert "Comparison by program" not in page.content.decode()


def test_code_is_found_by_ticket_number_given_with_a_reason_and_shown_once():
    check_in = waiting(ticket="T-7")
    attempt = check_in.attempt
    client = signed_in("helpdesk", session=attempt.session)
    path = f"/checkins/codes/{attempt.code}/"

    assert path in client.get("/checkins/?ticket=t-7").content.decode()
    assert path in client.get(f"/checkins/{check_in.pk}/").content.decode()
    refused = client.post(path, {"reason": " "})
    given = client.post(path, {"reason": "camera broken"})
    digits = given.context["issued"].digits
    shown = f"{digits[:4]} {digits[4:]}"
    later = client.get(path).content.decode()

    assert (refused.status_code, refused.context["issued"]) == (422, None)
    assert shown in given.content.decode()
    assert shown not in later
    assert digits not in later
    assert "camera broken" in later


def test_session_without_codes_offers_none():
    session = make_published_session(identity_methods=["face", "human"])
    check_in = waiting(session)
    client = signed_in("helpdesk", session=session)
    path = f"/checkins/codes/{check_in.attempt.code}/"

    assert path not in client.get(f"/checkins/{check_in.pk}/").content.decode()
    assert path not in client.get("/checkins/?ticket=20300520001").content.decode()
    assert client.get(path).status_code == 404
