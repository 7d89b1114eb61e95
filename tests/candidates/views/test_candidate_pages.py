from datetime import timedelta

import pytest
from django.test import Client

from candidates.access import COOKIE
from candidates.domain.sign_in import TARGET_FAILURES
from candidates.models import DeviceLease
from candidates.queries.home import candidate_of
from tests.builders.candidates import make_enrolment, make_lease
from tests.builders.exams import (
    after_start,
    before_start,
    make_attempt,
    make_project,
    make_session,
)
from tests.builders.passages import (
    COOKIE as TOKEN,
)
from tests.builders.passages import (
    SUFFIX,
    TICKET,
    make_person,
    make_published_session,
    make_verified,
)

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def browser():
    return Client(**EN)


def sign_in(client, attempt, *, suffix=SUFFIX):
    return client.post(
        f"/p/{attempt.session.project.slug}/",
        {"ticket_number": TICKET, "id_suffix": suffix},
    )


def test_landing_lists_projects_with_a_published_session(browser, at_time):
    shown = make_published_session().project
    hidden = make_session().project
    past = make_published_session(
        project=make_project(access_closes_at=before_start(86_400))
    ).project
    at_time(before_start(1200))

    page = browser.get("/").content.decode()

    assert [project.title in page for project in (shown, hidden, past)] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_entry_shows_the_hotline_and_asks_two_numbers(browser, at_time, language):
    project = make_person().session.project
    at_time(before_start(1200))

    page = browser.get(f"/p/{project.slug}/", HTTP_ACCEPT_LANGUAGE=language)

    html = page.content.decode()
    assert page.status_code == 200
    assert project.hotline in html
    assert 'name="ticket_number"' in html
    assert 'name="id_suffix"' in html
    assert "no-store" in page.headers["Cache-Control"]


def test_entry_outside_the_access_period_still_shows_the_hotline(browser, at_time):
    attempt = make_person()
    project = attempt.session.project
    at_time(project.access_opens_at - timedelta(hours=1))

    page = browser.get(f"/p/{project.slug}/")
    refused = sign_in(browser, attempt)

    assert project.hotline in page.content.decode()
    assert refused.status_code == 403
    assert COOKIE not in refused.cookies
    assert project.hotline in refused.content.decode()


def test_entry_wrong_numbers_are_refused_without_telling_which(browser, at_time):
    attempt = make_person()
    at_time(before_start(1200))

    refused = sign_in(browser, attempt, suffix="000000")

    html = refused.content.decode()
    assert refused.status_code == 403
    assert "do not belong together" in html
    assert "000000" not in html
    assert COOKIE not in refused.cookies


def test_entry_too_many_tries_says_when_to_try_again(browser, at_time):
    attempt = make_person()
    at_time(before_start(1200))
    for _ in range(TARGET_FAILURES):
        sign_in(browser, attempt, suffix="000000")

    refused = sign_in(browser, attempt)

    assert refused.status_code == 429
    assert "Try again in" in refused.content.decode()


def test_entry_without_csrf_token_is_refused(at_time):
    attempt = make_person()
    at_time(before_start(1200))

    refused = sign_in(Client(enforce_csrf_checks=True), attempt)

    assert refused.status_code == 403
    assert not DeviceLease.objects.exists()


def test_entry_cookie_is_secure_in_production(browser, at_time, settings):
    settings.PRODUCTION = True
    attempt = make_person()
    at_time(before_start(1200))

    cookie = sign_in(browser, attempt).cookies[COOKIE]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (
        True,
        True,
        "Strict",
    )


def test_entry_of_an_unknown_project_is_not_found(browser):
    assert browser.get("/p/nowhere/").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("exams", [1, 3])
