"""The candidate's page of a case: only after the notice, one answer, the ruling."""

import pytest

from candidates.access import COOKIE
from candidates.models import DeviceLease
from exams.kernel import clock
from exams.models import Attempt
from proctoring.domain import cases
from proctoring.models import Case, Statement
from tests.builders.candidates import make_enrolled_attempt, make_lease
from tests.builders.cases import (
    confirm,
    make_case,
    make_court,
    make_heard_case,
    rule,
)
from tests.builders.exams import make_attempt, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    return make_enrolled_attempt(make_session(), state="sealed")


@pytest.fixture
def court(attempt):
    return make_court(attempt.session)


@pytest.fixture
def browser(client, attempt):
    make_lease(attempt, token="mine")
    client.cookies[COOKIE] = "mine"
    return client


def told(attempt, court):
    case = confirm(make_case(attempt, court), court)
    cases.send_notice(case, by=court.first, at=clock.now())
    return case


def test_case_does_not_exist_for_the_candidate_before_the_notice(
    browser, attempt, court
):
    case = confirm(make_case(attempt, court), court)

    assert browser.get(f"/cases/{case.code}/").status_code == 404


def test_case_of_another_candidate_does_not_exist(browser, attempt, court):
    other = make_attempt(attempt.session, state="sealed")

    assert browser.get(f"/cases/{told(other, court).code}/").status_code == 404


def test_candidate_reads_the_notice_and_states_once(browser, attempt, court):
    case = told(attempt, court)
    url = f"/cases/{case.code}/"

    shown = browser.get(url)
    empty = browser.post(url, {"answer": "state", "text": " "})
    sent = browser.post(url, {"answer": "state", "text": "My mother."})
    again = browser.post(url, {"answer": "waive"})

    assert case.facts in shown.content.decode()
    assert [row.status_code for row in (empty, sent, again)] == [422, 302, 409]
    assert Statement.objects.get().text == "My mother."
    assert "My mother." in browser.get(url).content.decode()


def test_candidate_waives(browser, attempt, court):
    case = told(attempt, court)

    browser.post(f"/cases/{case.code}/", {"answer": "waive"})

    assert Case.objects.get().state == "waived"


def test_candidate_reads_the_ruling_and_sees_the_result_cancelled(
    browser, attempt, court
):
    mine = DeviceLease.objects.get(attempt=attempt, state="active")
    case = make_heard_case(attempt, court, lease=mine)
    rule(case, court)

    page = browser.get(f"/cases/{case.code}/").content.decode()
    result = browser.get(f"/result/{attempt.code}/").content.decode()

    assert 'data-ruling="void"' in page
    assert "data-void" in result
    assert case.code in result
