"""The asker's JSON: the browser's own request, the same however often it is sent."""

from uuid import uuid4

import pytest
from django.test import Client

from candidates.access import COOKIE as LEASE
from helpdesk.access import COOKIE as ASKER
from helpdesk.models import Message, Request
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import make_attempt, make_session
from tests.builders.helpdesk import make_message, make_request

pytestmark = pytest.mark.django_db
PAGE = {"kaowu-client": "1", "sec-fetch-site": "same-origin"}


@pytest.fixture
def session():
    return make_session(state="published")


@pytest.fixture
def mine(session):
    return f"/help/p/{session.project.slug}/"


@pytest.fixture
def browser():
    return Client(headers=PAGE)


def ask(browser, mine, text="登录不了", client_id=None, **more):
    body = {"topic": "sign_in", "client_id": str(client_id or uuid4()), "text": text}
    return browser.post(mine, body | more, content_type="application/json")


def said(reply):
    return [row["text"] for row in reply.json()["request"]["messages"]]


def test_first_look_hands_out_a_secret_once_and_no_request(browser, mine):
    first = browser.get(mine)
    cookie = first.cookies[ASKER]

    assert first.json() == {"request": None, "signed_in": False}
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert ASKER not in browser.get(mine).cookies
    assert Request.objects.count() == 0


def test_browser_without_its_secret_is_told_so(browser, mine):
    reply = ask(browser, mine)

    assert (reply.status_code, reply.json()["code"]) == (403, "unknown_browser")
    assert Request.objects.count() == 0


def test_request_sent_twice_is_one_and_only_its_browser_reads_it(browser, mine):
    client_id = uuid4()
    browser.get(mine)

    replies = [ask(browser, mine, client_id=client_id) for _ in range(2)]
    stranger = Client(headers=PAGE)
    stranger.get(mine)

    assert [reply.status_code for reply in replies] == [201, 201]
    assert said(replies[0]) == said(browser.get(mine)) == ["登录不了"]
    assert stranger.get(mine).json()["request"] is None
    messages = replies[0].json()["request"]["links"]["messages"]
    assert stranger.get(messages).status_code == 404
    assert Message.objects.count() == 1


def test_conversation_goes_on_after_the_sign_in_and_ends_for_the_secret(
    browser, mine, session
):
    browser.get(mine)
    ask(browser, mine, "one", ticket_number="2030")
    attempt = make_attempt(session)
    make_enrolment(attempt=attempt)
    make_lease(attempt, token="mine")

    browser.cookies[LEASE] = "mine"
    reply = ask(browser, mine, "two")
    del browser.cookies[LEASE]

    assert said(reply) == ["one", "two"]
    assert Request.objects.get().attempt == attempt
    assert browser.get(mine).json()["request"] is None


@pytest.mark.parametrize("state", ["waiting", "superseded"])
def test_browser_that_does_not_hold_the_attempt_asks_as_itself(
    browser, mine, session, state
):
    attempt = make_attempt(session)
    candidate = make_candidate(session.project, ticket_number="20300001")
    make_enrolment(candidate, attempt)
    make_message(make_request(attempt), "of the other computer")
    make_lease(attempt, token="mine", state=state, epoch=None)
    browser.cookies[LEASE] = "mine"
    browser.get(mine)

    reply = ask(browser, mine, "let me in", ticket_number="typed")

    assert said(reply) == ["let me in"]
    row = Request.objects.get(attempt=None)
    assert row.ticket_number == "20300001"


def test_name_of_who_answers_is_not_the_candidates_to_know(browser, mine, boss):
    browser.get(mine)
    code = ask(browser, mine).json()["request"]["code"]
    make_message(Request.objects.get(code=code), "请稍等", by=boss)

    answer = browser.get(mine).json()["request"]["messages"][1]

    assert (answer["author"], answer["by"], answer["text"]) == ("staff", "", "请稍等")


@pytest.mark.parametrize("body", ["[]", "{}", '{"text": 5}', '{"topic": "x"}', "{"])
def test_body_of_another_shape_is_refused(browser, mine, body):
    browser.get(mine)

    reply = browser.post(mine, body, content_type="application/json")

    assert reply.status_code in (400, 422)
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "query", ["", "?project=a&request=b", "?request=../x", "?project=a/b", "?x=1"]
)
def test_panel_of_nothing_does_not_exist(client, query):
    assert client.get(f"/help/{query}").status_code == 404


def test_later_messages_are_asked_for_after_a_seq(browser, mine):
    browser.get(mine)
    request = ask(browser, mine, "one").json()["request"]
    ask(browser, mine, "two")

    url = request["links"]["messages"]
    assert said(browser.get(f"{url}?after=1")) == ["two"]
    assert browser.get(f"{url}?after=x").status_code == 422
    assert browser.get(f"{url}?after={'9' * 30}").status_code == 422
