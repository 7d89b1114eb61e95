"""The readiness board: whom to call before the day, from what is stored."""

import csv
import io

import pytest
from django.urls import reverse

from candidates.domain.presence import Heard, keep_presence
from candidates.models import Presence
from candidates.queries import readiness
from candidates.queries.readiness import LOW_MB, PROBLEMS, WEAK_PIECES, board_of
from exams.models import AuditEntry
from tests.builders.candidates import (
    make_candidate,
    make_companion,
    make_enrolment,
    make_recording,
)
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_attempt,
    make_session,
)
from tests.builders.presence import facts_told

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
ALL = ["devices", "check_in", "companion", "enter", "answer", "upload"]


@pytest.fixture
def session(project):
    return make_session(project=project, title="Morning", stages=ALL)


@pytest.fixture
def mock(project):
    return make_session(
        project=project, kind="mock", state="published",
        starts_at=before_start(99_999), mock_closes_at=START,
    )  # fmt: skip


def enrol(session, **columns):
    columns.setdefault("photo", "photos/x")
    candidate = make_candidate(session.project, phone="13800001234", **columns)
    make_enrolment(candidate, make_attempt(session))
    return candidate


def take_mock(candidate, mock, *, day=1, phone=True, room=9000, backlog=0, **recording):
    """A mock test that was entered; whole and quick unless said otherwise."""
    attempt = make_attempt(mock, state="sealed", entered_at=before_start(9000))
    make_enrolment(
        candidate, attempt, mock_day=f"2030-05-{day:02}", mock_ordinal=1, session=mock
    )
    make_recording(attempt, **{"state": "verified", "complete": True, **recording})
    Presence.objects.create(
        attempt=attempt, at=START, backlog_most=backlog, storage_least_mb=room
    )
    if phone:
        make_companion(attempt, state="ended", filming_at=before_start(8000))
    return attempt


def counts(session):
    return {name: count for name, count in board_of(session).counts.items() if count}


@pytest.mark.parametrize(
    ("problem", "how"),
    [
        ("mock_incomplete", {"state": "open", "complete": None}),
        ("mock_incomplete", {"state": "needs_review"}),
        ("mock_incomplete", {"complete": False}),
        ("weak_uplink", {"backlog": WEAK_PIECES}),
        ("low_storage", {"room": LOW_MB - 1}),
        ("no_phone", {"phone": False}),
    ],
)
def test_each_problem_is_found_by_itself(session, mock, problem, how):
    take_mock(enrol(session), mock)
    take_mock(enrol(session), mock, **how)

    board = board_of(session)

    assert counts(session) == {problem: 1}
    assert (board.total, board.ready) == (2, 1)


def test_bounds_are_no_problem(session, mock):
    take_mock(enrol(session), mock, backlog=WEAK_PIECES - 1, room=LOW_MB)
    take_mock(enrol(session), mock, room=None)

    assert counts(session) == {}


def test_who_took_no_mock_lacks_mock_and_phone(session, mock):
    enrol(session)
    pressed = make_attempt(mock)
    never_entered = enrol(session, photo="")
    make_enrolment(never_entered, pressed, mock_day="2030-05-01", mock_ordinal=1)

    assert counts(session) == {"no_mock": 2, "no_phone": 2, "no_photo": 1}


def test_newest_mock_counts_and_a_phone_of_any(session, mock):
    candidate = enrol(session)
    take_mock(candidate, mock, day=1, backlog=500, room=1, complete=False)
    take_mock(candidate, mock, day=2, phone=False)

    assert counts(session) == {}


def test_mock_of_another_project_does_not_count(session):
    candidate = enrol(session)
    elsewhere = make_session(
        kind="mock", starts_at=before_start(9), mock_closes_at=after_start(9)
    )
    take_mock(candidate, elsewhere)

    assert counts(session)["no_mock"] == 1


def test_phone_is_asked_for_only_where_the_session_has_it(project, mock):
    session = make_session(project=project, stages=[s for s in ALL if s != "companion"])
    take_mock(enrol(session), mock, phone=False)

    assert "no_phone" not in board_of(session).counts
    assert board_of(session).ready == 1


def test_withdrawn_candidate_is_not_waited_for(session):
    make_enrolment(attempt=make_attempt(session, state="withdrawn"))

    assert board_of(session).total == 0


