from datetime import timedelta
from uuid import uuid4

import pytest

from exams.kernel.errors import BadInput, Conflict, IllegalMove
from exams.models import AuditEntry, Event
from helpdesk.domain import requests
from helpdesk.domain.requests import Asker, TooManyMessages, TooManyRequests
from helpdesk.models import Message, ReadMark, Request
from tests.builders.events import misshapen_events
from tests.builders.exams import (
    START,
    after_start,
    make_attempt,
    make_project,
    make_staff,
)
from tests.builders.helpdesk import make_message, make_request

pytestmark = pytest.mark.django_db
HERE = "198.51.100.7"


def ask(project=None, *, at=START, topic="network", diagnostics=None, **who):
    asker = Asker(**{"digest": "d" * 64, "address": HERE} | who)
    project = project or (asker.attempt and asker.attempt.session.project)
    return requests.open_request(
        project or make_project(),
        asker=asker,
        topic=topic,
        diagnostics=diagnostics,
        at=at,
    )


def events_of(topic):
    rows = Event.objects.filter(topic__name=topic).order_by("seq")
    return list(rows.values_list("type", flat=True))


def test_request_is_one_however_often_it_is_opened():
    attempt = make_attempt()

    first = ask(attempt=attempt, diagnostics={"stage": "draw", "pending": 3})
    again = ask(attempt=attempt, topic="upload")

    again.refresh_from_db()
    assert first.pk == again.pk
    assert (again.topic, again.diagnostics) == ("upload", {})
    assert AuditEntry.objects.filter(action="request.opened").count() == 1
    assert events_of(f"helpdesk:{attempt.session.project.slug}") == ["request.opened"]


def test_request_from_before_the_sign_in_goes_over_to_the_attempt():
    attempt = make_attempt()
    project = attempt.session.project
    before = ask(project, ticket_number="2030 1234")
    make_message(before, "登录不了")

    after = ask(attempt=attempt)

    assert after.pk == before.pk
    assert Request.objects.get().attempt == attempt


def test_request_of_another_browser_does_not_go_over():
    attempt = make_attempt()
    before = ask(attempt.session.project, digest="e" * 64)

    assert ask(attempt=attempt).pk != before.pk


@pytest.mark.parametrize(
    "diagnostics",
    [
        [],
        {"name": "林知远"},
        {"stage": 5},
        {"pending": True},
        {"stage": "x" * 201},
        {"browser": "\0"},
        {"browser": "\ud800"},
        {"pending": 2**60},
    ],
)
def test_diagnostics_of_another_shape_are_refused(diagnostics):
    with pytest.raises(BadInput):
        ask(make_project(), diagnostics=diagnostics)

    assert Request.objects.count() == 0


def test_unsigned_requests_of_one_source_are_bounded_and_signed_in_ones_are_not():
    project = make_project()
    for number in range(requests.SOURCE_REQUESTS):
        ask(project, digest=f"{number:064}")

    with pytest.raises(TooManyRequests):
        ask(project, digest="f" * 64)

    attempt = make_attempt()
    assert ask(attempt=attempt, digest="").attempt == attempt
    later = START + requests.SOURCE_SPAN
    assert ask(project, digest="f" * 64, at=later)


def test_message_sent_twice_is_stored_once():
    request, client_id = make_request(), uuid4()

    first = make_message(request, " 断网了 ", client_id=client_id)
    again = make_message(request, "断网了", client_id=client_id)

    assert first.pk == again.pk
    assert [row.text for row in Message.objects.all()] == ["断网了"]
    assert events_of(f"request:{request.code}") == ["message.posted"]
    assert misshapen_events() == []


def test_message_id_used_for_another_text_is_refused():
    request, client_id = make_request(), uuid4()
    make_message(request, "one", client_id=client_id)

    with pytest.raises(Conflict):
        make_message(request, "two", client_id=client_id)
    with pytest.raises(Conflict):
        make_message(request, "one", client_id=client_id, by=make_staff())


def test_messages_are_numbered_without_gaps_per_request():
    one, other = make_request(), make_request()

    seqs = [make_message(row).seq for row in (one, other, one, one)]

    assert seqs == [1, 1, 2, 3]


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001, "a\0b", "\ud83d", None, 5])
def test_text_that_cannot_be_kept_is_refused(text):
    request = make_request()

    with pytest.raises(BadInput):
        make_message(request, text)

    assert Message.objects.count() == 0


def test_candidate_who_sends_too_fast_waits_and_staff_do_not():
    request, staff = make_request(), make_staff()
    for _ in range(requests.PER_MINUTE):
        make_message(request)

    with pytest.raises(TooManyMessages):
        make_message(request)

    make_message(request, by=staff)
    assert make_message(request, at=START + timedelta(seconds=61))


def test_text_is_no_plain_text_in_the_database(django_assert_num_queries):
    request = make_request()
    make_message(request, "身份证 11010119900307123X")

    raw = Message.objects.extra(select={"raw": "text"}).values("raw")[0]["raw"]

    assert b"11010119900307123X" not in bytes(raw)
    assert not [
        row for row in Event.objects.all() if "11010119900307123X" in str(row.payload)
    ]


def test_first_answer_takes_the_request_and_ends_the_waiting():
    request, staff = make_request(), make_staff()
    make_message(request, at=after_start(5))
    make_message(request, at=after_start(9))
    request.refresh_from_db()
    assert request.waiting_since == after_start(5)

    make_message(request, by=staff, at=after_start(10))

    request.refresh_from_db()
    assert (request.state, request.owner, request.waiting_since) == (
        "owned",
        staff,
        None,
    )


def test_candidate_who_writes_again_opens_a_resolved_request():
    request, staff = make_request(), make_staff()
    requests.take(request, by=staff, at=START)
    requests.resolve(request, by=staff, at=START)

    make_message(request, "又断了")

    request.refresh_from_db()
    assert (request.state, request.owner) == ("reopened", None)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["request.owned", "request.resolved", "request.reopened"]


def test_request_goes_from_hand_to_hand_and_back_to_the_queue():
    request, one, other = make_request(), make_staff(), make_staff()
    requests.take(request, by=one, at=START)

    requests.hand_over(request, to=other, by=one, at=START)
    request.refresh_from_db()
    assert (request.state, request.owner) == ("owned", other)

    requests.hand_over(request, to=None, by=other, at=START)
    request.refresh_from_db()
    assert (request.state, request.owner) == ("open", None)
    with pytest.raises(Conflict):
        requests.hand_over(request, to=one, by=other, at=START)
    assert misshapen_events() == []


def test_taken_request_cannot_be_taken():
    request = make_request()
    requests.take(request, by=make_staff(), at=START)

    with pytest.raises(IllegalMove):
        requests.take(request, by=make_staff(), at=START)


def test_read_mark_only_rises_and_is_told_once():
    request = make_request()
    for _ in range(3):
        make_message(request)

    found = [
        requests.mark_read(request, side="staff", upto=upto, at=START)
        for upto in (2, 1, 2, 3)
    ]

    assert found == [2, 2, 2, 3]
    assert ReadMark.objects.get().upto == 3
    assert events_of(f"request:{request.code}").count("message.read") == 2


@pytest.mark.parametrize("upto", [-1, 2, True, "1", None])
def test_read_mark_beyond_what_was_said_is_refused(upto):
    request = make_request()
    make_message(request)

    with pytest.raises(BadInput):
        requests.mark_read(request, side="candidate", upto=upto, at=START)
