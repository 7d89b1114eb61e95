"""The timeline of a candidate: every floor's facts, their sources, what is hidden."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from candidates.domain.inbox import deliver
from candidates.domain.photo_files import set_photo
from candidates.models import Candidate, DocumentRead, Enrolment, Recipient
from config.pages.timeline import KINDS
from exams.domain.audit import Actor, record
from exams.domain.staff import assign
from exams.enums import Role
from exams.models import Result
from tests.builders.candidates import (
    STARTED_MS,
    make_candidate,
    make_check_in,
    make_chunk,
    make_companion,
    make_enrolment,
    make_face_check,
    make_lease,
    make_recording,
    make_segment,
)
from tests.builders.cases import confirm, make_case, make_court, make_incident
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_attempt,
    make_document,
    make_paper,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_request
from tests.builders.mail import AT, make_sent_mailing
from tests.builders.passages import make_stages
from tests.builders.photos import picture
from tests.builders.rosters import import_people, make_person
from tests.builders.scoring import make_number, make_sheet

pytestmark = pytest.mark.django_db
BY = Actor("system", "test")


def address(candidate):
    return reverse("admin:candidate_timeline", args=[candidate.pk])


def lines(client, candidate, **query):
    page = client.get(address(candidate), query, headers={"accept-language": "en"})
    assert page.status_code == 200
    return [line for day in page.context["days"] for line, _attempt in day.lines]


def make_passage(candidate, session):
    """One attempt with something of every kind."""
    attempt = make_attempt(session, state="sealed", entered_at=START)
    make_enrolment(candidate, attempt)

    def audited(action, subject=f"attempt:{attempt.code}", **facts):
        at = facts.pop("at", START)
        record(action, by=BY, at=at, subject=subject, facts=facts, chain=session.code)

    audited(
        "roster.enrolled", f"session:{session.code}", at=before_start(99_999), new=1
    )
    lease = make_lease(attempt)
    make_check_in(lease, state="approved", reason="fits", decided_at=before_start(900))
    make_face_check(lease, state="failed")
    make_stages(attempt, "devices", "flow")
    document = make_document(session.project, kind="flow", title=f"Flow {attempt.pk}")
    DocumentRead.objects.create(
        attempt=attempt, document=document, at=before_start(800)
    )
    make_companion(attempt, state="ended", ended_at=after_start(10))
    make_number(attempt, 17)
    make_film_with_gap(attempt)
    audited("attempt.entered", **{"from": "checked_in"})
    row = make_request(attempt)
    audited("request.owned", f"request:{row.code}")
    deliver(attempt, kind="warning", title="Mind the camera", at=START)
    Recipient.objects.create(
        mailing=make_sent_mailing(session),
        enrolment=Enrolment.objects.get(attempt=attempt),
        code=f"letter-{attempt.code}",
        state="sent",
        ended_at=AT,
    )
    make_incident(attempt)
    court = make_court(session)
    confirm(make_case(attempt, court), court)
    make_sheet(attempt, make_staff())
    Result.objects.create(
        attempt=attempt, value=Decimal("80.5000"), working={"value": "80.50"},
        computed_at=after_start(6000),
    )  # fmt: skip
    return attempt


def make_film_with_gap(attempt):
    recording = make_recording(attempt, state="sealed", complete=False, sealed_at=after_start(99))  # fmt: skip
    first = make_segment(recording, stated_count=3)
    make_chunk(first, seq=0, start_ms=0, duration_ms=1000)
    make_chunk(first, seq=2, start_ms=2000, duration_ms=1000)
    make_segment(recording, started_ms=STARTED_MS + 10_000, reason="crash")


@pytest.fixture
def candidate(project):
    return make_candidate(project, name="王浩然")


@pytest.fixture
def passage(candidate, project):
    return make_passage(
        candidate,
        make_session(paper=make_paper(project), project=project, title="Morning"),
    )


def test_every_kind_is_told_newest_last_and_leads_to_its_source(
    client, boss, candidate, passage
):
    found = lines(client, candidate)

    assert {line.kind for line in found} == set(KINDS)
    assert [line.at for line in found] == sorted(line.at for line in found)
    addresses = {line.url for line in found if line.url}
    pages = [one for one in addresses if one.startswith("/admin/")]
    assert len(addresses) > len(pages) > 10
    assert {client.get(page).status_code for page in pages} == {200}
    assert [line.title for line in found if not line.url] == []
    letter = next(line.url for line in found if "recipient=" in line.url)
    assert f"letter-{passage.code}" in client.get(letter).content.decode()


def test_gap_of_a_recording_has_its_times_and_missing_pieces(
    client, boss, candidate, passage
):
    films = {line.title: line for line in lines(client, candidate, kind="film")}

    assert (films["Gap"].at, films["Gap"].until) == (
        START + timedelta(seconds=3),
        START + timedelta(seconds=10),
    )
    assert films["Gap"].text.endswith("7 s without a recording")
    assert "as held, with gaps" in films["Recording sealed"].text
    texts = [line.text for line in lines(client, candidate, kind="film")]
    assert any("2 pieces held · 1 piece missing" in text for text in texts)


def test_kinds_and_attempts_filter(client, boss, candidate, passage, project):
    second = make_passage(
        candidate, make_session(paper=make_paper(project), project=project)
    )

    some = lines(client, candidate, kind=["draw", "case"])
    assert {line.kind for line in some} == {"draw", "case"}
    only = lines(client, candidate, attempt=second.code)
    assert {line.attempt for line in only} == {second.pk}
    assert lines(client, candidate, kind="nonsense") == lines(client, candidate)


def test_whoever_scores_sees_neither_number_nor_score_until_the_release(
    client, administrator, candidate, passage
):
    hidden = {"draw", "score"}
    assert hidden <= {line.kind for line in lines(client, candidate)}
    assign(administrator, role=Role.EXAMINER, session=passage.session, by=BY, at=START)

    page = client.get(address(candidate), headers={"accept-language": "en"})
    assert not hidden & {line.kind for line in lines(client, candidate)}
    assert "you score in this session" in page.content.decode()
    assert "80.50" not in page.content.decode()
    assert "017" not in page.content.decode()

    type(passage.session).objects.filter(pk=passage.session_id).update(state="released")
    assert hidden <= {line.kind for line in lines(client, candidate)}


def test_changes_of_the_row_lead_to_what_made_them(client, boss, project):
    session = make_session(project=project)
    first = import_people(session, [make_person(1, phone="13800000001")])
    person = Candidate.objects.get(project=project)
    set_photo(person, photo=picture(), by=BY, at=AT)
    second = import_people(session, [make_person(1, phone="13800000002")])

    found = lines(client, person, kind="roster")

    preview = "/admin/candidates/rosterimport/{}/change/"
    assert [(line.title, line.url) for line in found] == [
        ("Put on the roster", preview.format(first.pk)),
        ("Roster photo put in", f"/admin/candidates/candidate/{person.pk}/change/"),
        ("Changed by the roster", preview.format(second.pk)),
    ]
    assert found[-1].text.startswith("phone · ")


def test_account_without_the_right_to_results_sees_no_score(
    client, administrator, candidate, passage
):
    (group,) = administrator.groups.all()
    group.permissions.remove(*group.permissions.filter(codename="view_result"))

    assert "score" not in {line.kind for line in lines(client, candidate)}
    assert "draw" in {line.kind for line in lines(client, candidate)}


def test_candidate_of_another_project_is_not_there(client, administrator):
    assert client.get(address(make_candidate())).status_code == 404


def test_empty_timeline_says_so_in_both_languages(client, boss, candidate):
    for language, words in (("en", "Nothing has happened yet"), ("zh-hans", "王浩然")):
        page = client.get(address(candidate), headers={"accept-language": language})
        assert words in page.content.decode()


@pytest.mark.parametrize("attempts", [1, 3])
def test_timeline_costs_the_same_for_any_number_of_attempts(
    client, boss, candidate, project, attempts, django_assert_num_queries
):
    for _ in range(attempts):
        make_passage(
            candidate, make_session(paper=make_paper(project), project=project)
        )

    with django_assert_num_queries(QUERIES):
        client.get(address(candidate))


QUERIES = 35