def test_presence_keeps_the_worst_that_was_told():
    attempt = make_attempt()
    told = ((0, 3000), (90, 2500), (0, None), (5, 9000))

    for step, (backlog, room) in enumerate(told):
        facts = facts_told(backlog_chunks=backlog, storage_free_mb=room)
        at = after_start(20 * step)
        assert keep_presence({attempt.code: Heard(at, facts)}) == set()

    row = Presence.objects.get()
    assert (row.backlog_most, row.storage_least_mb) == (90, 2500)
    assert row.facts["backlog_chunks"] == 5


def test_presence_of_an_older_page_tells_nothing():
    attempt = make_attempt()

    keep_presence({attempt.code: Heard(START, {})})

    row = Presence.objects.get()
    assert (row.backlog_most, row.storage_least_mb) == (0, None)


def test_page_filters_and_masks(client, administrator, session, mock):
    ready, lazy = enrol(session), enrol(session, photo="")
    take_mock(ready, mock)
    url = reverse("admin:readiness_session", args=[session.pk])

    everybody = client.get(url, headers=ENGLISH).content.decode()
    some = client.get(url, {"problem": "no_photo"}, headers=ENGLISH).content.decode()
    nobody = client.get(
        url, {"problem": "weak_uplink"}, headers=ENGLISH
    ).content.decode()

    assert "1 of 2 are ready" in everybody
    assert ready.ticket_number in everybody
    assert "13800001234" not in everybody
    assert "*******1234" in everybody
    assert lazy.ticket_number in some
    assert ready.ticket_number not in some
    assert "Nobody has this problem." in nobody
    assert set(PROBLEMS) == set(board_of(session).counts)


def test_numbers_are_shown_by_an_audited_act(client, administrator, session):
    enrol(session)
    url = reverse("admin:readiness_session", args=[session.pk])

    page = client.post(url, headers=ENGLISH).content.decode()

    assert 'href="tel:13800001234"' in page
    entry = AuditEntry.objects.get(action="phones.shown")
    assert (entry.chain, entry.facts) == (session.code, {"rows": 1})


@pytest.mark.parametrize("calls", [False, True])
def test_export_is_a_list_or_a_call_list(client, administrator, session, mock, calls):
    take_mock(enrol(session), mock)
    enrol(session, name="=王")
    url = reverse("admin:readiness_export", args=[session.pk])
    sent = {"format": "csv", **({"phones": "1"} if calls else {})}

    response = client.post(f"{url}?problem=unready", sent, headers=ENGLISH)
    text = b"".join(response.streaming_content).decode("utf-8-sig")

    (_head, row) = csv.reader(io.StringIO(text))
    assert row[1] == "'=王"
    assert row[2] == ("13800001234" if calls else "*******1234")
    assert row[5] == "No mock test taken; No phone tested"
    entry = AuditEntry.objects.get(action="list.exported")
    assert entry.subject == ("list:call_list" if calls else "list:readiness")
    assert entry.facts["filters"] == {"problem": "unready", "session": session.code}


def test_session_of_others_and_mocks_have_no_board(client, administrator, mock):
    for row in (make_session(), mock):
        for name in ("readiness_session", "readiness_export"):
            url = reverse(f"admin:{name}", args=[row.pk])
            assert client.post(url, {"format": "csv"}).status_code == 404
    assert not AuditEntry.objects.filter(action="list.exported").exists()


def test_empty_boards_say_what_to_do(client, administrator, project):
    assert (
        "no session before its results"
        in client.get(reverse("admin:readiness"), headers=ENGLISH).content.decode()
    )
    session = make_session(project=project)
    page = client.get(reverse("admin:readiness_session", args=[session.pk]), headers=ENGLISH)  # fmt: skip
    assert "This session has no candidates yet." in page.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_board_costs_the_same_for_any_number_of_rows(
    client, boss, session, mock, rows, django_assert_num_queries
):
    for _ in range(rows):
        take_mock(enrol(session), mock)

    with django_assert_num_queries(11):
        client.get(reverse("admin:readiness_session", args=[session.pk]))


def test_large_session_is_counted_once_a_minute(
    client, boss, session, mock, monkeypatch, settings
):
    cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": cache}
    monkeypatch.setattr(readiness, "LARGE", 0)
    take_mock(enrol(session, photo=""), mock)
    url = reverse("admin:readiness_session", args=[session.pk])

    first = client.get(url, {"problem": "no_photo"}, headers=ENGLISH)
    enrol(session)
    second = client.get(url, headers=ENGLISH)

    assert [first.context["board"].total, second.context["board"].total] == [1, 1]
    assert len(first.context["lines"]) == 1
    assert "Counted at" in second.content.decode()
    assert board_of(session).total == 2
