"""The examiner's pages: who may see what, ranges of bytes, drafts and the lock."""

from uuid import uuid4

import pytest
from django.urls import reverse

from exams.enums import Role
from exams.models import AuditEntry, Sheet
from tests.builders.exams import make_assignment, make_exclusion, make_room, make_staff
from tests.builders.scoring import (
    make_examiner,
    make_exhibit,
    make_panel,
    make_scoring_session,
    make_sealed_attempt,
    make_sheet,
    part_of,
    url_of,
)

pytestmark = pytest.mark.django_db


def numbers_on(response):
    return [row.number for row in response.context["rows"]]


def fill(client, sheet, first, second, **more):
    return client.post(
        url_of("marks", sheet), {"mark-1": first, "mark-2": second, **more}
    )


def test_index_for_a_stranger_asks_to_sign_in(client):
    response = client.get(reverse("examiner:index"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("staff:sign-in"))


def test_index_for_another_role_is_refused(client, session):
    proctor = make_staff()
    make_assignment(proctor, role=Role.PROCTOR, session=session)
    client.force_login(proctor)

    assert client.get(reverse("examiner:index")).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_index_counts_with_a_constant_number_of_queries(
    client, session, examiner, number, django_assert_num_queries
):
    for _ in range(number):
        make_sealed_attempt(session)

    with django_assert_num_queries(4):
        response = client.get(reverse("examiner:index"))

    assert [(row.locked, row.total) for row in response.context["rows"]] == [
        (0, number)
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_desk_lists_numbers_with_a_constant_number_of_queries(
    client, session, examiner, number, django_assert_num_queries
):
    for _ in range(number):
        make_sealed_attempt(session)

    with django_assert_num_queries(6):
        response = client.get(reverse("examiner:desk", args=[session.code]))

    assert len(numbers_on(response)) == number


def test_desk_order_is_stable_for_one_examiner_and_differs_between_them(
    client, session
):
    for _ in range(12):
        make_sealed_attempt(session)
    orders = []
    for examiner in make_panel(session, 2):
        client.force_login(examiner)
        seen = [
            numbers_on(client.get(reverse("examiner:desk", args=[session.code])))
            for _ in range(2)
        ]
        assert seen[0] == seen[1]
        orders.append(seen[0])

    rising = [f"{number:03d}" for number in range(1, 13)]
    assert [sorted(order) for order in orders] == [rising, rising]
    assert orders[0] != orders[1]
    assert rising not in orders


def test_desk_shows_only_what_the_examiner_may_score(client, session, examiner):
    shown = make_sealed_attempt(session)
    excluded = make_sealed_attempt(session)
    make_exclusion(excluded, examiner)
    make_sealed_attempt(session, state="submitted")
    make_sealed_attempt(session, state="marked")
    make_sealed_attempt(session).exhibits.all().delete()
    scored = make_sealed_attempt(session, state="released")
    make_sheet(scored, examiner, "40", "40")

    response = client.get(reverse("examiner:desk", args=[session.code]))

    numbers = {f"{row.drawn_number.number:03d}" for row in (shown, scored)}
    assert set(numbers_on(response)) == numbers


def test_desk_of_a_room_examiner_shows_that_room_only(client, session):
    rooms = [make_room(session), make_room(session)]
    attempts = [make_sealed_attempt(session, room=room) for room in rooms]
    examiner = make_staff()
    make_assignment(examiner, role=Role.CHIEF_EXAMINER, room=rooms[1])
    client.force_login(examiner)

    response = client.get(reverse("examiner:desk", args=[session.code]))

    assert numbers_on(response) == [f"{attempts[1].drawn_number.number:03d}"]


def test_desk_of_another_session_is_not_found(client, examiner):
    other = make_scoring_session()

    response = client.get(reverse("examiner:desk", args=[other.code]))

    assert response.status_code == 404


def test_desk_post_of_a_number_opens_its_sheet(client, session, examiner):
    attempt = make_sealed_attempt(session, number=9)

    response = client.post(
        reverse("examiner:desk", args=[session.code]), {"number": "009"}
    )

    sheet = Sheet.objects.get(attempt=attempt, examiner=examiner)
    assert (response.status_code, response["Location"]) == (302, url_of("sheet", sheet))


@pytest.mark.parametrize("number", ["", "x", "-1", "10", "9" * 30, "９"])
def test_desk_post_of_any_other_number_is_not_found(client, session, examiner, number):
    make_sealed_attempt(session, number=9)

    response = client.post(
        reverse("examiner:desk", args=[session.code]), {"number": number}
    )

    assert response.status_code == 404
    assert not Sheet.objects.exists()


def test_sheet_page_audits_one_opening_however_many_ranges_are_read(client, sheet):
    client.get(url_of("sheet", sheet))
    for first in range(0, 500, 100):
        client.get(part_of(sheet), headers={"Range": f"bytes={first}-{first + 99}"})

    assert AuditEntry.objects.filter(action="exhibit.opened").count() == 1


@pytest.mark.parametrize("page", ["sheet", "marks", "submission"])
def test_pages_of_another_examiners_sheet_are_not_found(client, session, sheet, page):
    client.force_login(make_examiner(session))
    ask = client.post if page == "marks" else client.get

    assert ask(url_of(page, sheet)).status_code == 404
    assert ask(reverse(f"examiner:{page}", args=[uuid4()])).status_code == 404


def test_pages_after_an_exclusion_are_not_found(client, examiner, sheet):
    client.get(url_of("sheet", sheet))
    make_exclusion(sheet.attempt, examiner)

    answers = [client.get(url_of("sheet", sheet)), client.get(part_of(sheet))]

    assert [response.status_code for response in answers] == [404, 404]


def test_sheet_page_before_the_own_lock_hides_the_others_marks(client, session, sheet):
    make_sheet(sheet.attempt, make_examiner(session), "41.75", "40.50")
    fill(client, sheet, "10", "20")

    response = client.get(url_of("sheet", sheet))

    assert response.context["others"] == []
    assert b"82.25" not in response.content


def test_sheet_page_after_the_own_lock_shows_the_others_totals(client, session, sheet):
    make_sheet(sheet.attempt, make_examiner(session), "41.75", "40.50")
    fill(client, sheet, "10", "20")
    client.post(url_of("submission", sheet))

    response = client.get(url_of("sheet", sheet))

    assert response.context["others"] == ["82.25"]
    assert b"data-mark-form" not in response.content


def test_sheet_page_of_a_draft_tells_of_a_newer_exhibit_and_opens_it(
    client, session, sheet
):
    newest = make_exhibit(sheet.attempt)

    told = client.get(url_of("sheet", sheet)).context["is_newer"]
    client.post(reverse("examiner:desk", args=[session.code]), {"number": "17"})

    sheet.refresh_from_db()
    assert (told, sheet.exhibit) == (True, newest)
    assert client.get(url_of("sheet", sheet)).context["is_newer"] is False


def test_marks_autosave_stores_the_good_and_names_the_bound_of_the_bad(client, sheet):
    response = client.post(
        url_of("marks", sheet),
        {"mark-1": "１６．５", "mark-2": "50.5"},
        headers={"Accept": "application/json", "Accept-Language": "en"},
    )

    assert response.status_code == 200
    assert response.json() == {
        "total": "16.50",
        "hint": "1 must be changed",
        "ready": False,
        "errors": {"mark-2": "At most 50. Enter 0–50."},
    }


def test_marks_autosave_of_a_complete_sheet_is_ready(client, sheet):
    response = client.post(
        url_of("marks", sheet),
        {"mark-1": "16.5", "mark-2": "0"},
        headers={"Accept": "application/json", "Accept-Language": "en"},
    )

    assert (response.status_code, response.json()) == (
        200,
        {"total": "16.50", "hint": "All marks are given", "ready": True, "errors": {}},
    )


def test_marks_without_script_come_back_as_typed_beside_their_error(client, sheet):
    response = fill(client, sheet, "many", "20")

    assert response.status_code == 422
    assert [field["value"] for field in response.context["fields"]] == ["many", "20"]


def test_marks_for_review_with_one_missing_is_not_confirmed(client, sheet):
    response = fill(client, sheet, "10", "", review="1")

    assert response.status_code == 422
    assert [bool(field["error"]) for field in response.context["fields"]] == [
        False,
        True,
    ]


def test_marks_for_review_when_complete_leads_to_the_confirm_page(client, sheet):
    response = fill(client, sheet, "10", "20", review="1")

    page = client.get(response["Location"])
    assert response["Location"] == url_of("submission", sheet)
    assert (page.status_code, page.context["total"]) == (200, "30.00")


def test_submission_page_of_an_incomplete_sheet_leads_back(client, sheet):
    response = client.get(url_of("submission", sheet))

    assert response["Location"] == url_of("sheet", sheet)


def test_submission_of_an_incomplete_sheet_is_refused(client, sheet):
    response = client.post(url_of("submission", sheet))

    assert (response.status_code, Sheet.objects.get().state) == (422, "draft")


def test_submission_locks_and_further_marks_are_refused(client, sheet):
    fill(client, sheet, "10", "20")

    answers = [
        client.post(url_of("submission", sheet)),
        client.post(url_of("submission", sheet)),
        fill(client, sheet, "50", "50"),
    ]

    assert [response.status_code for response in answers] == [302, 409, 409]
    assert Sheet.objects.get().state == "locked"
