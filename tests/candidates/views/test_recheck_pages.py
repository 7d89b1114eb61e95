"""A re-check from the candidate's result page to the official's desk and back."""

import pytest
from django.test import Client
from django.urls import reverse

from candidates.access import COOKIE
from candidates.domain.rechecks import ask_recheck
from candidates.models import Recheck
from exams.domain import results
from exams.domain.audit import Actor
from tests.builders.approvals import make_official
from tests.builders.candidates import make_lease
from tests.builders.exams import make_room
from tests.builders.passages import COOKIE as TOKEN
from tests.builders.passages import make_person
from tests.builders.scoring import (
    SCORED,
    make_exhibit,
    make_number,
    make_panel,
    make_scoring_session,
    make_sheet,
)

pytestmark = pytest.mark.django_db


def make_marked(session, panel, number, marks, **columns):
    attempt = make_person(session, ticket=f"t-{number}", state="marked", **columns)
    make_number(attempt, number)
    make_exhibit(attempt)
    make_sheet(attempt, *panel, *marks)
    return attempt


@pytest.fixture
def attempts():
    """Two rooms that are balanced: 81 and 60 become 70.50 each."""
    session = make_scoring_session(group_correction="mean_ratio")
    panel, found = make_panel(session, 1), []
    for number, marks in enumerate([("40", "41"), ("30", "30")], start=1):
        room = make_room(session)
        found.append(make_marked(session, panel, number, marks, room=room))
    results.release_results(session, by=Actor.job("test"), at=SCORED)
    return found


@pytest.fixture
def browser(attempts):
    make_lease(attempts[0], token=TOKEN)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.cookies[COOKIE] = TOKEN
    return client


@pytest.fixture
def official(attempts):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(make_official(attempts[0].session))
    return client


def test_recheck_goes_to_the_official_and_its_answer_back(
    browser, official, attempts, at_time
):
    code, session = attempts[0].code, attempts[0].session
    at_time(SCORED)
    page = browser.get(f"/result/{code}/").content.decode()
    asked = browser.post(f"/result/{code}/recheck/", {"text": "Add it up again."})
    desk = official.get(reverse("review:desk")).content.decode()
    list_page = official.get(reverse("review:results", args=[session.code]))
    url = reverse("review:recheck", args=[code])
    shown = official.get(url).content.decode()
    refused = official.post(url, {"outcome": "corrected", "text": "no"})
    empty = official.post(url, {"outcome": "kept", "text": ""})
    answered = official.post(url, {"outcome": "kept", "text": "It is the same."})
    after = browser.get(f"/result/{code}/").content.decode()

    assert "until 2030-05-23 11:00" in page
    assert "81.00 × (141.00 ÷ 2) ÷ (81.00 ÷ 1)" in page
    assert "≈ 0.870370" in page
    assert asked.status_code == 302
    assert f'data-recheck="{code}"' in desk
    assert [(line.raw, line.factor) for line, _asked in list_page.context["lines"]] == [
        ("81.00", "0.870370"),
        ("60.00", "1.175000"),
    ]
    assert 'data-again="same"' in shown
    assert (refused.status_code, empty.status_code) == (409, 422)
    assert (answered.status_code, answered.headers["Location"]) == (302, url)
    assert "It is the same." in after
    assert 'data-recheck="answered"' in after


@pytest.mark.parametrize("rows", [1, 3])
def test_officials_pages_list_rechecks_in_a_fixed_number_of_queries(
    rows, at_time, django_assert_num_queries
):
    session = make_scoring_session()
    panel, client = make_panel(session, 1), Client(HTTP_ACCEPT_LANGUAGE="en")
    for number in range(rows):
        make_marked(session, panel, number + 1, ("40", "41"))
    results.release_results(session, by=Actor.job("test"), at=SCORED)
    for attempt in session.attempts.all():
        ask_recheck(make_lease(attempt), text="Add it up again.", at=SCORED)
    client.force_login(make_official(session))
    at_time(SCORED)

    with django_assert_num_queries(7):
        desk = client.get(reverse("review:desk"))
    with django_assert_num_queries(8):
        page = client.get(reverse("review:results", args=[session.code]))

    assert len(desk.context["rechecks"]) == rows
    assert [bool(asked) for _line, asked in page.context["lines"]] == [True] * rows


def test_recheck_after_its_window_is_refused_in_words_and_keeps_what_was_typed(
    browser, attempts, at_time
):
    at_time(SCORED.replace(day=SCORED.day + 3))

    page = browser.post(f"/result/{attempts[0].code}/recheck/", {"text": "Too late."})

    assert page.status_code == 409
    assert "could be asked for until 2030-05-23 11:00" in page.content.decode()
    assert not Recheck.objects.exists()
