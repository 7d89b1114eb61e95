"""The officials' pages: what waits, films once audited, steps, two people."""

import pytest
from django.urls import reverse

from candidates.models import Manifest
from candidates.queries.home import candidate_of
from exams.kernel import clock
from exams.kernel.clock import milliseconds
from exams.models import AuditEntry, Void
from proctoring.domain import cases
from proctoring.models import Case, Incident, Ruling
from proctoring.queries.films import films_of
from tests.builders.approvals import turn
from tests.builders.candidates import make_enrolled_attempt
from tests.builders.cases import (
    CLIP,
    make_case,
    make_court,
    make_film,
    make_heard_case,
    make_incident,
)
from tests.builders.exams import START, make_session
from tests.builders.scoring import MEDIA, make_number

pytestmark = pytest.mark.django_db
LOCAL = {"from_at": "2030-05-20T09:08:00", "to_at": "2030-05-20T09:08:40"}


@pytest.fixture
def attempt():
    attempt = make_enrolled_attempt(make_session(), state="sealed", entered_at=START)
    make_number(attempt, 17)
    return attempt


@pytest.fixture
def court(attempt):
    return make_court(attempt.session)


@pytest.fixture
def film(attempt, settings, tmp_path):
    settings.RECORDINGS_ROOT = tmp_path
    make_film(attempt)
    return reverse("review:film", args=[attempt.code, "camera", 1, 1])


def page(name, *args):
    return reverse(f"review:{name}", args=args)


def step(client, person, case, name, **body):
    client.force_login(person)
    return client.post(page("step", case.code, name), body)


def text_of(response):
    return response.content.decode()


def test_desk_lists_incidents_by_attempt_and_cases_by_what_they_wait_for(
    client, attempt, court
):
    make_case(attempt, court)
    make_incident(attempt)
    client.force_login(court.second)

    shown = client.get(page("desk"))

    (line,) = shown.context["queue"]
    (row,) = shown.context["waiting"]
    assert (line["attempt"], line["number"], line["tone"]) == (attempt, "017", "bad")
    assert (row.case.state, row.by_others) == ("opened", False)
    client.force_login(court.first)
    assert client.get(page("desk")).context["waiting"][0].by_others


def test_pages_show_codes_and_numbers_and_never_a_name(client, attempt, court):
    case = make_heard_case(attempt, court)
    client.force_login(court.first)

    pages = [
        text_of(client.get(url))
        for url in (
            page("desk"),
            page("attempt", attempt.code),
            page("case", case.code),
            page("step", case.code, "propose"),
            page("results", attempt.session.code),
        )
    ]

    assert not any(name in shown for shown in pages for name in names_of(attempt))
    assert all(attempt.code in shown for shown in pages[:4])


def names_of(attempt):
    candidate = candidate_of(attempt)
    return (candidate.name, candidate.ticket_number, candidate.id_number)


def test_case_is_opened_in_local_time_with_its_incidents(client, attempt, court):
    incident = make_incident(attempt)
    client.force_login(court.first)

    response = client.post(
        page("attempt", attempt.code),
        {**LOCAL, "article": "1.1", "facts": "seen", "incidents": [incident.code]},
    )

    case = Case.objects.get()
    assert response.headers["Location"] == page("case", case.code)
    assert (case.from_at, case.to_at) == (CLIP["from_at"], CLIP["to_at"])
    assert Incident.objects.get().case == case


def test_case_without_facts_is_not_opened(client, attempt, court):
    make_incident(attempt)
    client.force_login(court.first)

    response = client.post(page("attempt", attempt.code), {**LOCAL, "article": "1.1"})

    assert response.status_code == 422
    assert not Case.objects.exists()


def test_dismissing_asks_for_a_reason(client, attempt, court):
    incident = make_incident(attempt)
    client.force_login(court.first)
    url = page("dismiss", incident.code)

    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "nobody there"}).status_code == 302
    assert client.post(url, {"reason": "again"}).status_code == 409
    assert Incident.objects.get().reason == "nobody there"


