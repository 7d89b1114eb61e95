from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache

from candidates.domain.budgets import TooManyTries
from candidates.domain.leases import Browser
from candidates.domain.sign_in import (
    SOURCE_FAILURES,
    TARGET_FAILURES,
    AccessClosed,
    NothingEnrolled,
    SignInFailed,
    open_attempt,
    sign_in,
)
from candidates.models import DeviceLease
from candidates.queries.home import candidate_of
from exams.kernel.errors import NotFound
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.exams import before_start, make_attempt, make_session
from tests.builders.passages import (
    SUFFIX,
    TICKET,
    make_person,
    make_published_session,
)

pytestmark = pytest.mark.django_db
AT = before_start(1800)
HOME = Browser(cookie="", device="Firefox", address="192.0.2.1")


def enter(project, *, ticket=TICKET, suffix=SUFFIX, browser=HOME, at=AT):
    return sign_in(
        project, ticket_number=ticket, id_suffix=suffix, browser=browser, at=at
    )


def exhaust(project, *, browser=HOME):
    for _ in range(TARGET_FAILURES):
        with pytest.raises(SignInFailed):
            enter(project, suffix="000000", browser=browser)


def test_sign_in_right_numbers_claims_the_attempt():
    attempt = make_person()

    claim = enter(attempt.session.project)

    assert (claim.lease.attempt, claim.lease.state, claim.lease.level) == (
        attempt,
        "active",
        "claimed",
    )
    assert claim.lease.epoch == 1
    assert claim.cookie not in str(DeviceLease.objects.values_list())


def test_sign_in_full_width_and_small_x_is_the_same_person():
    attempt = make_person()

    claim = enter(
        attempt.session.project, ticket="２０３００５２０００１", suffix="01123ｘ"
    )

    assert claim.lease.attempt == attempt


def test_sign_in_wrong_suffix_and_unknown_ticket_are_alike(
    django_assert_num_queries,
):
    project = make_person().session.project

    with django_assert_num_queries(18), pytest.raises(SignInFailed) as wrong:
        enter(project, suffix="000000")
    with django_assert_num_queries(18), pytest.raises(SignInFailed) as unknown:
        enter(project, ticket="nobody", browser=replace(HOME, address="192.0.2.2"))

    def seen(refusal):
        return str(refusal.value), refusal.value.code, refusal.value.status

    assert seen(wrong) == seen(unknown)


def test_sign_in_ticket_of_another_project_is_unknown():
    make_person()
    other = make_published_session().project

    with pytest.raises(SignInFailed):
        enter(other)


@pytest.mark.parametrize(
    ("edge", "shift_ms", "opens"),
    [
        ("opens", -1, False),
        ("opens", 0, True),
        ("opens", 1, True),
        ("closes", -1, True),
        ("closes", 0, False),
        ("closes", 1, False),
    ],
)
def test_sign_in_at_the_edges_of_the_access_period(edge, shift_ms, opens):
    project = make_person().session.project
    limit = getattr(project, f"access_{edge}_at")
    at = limit + timedelta(milliseconds=shift_ms)

    if opens:
        assert enter(project, at=at).lease.state == "active"
    else:
        with pytest.raises(AccessClosed):
            enter(project, at=at)


def test_sign_in_nothing_published_is_refused_in_words():
    attempt = make_person(make_session())

    with pytest.raises(NothingEnrolled):
        enter(attempt.session.project)


def test_sign_in_budget_used_up_refuses_the_right_numbers_too():
    project = make_person().session.project
    exhaust(project)

    with pytest.raises(TooManyTries) as refused:
        enter(project, browser=replace(HOME, address="192.0.2.9"))

    assert refused.value.facts["retry_at"] > AT
    assert "15" in str(refused.value)


def test_sign_in_budget_survives_a_flushed_cache():
    project = make_person().session.project
    exhaust(project)

    cache.clear()

    with pytest.raises(TooManyTries):
        enter(project)


def test_sign_in_budget_comes_back_with_the_next_window():
    project = make_person().session.project
    exhaust(project)

    claim = enter(project, at=AT + timedelta(minutes=15))

    assert claim.lease.state == "active"


def test_sign_in_known_browser_passes_a_used_up_budget():
    attempt = make_person()
    project = attempt.session.project
    known = Browser(cookie=enter(project).cookie, address="192.0.2.1")
    exhaust(project, browser=Browser(cookie="", address="198.51.100.1"))

    claim = enter(project, browser=known)

    assert claim.lease.state == "active"
    assert DeviceLease.objects.count() == 1


def test_sign_in_known_browser_with_wrong_numbers_stays_refused():
    project = make_person().session.project
    known = Browser(cookie=enter(project).cookie, address="192.0.2.1")
    exhaust(project)

    with pytest.raises(TooManyTries):
        enter(project, suffix="000000", browser=known)


def test_sign_in_one_source_trying_many_people_is_stopped():
    session = make_published_session()
    make_person(session)
    for number in range(SOURCE_FAILURES):
        with pytest.raises(SignInFailed):
            enter(session.project, ticket=f"guess-{number}")

    with pytest.raises(TooManyTries):
        enter(session.project)

    elsewhere = replace(HOME, address="198.51.100.7")
    assert enter(session.project, browser=elsewhere).lease.state == "active"


def test_sign_in_right_tries_are_given_back():
    attempt = make_person()
    project = attempt.session.project
    browser = HOME

    for _ in range(TARGET_FAILURES * 2):
        browser = Browser(cookie=enter(project, browser=browser).cookie)

    assert DeviceLease.objects.count() == 1


def test_sign_in_planted_secret_does_not_become_the_lease():
    attempt = make_person()
    planted = f"{attempt.code}.planted"

    claim = enter(attempt.session.project, browser=Browser(cookie=planted))

    assert "planted" not in claim.cookie


def test_open_attempt_other_session_of_the_same_person_keeps_the_browser():
    first = make_person()
    second = make_attempt(make_published_session(project=first.session.project))
    candidate = make_candidate(first.session.project)
    make_enrolment(candidate, second)
    third = make_attempt(make_published_session(project=first.session.project))
    person = enter(first.session.project)
    owner = person.lease.attempt
    make_enrolment(candidate_of(owner), third)
    browser = Browser(cookie=person.cookie)

    opened = open_attempt(person.lease, code=third.code, browser=browser, at=AT)

    assert opened.lease.attempt == third
    assert opened.cookie.split(".")[1] == person.cookie.split(".")[1]
    with pytest.raises(NotFound):
        open_attempt(person.lease, code=second.code, browser=browser, at=AT)
