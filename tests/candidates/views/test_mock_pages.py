"""The home page's card of mock tests, its button, and what is said afterwards."""

import re

import pytest
from django.test import Client

from candidates.access import COOKIE
from candidates.models import DeviceLease, Enrolment
from exams.kernel import tokens
from exams.models import Attempt
from tests.builders.candidates import make_lease, make_recording
from tests.builders.exams import (
    START,
    after_start,
    make_ready_session,
)
from tests.builders.passages import SUFFIX, TICKET, make_person

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def mock(at_time):
    """A mock session that opens now; its project's exam is tomorrow."""
    at_time(after_start(1))
    return make_ready_session(kind="mock", answer=600)


@pytest.fixture
def exam(mock):
    tomorrow = make_ready_session(
        project=mock.project, starts_at=after_start(86_400), title="The exam"
    )
    return make_person(tomorrow)


@pytest.fixture
def browser(mock, exam):
    return signed_in(mock)


def signed_in(session):
    browser = Client(**EN)
    door = browser.post(
        f"/p/{session.project.slug}/", {"ticket_number": TICKET, "id_suffix": SUFFIX}
    )
    assert door.status_code == 302
    return browser


def home(browser, session):
    page = browser.get(f"/p/{session.project.slug}/home/")
    assert page.status_code == 200
    return page.content.decode()


def press(browser, session):
    return browser.post(f"/p/{session.project.slug}/mock/{session.code}/")


def test_home_has_a_card_with_window_quota_and_button(browser, mock):
    html = home(browser, mock)

    assert "05-20 09:00—05-22 09:00" in html
    assert "1 left today" in html
    assert 'data-action="start-mock"' in html
    assert "data-advice" not in html


def test_home_without_a_mock_session_has_no_card(at_time):
    exam = make_person(make_ready_session())
    at_time(START)

    assert "data-mock-card" not in home(signed_in(exam.session), exam.session)


def test_press_opens_the_mocks_page_with_an_active_lease(browser, mock, exam):
    reply = press(browser, mock)

    attempt = Attempt.objects.get(session=mock)
    assert reply.headers["Location"] == f"/exam/{attempt.code}/"
    digest = tokens.digest(browser.cookies[COOKIE].value)
    lease = DeviceLease.objects.get(token_digest=digest)
    assert (lease.attempt, lease.state, lease.level) == (attempt, "active", "claimed")
    assert DeviceLease.objects.get(attempt=exam).state == "active"
    page = browser.get(f"/exam/{attempt.code}/").content.decode()
    assert "data-mock" in page
    assert "Your practice number" in page


def test_way_back_to_the_exam_is_on_the_home_page(browser, mock, exam):
    press(browser, mock)

    html = home(browser, mock)
    back = browser.post(f"/p/{mock.project.slug}/open/{exam.code}/")

    assert 'data-action="go-on-mock"' in html
    assert 'data-action="start-mock"' not in html
    assert f'data-exam-card="{exam.code}"' in html
    assert len(re.findall("data-exam-card", html)) == 1
    assert back.headers["Location"] == f"/exam/{exam.code}/"
    assert DeviceLease.objects.filter(attempt=exam).count() == 1


def test_used_quota_is_said_with_the_next_time_on_page_and_press(
    browser, mock, at_time
):
    press(browser, mock)
    at_time(after_start(400))

    html = home(browser, mock)
    reply = press(browser, mock)

    words = "The next is possible from 2030-05-21 00:00 (Asia/Shanghai)."
    assert words in html
    assert 'data-action="start-mock"' not in html
    assert reply.status_code == 409
    assert 'role="alert"' in reply.content.decode()
    assert words in reply.content.decode()
    assert Enrolment.objects.filter(session=mock).count() == 1


def test_closed_window_names_its_times(browser, mock, at_time):
    at_time(after_start(2 * 86_400))

    html = home(browser, mock)

    words = "from 2030-05-20 09:00 until 2030-05-22 09:00 (Asia/Shanghai)"
    assert words in html
    assert press(browser, mock).status_code == 409


def test_mock_of_another_project_is_not_found(browser, mock):
    other = make_ready_session(kind="mock")

    there = browser.post(f"/p/{mock.project.slug}/mock/{other.code}/")
    foreign = browser.post(f"/p/{other.project.slug}/mock/{other.code}/")

    assert there.status_code == 404
    assert foreign.headers["Location"] == f"/p/{other.project.slug}/"
    assert not Enrolment.objects.filter(session=other).exists()


def test_past_mock_is_told_with_its_outcome_and_the_advice(browser, mock, at_time):
    press(browser, mock)
    Attempt.objects.filter(session=mock).update(
        state="sealed", entered_at=after_start(200)
    )
    attempt = Attempt.objects.get(session=mock)
    make_recording(attempt, stream="camera", state="verified")
    make_recording(attempt, stream="screen", state="verified")
    at_time(after_start(1000))

    html = home(browser, mock)

    assert 'data-mock="complete"' in html
    assert "every recording arrived and was checked" in html
    assert "Restart it before the exam." in html
    assert html.count("data-advice") == 1


def test_upload_that_is_not_over_leads_back_to_the_computer(browser, mock, at_time):
    press(browser, mock)
    Attempt.objects.filter(session=mock).update(
        state="submitted", entered_at=after_start(200)
    )
    attempt = Attempt.objects.get(session=mock)
    make_recording(attempt, stream="camera", state="open")
    at_time(after_start(1000))

    html = home(browser, mock)
    opened = browser.post(f"/p/{mock.project.slug}/open/{attempt.code}/")

    assert 'data-mock="incomplete"' in html
    assert 'data-action="open-mock"' in html
    assert opened.headers["Location"] == f"/exam/{attempt.code}/"


def test_mock_has_no_result_page(browser, mock):
    press(browser, mock)
    attempt = Attempt.objects.get(session=mock)

    assert browser.get(f"/result/{attempt.code}/").status_code == 404


def test_browser_that_waits_for_the_exam_may_take_its_own_mock(mock, exam):
    make_lease(exam, token="elsewhere")
    browser = signed_in(mock)

    reply = press(browser, mock)

    attempt = Attempt.objects.get(session=mock)
    assert reply.headers["Location"] == f"/exam/{attempt.code}/"
    assert DeviceLease.objects.get(attempt=attempt).state == "active"
    states = DeviceLease.objects.filter(attempt=exam).order_by("pk")
    assert [lease.state for lease in states] == ["active", "waiting"]
