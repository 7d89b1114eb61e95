"""Lists that are longer than anybody reads: bounded, and saying so."""

import pytest
from django.core.paginator import Paginator
from django.urls import reverse

from candidates.models import Candidate
from candidates.queries.posts import posts_of
from exams.admin import paging
from exams.models import Attempt
from exams.queries import counting
from tests.builders.candidates import make_candidate
from tests.builders.exams import make_attempt, make_project, make_session

pytestmark = pytest.mark.django_db
LIST = "admin:candidates_candidate_changelist"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def two_at_most(monkeypatch):
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    monkeypatch.setattr(paging, "MOST_COUNTED", 2)


@pytest.mark.parametrize(("rows", "is_cut"), [(2, False), (3, True)])
def test_list_says_that_it_goes_on(client, boss, two_at_most, rows, is_cut):
    for number in range(rows):
        make_candidate(name="王", ticket_number=f"A{number}")

    page = client.get(reverse(LIST), {"q": "王"}, headers=ENGLISH)

    text = page.content.decode()
    assert page.context["cl"].result_count == 2
    assert ("More than 2 candidates" in text) == is_cut
    assert ("More than 2 results" in text) == is_cut


@pytest.mark.parametrize("number", [1, 2, 3])
def test_deep_page_has_the_same_rows_and_joins_for_them_only(
    number, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(paging, "DEEP", 2)
    session = make_session()
    for _ in range(5):
        make_attempt(session)
    rows = Attempt.objects.select_related("session__project").order_by("-code")
    plain = Paginator(rows, 2).page(number)

    pages = paging.BoundedPaginator(rows, 2)
    assert pages.count == 5
    with django_assert_num_queries(1 if number == 1 else 2) as asked:
        page = list(pages.page(number))

    assert page == list(plain)
    assert ("JOIN" in asked[0]["sql"]) == (number == 1)
    assert "JOIN" in asked[-1]["sql"]


def test_session_of_too_many_to_count_shows_a_plus(client, boss, two_at_most):
    session = make_session()
    for _ in range(3):
        make_attempt(session)

    page = client.get(reverse("admin:exams_session_changelist"), headers=ENGLISH)

    assert "2+" in page.content.decode()


def test_file_has_the_rows_behind_the_last_page(client, boss, two_at_most):
    for number in range(3):
        make_candidate(ticket_number=f"A{number}")

    address = reverse("admin:candidates_candidate_export")
    response = client.post(address, {"format": "csv"})

    assert b"".join(response.streaming_content).count(b'\r\n"A') == 3


@pytest.mark.parametrize("typed", ["abcdef", "ABC", " abc "])
def test_attempt_is_found_by_the_beginning_of_its_code(client, boss, typed):
    make_attempt(code="abcdefgh")
    make_attempt(code="xyzabcde")

    page = client.get(reverse("admin:exams_attempt_changelist"), {"q": typed})

    assert [row.code for row in page.context["cl"].result_list] == ["abcdefgh"]


def test_posts_to_choose_from_are_those_of_one_s_own_projects(
    client, administrator, project
):
    for post in ("Clerk", "Clerk", "Archivist", ""):
        make_candidate(project, post=post)
    make_candidate(make_project(), post="Elsewhere")

    page = client.get(reverse(LIST), {"post": "Clerk"})

    assert posts_of([project.pk]) == ["Archivist", "Clerk"]
    assert posts_of(None) == ["Archivist", "Clerk", "Elsewhere"]
    assert posts_of([]) == []
    assert page.context["cl"].result_count == 2
    assert b"Elsewhere" not in page.content
    assert Candidate.objects.count() == 5
