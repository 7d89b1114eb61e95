"""One request, many hands: one owner, one copy of each message, numbers without gaps."""

from uuid import UUID, uuid4

import pytest

from exams.models import AuditEntry
from helpdesk.domain import requests
from helpdesk.domain.announcements import announce, deliver
from helpdesk.domain.requests import CANDIDATE, Asker
from helpdesk.models import Delivery, Message, Request
from tests.builders.exams import (
    START,
    make_attempt,
    make_attempts,
    make_project,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_request
from tests.races.test_lease_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_many_of_the_staff_take_one_request_one_owns_it():
    pk = make_request().pk
    staff = [make_staff() for _ in range(6)]

    def take(by):
        return lambda: requests.take(Request.objects.get(pk=pk), by=by, at=START).owner

    found = at_once(*[take(one) for one in staff])

    owner = Request.objects.get(pk=pk).owner
    assert [one for one in found if not isinstance(one, str)] == [owner]
    assert found.count("illegal_move") == len(staff) - 1
    assert AuditEntry.objects.filter(action="request.owned").count() == 1


def test_messages_at_once_are_numbered_without_gaps_and_repeats_are_one():
    request, ids = make_request(), [uuid4() for _ in range(5)]

    def say(client_id: UUID):
        return lambda: (
            requests.post_message(
                request, author=CANDIDATE, client_id=client_id, text="?", at=START
            ).seq
        )

    found = at_once(*[say(one) for one in ids for _ in range(2)])

    assert sorted(found) == sorted([1, 2, 3, 4, 5] * 2)
    assert sorted(Message.objects.values_list("seq", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("signed_in", [True, False])
def test_browser_that_asks_twice_at_once_has_one_request(signed_in):
    attempt = make_attempt() if signed_in else None
    project = attempt.session.project if attempt else make_project()
    asker = Asker(digest="a" * 64, attempt=attempt, address="198.51.100.1")

    def ask():
        return requests.open_request(
            project, asker=asker, topic="other", diagnostics=None, at=START
        ).pk

    found = at_once(*[ask] * 6)

    assert set(found) == {Request.objects.get().pk}


def test_page_and_sweep_deliver_at_once_everybody_gets_it_once():
    session = make_session(state="published")
    make_attempts(session, 12)
    row = announce(
        session,
        room=None,
        title="t",
        body="b",
        client_id=uuid4(),
        by=make_staff(),
        at=START,
    )

    found = at_once(*[lambda: deliver(row, at=START)] * 4)

    assert sum(found) == 12
    assert Delivery.objects.count() == 12
