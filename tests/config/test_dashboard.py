"""The administrators' first page: what waits, how long, and where it leads."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django_q.models import Task

from candidates.models import RosterImport
from config.pages.dashboard import dashboard
from exams.models import Project
from tests.builders.candidates import (
    make_check_in,
    make_enrolled_attempt,
    make_lease,
    make_recording,
)
from tests.builders.cases import confirm, make_case, make_court
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_administrator,
    make_attempt,
    make_project,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_request

pytestmark = pytest.mark.django_db
CARDS = {
    "Sessions not frozen",
    "Rosters to decide",
    "Identity checks",
    "Takeovers",
    "Open requests",
    "Uploads overdue",
    "Recordings to review",
    "Cases to sign",
}


def cards(staff, *, at=START):
    return {str(card.name): card for card in dashboard(staff, at=at)["queues"]}


def counts(staff, **how):
    found = cards(staff, **how)
    return {name: card.count for name, card in found.items() if card.count}


def make_everything(project: Project) -> None:
    """One thing in every queue of the project, at `START`."""
    session = make_session(project=project, state="published", starts_at=after_start(9))
    make_check_in(make_lease(make_enrolled_attempt(session), level="claimed"))
    make_lease(make_enrolled_attempt(session), state="waiting", epoch=None)
    ended = make_attempt(
        session, state="submitted", submitted_at=before_start(session_wait(session))
    )
    make_recording(ended)
    make_recording(
        make_attempt(session), state="needs_review", sealed_at=before_start(60)
    )
    make_request(make_enrolled_attempt(session), waiting_since=before_start(30))
    make_case(make_attempt(session, state="sealed"), make_court(session))
    RosterImport.objects.create(
        session=session,
        uploaded_by=make_administrator(username=f"of-{session.code}"),
        filename="名单.csv",
        created_at=before_start(10),
    )


def session_wait(session) -> int:
    return session.evidence_confirm_within + 1


@pytest.mark.usefixtures("english")
def test_every_queue_counts_what_waits_in_the_project(administrator, project):
    make_everything(project)
    make_everything(make_project())

    assert counts(administrator) == dict.fromkeys(CARDS, 1)


@pytest.mark.usefixtures("english")
def test_superuser_sees_all_projects_and_the_machine(boss, project):
    make_everything(project)
    make_everything(make_project())
    Task.objects.create(
        id="1", func="candidates.tasks.archive_recording", success=False,
        started=before_start(90), stopped=before_start(80),
    )  # fmt: skip
    Task.objects.create(
        id="2", func="x.y", success=False, started=before_start(8 * 86_400),
        stopped=before_start(8 * 86_400),
    )  # fmt: skip
    Task.objects.create(
        id="3", func="x.y", success=True, started=before_start(60), stopped=START
    )

    assert counts(boss) == {**dict.fromkeys(CARDS, 2), "Failed jobs": 1}
    assert cards(boss)["Failed jobs"].since == before_start(90)


@pytest.mark.usefixtures("english")
def test_cards_know_the_age_of_the_oldest(administrator, project):
    session = make_session(project=project)
    for seconds in (20, 400, 100):
        attempt = make_enrolled_attempt(session)
        lease = make_lease(attempt, level="claimed")
        make_check_in(lease, created_at=before_start(seconds))

    card = cards(administrator)["Identity checks"]

    assert (card.count, card.since) == (3, before_start(400))
    assert card.shown_tone == "bad"


@pytest.mark.usefixtures("english")
def test_upload_is_overdue_after_the_session_s_own_time(administrator, project):
    session = make_session(project=project, evidence_confirm_within=600)
    make_recording(make_attempt(session, state="submitted", submitted_at=START))

    def waiting(seconds):
        return cards(administrator, at=after_start(seconds))["Uploads overdue"].count

    assert [waiting(seconds) for seconds in (0, 600, 601)] == [0, 0, 1]


def test_every_card_opens_a_page(client, boss, project):
    make_everything(project)

    statuses = {
        str(card.name): client.get(card.url).status_code
        for card in dashboard(boss, at=START)["queues"]
    }

    assert set(statuses.values()) == {200}


@pytest.mark.parametrize(
    ("name", "query", "count"),
    [
        ("candidates_recording", "upload=overdue", 1),
        ("candidates_recording", "upload=outstanding", 2),
        ("candidates_recording", "state__exact=needs_review", 1),
        ("proctoring_case", "waits=signature", 1),
    ],
)
def test_filtered_list_shows_what_the_card_counts(client, boss, name, query, count):
    session = make_session(evidence_confirm_within=60)
    now = datetime.now(UTC)
    for seconds in (30, 3600):
        ended = now - timedelta(seconds=seconds)
        make_recording(make_attempt(session, state="submitted", submitted_at=ended))
    make_recording(make_attempt(session), state="needs_review")
    court = make_court(session)
    make_case(make_attempt(session, state="sealed"), court)
    confirm(make_case(make_attempt(session, state="sealed"), court), court)

    page = client.get(reverse(f"admin:{name}_changelist") + f"?{query}")

    assert page.context["cl"].result_count == count


def test_account_without_a_project_is_shown_no_queue(client, project):
    make_everything(project)
    nobody = make_staff(is_staff=True)
    client.force_login(nobody)

    found = dashboard(nobody, at=START)

    assert (found["queues"], found["sessions"], found["acts"]) == ([], [], [])
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(("rows", "queries"), [(1, 22), (3, 22)])
def test_first_page_costs_the_same_for_any_number_of_rows(
    boss, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        make_everything(make_project())

    with django_assert_num_queries(queries):
        dashboard(boss, at=START)


def test_first_page_says_how_ready_the_next_session_is(boss, administrator, project):
    coming = make_session(project=project, starts_at=after_start(9))
    make_enrolled_attempt(coming)
    make_session(project=project, starts_at=before_start(9))
    make_session(starts_at=after_start(5))

    ((session, board),) = dashboard(administrator, at=START)["ready"]

    assert (session, board.total, board.ready) == (coming, 1, 0)


def test_failed_jobs_are_told_to_superusers_only(client, boss, administrator):
    Task.objects.create(
        id="1", func="candidates.tasks.archive_recording", success=False,
        kwargs={"recording": "abc"}, result="Traceback\nOSError: disk full",
        started=datetime.now(UTC), stopped=datetime.now(UTC),
    )  # fmt: skip
    url = reverse("admin:jobs")

    assert client.get(url).status_code == 403
    client.force_login(boss)
    page = client.get(url, headers={"accept-language": "en"}).content.decode()

    assert "Archive a recording" in page
    assert "OSError: disk full" in page
    assert "Traceback" not in page


def test_navigation_follows_the_flow_and_hides_nothing(client, boss):
    page = client.get(reverse("admin:index"))
    apps = page.context["app_list"]
    names = [model["object_name"] for app in apps for model in app["models"]]
    order = ["Project", "Session", "Paper", "RosterImport", "Room", "CheckIn"]
    order += ["Recording", "Case", "Sheet", "Result", "AuditEntry"]

    assert [name for name in names if name in order] == order
    assert {model.__name__ for model in admin.site._registry} <= set(names)
