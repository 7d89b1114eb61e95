"""Two phones and one code, two codes and one computer: exactly one wins (AC-08)."""

import pytest

from candidates.domain import companions
from candidates.domain.leases import Browser
from candidates.domain.pairing import token_of
from candidates.models import Companion
from exams.domain.audit import verify_chain
from exams.models import AuditEntry
from tests.builders.phones import AT, PHONE, make_pairing_lease, open_phone
from tests.races.test_lease_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 8


def test_many_phones_scan_one_code_and_one_opens_it():
    lease = make_pairing_lease()
    token = token_of(companions.offer_code(lease, at=AT).code)

    def scan(number):
        phone = Browser(cookie="", device=f"phone {number}", address="192.0.2.9")
        return companions.open_by_token(token, browser=phone, at=AT).companion.device

    found = at_once(*[lambda n=n: scan(n) for n in range(THREADS)])

    assert found.count("code_used") == THREADS - 1
    winner = Companion.objects.get()
    assert (winner.state, winner.device in found) == ("opened", True)
    assert AuditEntry.objects.filter(action="companion.opened").count() == 1


def test_digits_confirmed_many_times_at_once_bind_one_phone():
    lease = make_pairing_lease()
    code = open_phone(lease).companion.code

    def press():
        return str(companions.confirm_match(lease, code=code, at=AT).state)

    found = at_once(*[press] * THREADS)

    assert sorted(found) == ["bound"] + ["conflict"] * (THREADS - 1)
    assert Companion.objects.get().epoch == 1


def test_new_codes_asked_for_at_once_leave_one_that_is_valid():
    lease = make_pairing_lease()

    found = at_once(*[lambda: str(companions.offer_code(lease, at=AT).state)] * THREADS)

    assert found == ["offered"] * THREADS
    states = list(Companion.objects.values_list("state", flat=True))
    assert sorted(states) == ["offered"] + ["superseded"] * (THREADS - 1)
    assert verify_chain(lease.attempt.session.code) > 0


def test_code_that_is_opened_while_a_new_one_is_asked_for_is_void():
    lease = make_pairing_lease()
    token = token_of(companions.offer_code(lease, at=AT).code)

    def scan():
        return companions.open_by_token(token, browser=PHONE, at=AT).companion.code

    def renew():
        return companions.offer_code(lease, at=AT).code

    at_once(scan, renew)

    waiting = Companion.objects.filter(state__in=("offered", "opened"))
    assert [one.state for one in waiting] == ["offered"]