def test_opener_is_told_plainly_that_a_second_person_is_needed(client, attempt, court):
    case = make_case(attempt, court)
    client.force_login(court.first)

    shown = client.get(page("case", case.code))
    hindrances = {found.name: why for found, why in shown.context["steps"]}

    assert set(hindrances) == {"confirm", "decline"}
    assert hindrances["confirm"]
    assert hindrances["decline"] is None
    assert step(client, court.first, case, "confirm", reason="r").status_code == 403
    assert Case.objects.get().state == "opened"


def test_two_officials_lead_a_case_through_the_pages_to_a_void(client, attempt, court):
    case = make_case(attempt, court)
    replies = [
        step(client, court.second, case, "confirm", reason="seen"),
        step(client, court.first, case, "notice", hours="24"),
    ]
    at = clock.now()
    cases.sweep_cases(at=at + cases.ANSWER_WITHIN)
    replies += [
        step(client, court.first, case, "propose", outcome="void", reasons="film"),
        step(client, court.first, case, "approve"),
        step(client, court.second, case, "approve"),
    ]

    assert [reply.status_code for reply in replies] == [302, 302, 302, 403, 302]
    assert Ruling.objects.get().outcome == "void"
    assert Void.objects.get().ref == case.code


def test_step_that_does_not_fit_or_does_not_exist_changes_nothing(
    client, attempt, court
):
    case = make_case(attempt, court)

    assert step(client, court.second, case, "approve").status_code == 409
    assert step(client, court.second, case, "notice", hours="24").status_code == 409
    assert step(client, court.second, case, "hang").status_code == 404
    assert Case.objects.get().state == "opened"


def test_void_shows_on_the_case_page_at_once(client, attempt, court):
    case = make_heard_case(attempt, court)
    client.force_login(court.first)
    before = "data-void" in text_of(client.get(page("case", case.code)))
    turn(attempt, [court.first, court.second])

    after = "data-void" in text_of(client.get(page("case", case.code)))

    assert (before, after) == (False, True)


def test_films_are_one_clock_and_opening_them_is_audited_once(
    client, attempt, court, film
):
    client.force_login(court.first)
    refused = client.get(film).status_code

    shown = client.get(page("attempt", attempt.code))
    client.get(page("attempt", attempt.code))
    plan = shown.context["player"]["plan"]

    started = milliseconds(START)
    assert refused == 403
    assert plan["streams"][0]["films"] == [
        {
            "url": film,
            "spans": [[started, 0, 400_000], [started + 500_000, 400_000, 700_000]],
        }
    ]
    assert (plan["from_ms"], plan["to_ms"]) == (started, started + 800_000)
    assert AuditEntry.objects.filter(action="films.opened").count() == 1


def test_film_is_served_in_ranges_and_only_what_exists(client, attempt, court, film):
    client.force_login(court.first)
    client.get(page("attempt", attempt.code))

    part = client.get(film, headers={"Range": "bytes=4-9"})
    beyond = client.get(film, headers={"Range": "bytes=99999999-"})
    missing = [
        client.get(page("film", attempt.code, *rest)).status_code
        for rest in (("camera", 1, 2), ("camera", 2, 1), ("screen", 1, 1))
    ]

    assert (part.status_code, b"".join(part)) == (206, MEDIA[4:10])
    assert part.headers["Cache-Control"] == "private, no-store"
    assert beyond.status_code == 416
    assert missing == [404, 404, 404]


def test_film_outside_the_store_is_not_served(client, attempt, court, film, tmp_path):
    client.force_login(court.first)
    client.get(page("attempt", attempt.code))
    films = films_of(attempt)[0].films
    (tmp_path / "outside").write_bytes(MEDIA)
    media = Manifest.objects.get().media
    Manifest.objects.update(media=[{**media[0], "path": "../outside"}])

    assert len(films) == 1
    assert client.get(film).status_code == 404
