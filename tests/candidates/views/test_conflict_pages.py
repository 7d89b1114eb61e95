"""The pages of conflicts: the examiner is told nothing; the administrator decides."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import ConflictMatch, DeclaredConflict
from exams.enums import Role
from exams.models import Exclusion
from tests.builders.candidates import (
    make_candidate,
    make_conflict,
    make_enrolment,
    make_match,
)
from tests.builders.exams import make_assignment, make_attempt, make_session

pytestmark = pytest.mark.django_db
OWN = reverse("conflicts:own")
LIST = reverse("admin:candidates_declaredconflict_changelist")
ADD = reverse("admin:candidates_declaredconflict_add")


@pytest.fixture
def session():
    return make_session()


@pytest.fixture
def examiner(client, session):
    staff = make_assignment(role=Role.EXAMINER, session=session).staff
    client.force_login(staff)
    return staff


def enrolled(session, **columns):
    candidate = make_candidate(session.project, **columns)
    return make_enrolment(candidate, make_attempt(session))


def form(session, **more):
    return {"project": session.project.slug, "kind": "name", "value": "林知远", **more}


def test_reply_is_the_same_whether_somebody_is_met_or_nobody(client, session, examiner):
    enrolled(session, name="林知远")

    met = client.post(OWN, form(session), follow=True).content.decode()
    nobody = client.post(OWN, form(session, value="无此人名"), follow=True)

    assert Exclusion.objects.filter(staff=examiner).count() == 1
    rows = nobody.context["rows"]
    assert [row.text for row in rows] == ["无此人名", "林知远"]
    assert met.count("k-note") == nobody.content.decode().count("k-note")


def test_page_shows_no_suffix_whole_and_nothing_that_others_entered(
    client, session, examiner
):
    candidate = enrolled(session, name="欧阳若楠").candidate
    make_conflict(
        examiner,
        project=session.project,
        kind="candidate",
        value=candidate.ticket_number,
    )
    client.post(OWN, form(session, kind="id_suffix", value="07123X"))

    page = client.get(OWN).content.decode()

    assert "****3X" in page
    assert "07123X" not in page
    assert candidate.ticket_number not in page


def test_declaration_is_not_taken_back_by_its_examiner(client, session, examiner):
    client.post(OWN, form(session))
    row = DeclaredConflict.objects.get()

    for method in ("delete", "put", "patch"):
        assert getattr(client, method)(OWN).status_code == 405
    url = reverse("admin:candidates_declaredconflict_withdraw", args=[row.pk])
    assert client.post(url, {"reason": "x"}).status_code == 302

    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_another_project_is_no_choice(client, session, examiner):
    page = client.post(OWN, form(make_session()))

    assert page.status_code == 422
    assert DeclaredConflict.objects.count() == 0


def test_refused_value_is_said_on_the_page(client, session, examiner):
    page = client.post(
        OWN,
        form(session, kind="id_suffix", value="123"),
        headers={"accept-language": "en"},
    )

    assert page.status_code == 422
    assert "Enter the last six of the ID number" in page.content.decode()


def test_administrator_enters_a_conflict_with_a_candidate(client, boss, session):
    staff = make_assignment(role=Role.EXAMINER, session=session).staff
    enrolment = enrolled(session)
    body = {
        "project": session.project.pk,
        "staff": staff.pk,
        "kind": "candidate",
        "text": enrolment.candidate.ticket_number,
        "reason": "cousins",
    }

    wrong = client.post(ADD, body | {"text": "nobody"})
    done = client.post(ADD, body)
    again = client.post(ADD, body, follow=True)

    assert wrong.context["adminform"].form.errors.keys() == {"text"}
    assert done.status_code == 302
    assert Exclusion.objects.get().attempt == enrolment.attempt
    assert DeclaredConflict.objects.count() == 1
    assert "error" in [one.level_tag for one in again.context["messages"]]
    page = client.get(
        reverse("admin:candidates_candidate_change", args=[enrolment.candidate_id])
    )
    assert str(staff) in page.content.decode()


def test_namesake_is_lifted_with_a_reason(client, boss, session):
    match = make_match(*_pair(enrolled(session)))
    url = reverse("admin:conflict_lift", args=[match.conflict_id, match.pk])

    assert client.post(url, {}).status_code == 200
    assert Exclusion.objects.count() == 1
    assert client.post(url, {"reason": "namesake"}).status_code == 302
    again = client.post(url, {"reason": "namesake"})

    assert Exclusion.objects.count() == 0
    assert ConflictMatch.objects.get().state == "lifted"
    assert again.status_code == 409


def _pair(enrolment):
    return enrolment.candidate, enrolment.attempt


@pytest.mark.parametrize("number", [1, 3])
def test_lists_ask_the_same_number_of_queries(client, boss, session, number):
    for _ in range(number):
        match = make_match(*_pair(enrolled(session)))

    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
    assert len(asked) == 4
    one = reverse("admin:candidates_declaredconflict_change", args=[match.conflict_id])
    with CaptureQueriesContext(connection) as asked:
        client.get(one)
    assert len(asked) == 9


@pytest.mark.parametrize("number", [1, 3])
def test_own_page_asks_the_same_number_of_queries(client, examiner, number):
    for place in range(number):
        make_conflict(examiner, value=f"甲{place}")

    with CaptureQueriesContext(connection) as asked:
        client.get(OWN)

    assert len(asked) == 6