def test_home_lists_the_exams_of_the_person_in_eight_queries(
    browser, at_time, django_assert_num_queries, exams, language
):
    attempt = make_person()
    project = attempt.session.project
    sign_in_at = before_start(1200)
    at_time(sign_in_at)
    sign_in(browser, attempt)
    candidate = candidate_of(attempt)
    for _ in range(exams - 1):
        other = make_published_session(project=project)
        make_enrolment(candidate, make_attempt(other))

    with django_assert_num_queries(8):
        page = browser.get(f"/p/{project.slug}/home/", HTTP_ACCEPT_LANGUAGE=language)

    html = page.content.decode()
    assert html.count(f"/p/{project.slug}/open/") == exams - 1
    assert f"/exam/{attempt.code}/" in html
    assert candidate.name in html


def test_home_dates_its_messages_in_the_zone_of_the_session(browser, at_time):
    attempt = make_person(make_published_session(time_zone="Asia/Urumqi"))
    at_time(before_start(1200))
    sign_in(browser, attempt)

    page = browser.get(f"/p/{attempt.session.project.slug}/home/")

    inbox = 'data-inbox="home" data-time-zone="Asia/Urumqi"'
    assert inbox in page.content.decode()


def test_home_of_a_stranger_leads_to_the_door(browser):
    slug = make_person().session.project.slug

    page = browser.get(f"/p/{slug}/home/")

    assert page.headers["Location"] == f"/p/{slug}/"


def test_home_of_another_project_leads_to_its_door(browser):
    make_lease(make_person(), token=TOKEN)
    other = make_published_session().project
    browser.cookies[COOKIE] = TOKEN

    page = browser.get(f"/p/{other.slug}/home/")

    assert page.headers["Location"] == f"/p/{other.slug}/"


def test_open_exam_of_the_same_person_moves_the_cookie(browser, at_time):
    attempt = make_person()
    project = attempt.session.project
    at_time(before_start(1200))
    sign_in(browser, attempt)
    second = make_attempt(make_published_session(project=project))
    make_enrolment(candidate_of(attempt), second)
    foreign = make_attempt(make_published_session(project=project))

    opened = browser.post(f"/p/{project.slug}/open/{second.code}/")
    refused = browser.post(f"/p/{project.slug}/open/{foreign.code}/")

    assert opened.headers["Location"] == f"/exam/{second.code}/"
    assert browser.get(f"/exam/{second.code}/").status_code == 200
    assert refused.status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_exam_page_of_the_own_attempt_shows_no_name(browser, at_time, language):
    attempt = make_person()
    make_verified(attempt)
    browser.cookies[COOKIE] = TOKEN
    at_time(before_start(1200))

    page = browser.get(f"/exam/{attempt.code}/", HTTP_ACCEPT_LANGUAGE=language)

    html = page.content.decode()
    assert page.status_code == 200
    assert attempt.code in html
    assert candidate_of(attempt).name not in html
    assert TICKET not in html


@pytest.mark.parametrize("path", ["exam", "result"])
def test_pages_of_anothers_attempt_do_not_exist(browser, at_time, path):
    make_lease(make_person(), token=TOKEN)
    other = make_person(ticket="another")
    browser.cookies[COOKIE] = TOKEN
    at_time(before_start(1200))

    assert browser.get(f"/{path}/{other.code}/").status_code == 404
    assert Client().get(f"/{path}/{other.code}/").status_code == 401


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_result_before_the_release_says_so(browser, at_time, language):
    attempt = make_person(state="submitted", submitted_at=after_start(10))
    make_lease(attempt, token=TOKEN)
    browser.cookies[COOKIE] = TOKEN
    at_time(after_start(1300))

    page = browser.get(f"/result/{attempt.code}/", HTTP_ACCEPT_LANGUAGE=language)

    assert page.status_code == 200
    assert page.context["result"] is None


def test_sign_out_ends_the_lease_and_drops_the_cookie(browser, at_time):
    attempt = make_person()
    at_time(before_start(1200))
    sign_in(browser, attempt)

    left = browser.post(f"/p/{attempt.session.project.slug}/sign-out/")

    assert left.cookies[COOKIE].value == ""
    assert DeviceLease.objects.get().state == "ended"


def test_sign_out_by_a_link_is_not_possible(browser):
    slug = make_person().session.project.slug

    assert browser.get(f"/p/{slug}/sign-out/").status_code == 405
