"""Finding a candidate by what is said on the telephone."""

import pytest
from django.db import connection

from candidates.domain.people import check_digit, id_hash
from candidates.models import Candidate
from candidates.queries.finding import MOST, find, narrowed
from exams.queries.scope import scoped
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.exams import make_attempt

pytestmark = pytest.mark.django_db
BODY = "11010519491231002"


def tickets(text, candidates=None):
    rows = Candidate.objects.all() if candidates is None else candidates
    return [hit.candidate.ticket_number for hit in find(text, rows).hits]


@pytest.fixture
def wang(db):
    number = BODY + check_digit(BODY)
    return make_candidate(
        ticket_number="A7001", name="王浩然", phone_tail="4321", id_number=number,
        id_hash=id_hash(number),
    )  # fmt: skip


@pytest.fixture
def others(db):
    make_candidate(ticket_number="A7002", name="王浩", phone_tail="9999")
    make_candidate(ticket_number="B4321", name="李王浩然", phone_tail="0000")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A7001", ["A7001"]),
        ("a7001", ["A7001"]),
        (" Ａ７００１ ", ["A7001"]),
        ("A700", ["A7001", "A7002"]),
        ("7001", []),
        ("王浩然", ["A7001"]),
        ("王浩", ["A7002", "A7001"]),
        ("浩然", []),
        ("4321", ["A7001"]),
        ("321", []),
        (BODY + check_digit(BODY), ["A7001"]),
        (BODY, []),
        ("", []),
        ("  ", []),
        ("%", []),
        ("' OR 1=1 --", []),
        ("x" * 500, []),
    ],
)
def test_exact_and_prefix_hits_and_nothing_else(wang, others, text, found):
    assert tickets(text) == found


def test_attempt_code_is_found_by_its_beginning(wang, others):
    code = make_enrolment(wang).attempt.code

    assert tickets(code) == tickets(code[:6].upper()) == ["A7001"]
    assert tickets(code[:3]) == []


def test_candidates_of_other_projects_are_not_found(administrator, project, wang):
    mine = make_candidate(project, ticket_number="A7009", name="王浩然")
    attempt = make_enrolment(wang).attempt
    own = scoped(Candidate.objects.all(), "project", administrator)

    for text in ("A7", "王浩", "4321", attempt.code, wang.id_number):
        assert set(tickets(text, own)) <= {mine.ticket_number}
    assert tickets("A7", own) == ["A7009"]


def test_more_than_fifty_are_said_and_the_exact_one_is_among_them(project):
    for number in range(MOST + 2):
        make_candidate(project, name=f"王{number:03}", ticket_number=f"T{number:03}")
    make_candidate(project, name="王", ticket_number="Z1")

    found = find("王", Candidate.objects.all())

    assert (len(found.hits), found.more) == (MOST, True)
    assert found.hits[0].candidate.ticket_number == "Z1"


def test_hit_leads_to_every_attempt_newest_first(wang):
    attempts = [make_enrolment(wang, make_attempt()).attempt for _ in range(2)]

    (hit,) = find("A7001", Candidate.objects.all()).hits

    assert [row.attempt for row in hit.enrolments] == attempts[::-1]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("text", "queries"),
    [("", 0), ("A7", 3), ("王", 3), ("5678", 4), ("4321", 2), ("abcd", 3)],
)
def test_search_costs_the_same_for_any_number_of_rows(
    project, rows, text, queries, django_assert_num_queries
):
    for number in range(rows):
        candidate = make_candidate(
            project, ticket_number=f"A7{number}", name="王", phone_tail="5678"
        )
        make_enrolment(candidate, make_attempt())

    with django_assert_num_queries(queries):
        find(text, Candidate.objects.all())


def test_list_is_narrowed_by_index(wang, on_postgresql):
    rows = narrowed(Candidate.objects.order_by(), "王浩")

    assert [row.ticket_number for row in rows] == ["A7001"]
    if on_postgresql:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "candidate_by_" in rows.explain()


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_for_any_number_of_rows(
    client, boss, project, rows, django_assert_num_queries
):
    for number in range(rows):
        make_enrolment(
            make_candidate(project, ticket_number=f"A7{number}"), make_attempt()
        )

    with django_assert_num_queries(5):
        page = client.get("/admin/find/", {"q": "A7"})

    assert page.content.decode().count('scope="row"><a') == rows


def test_page_says_that_nobody_is_found(client, administrator, wang, english):
    page = client.get("/admin/find/", {"q": "王浩"}, headers={"accept-language": "en"})

    assert "Nobody is found in your projects." in page.content.decode()
    assert "A7001" not in page.content.decode()
