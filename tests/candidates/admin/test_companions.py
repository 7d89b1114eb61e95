"""Administrators see a valid code, print a new one and revoke phones."""

import pytest
from django.urls import reverse

from candidates.domain import companions
from candidates.domain.pairing import digits_of
from candidates.models import Companion
from exams.models import AuditEntry
from tests.builders.phones import AT, film, make_pairing_lease

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(at_time, client):
    at_time(AT)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def page_of(companion, name):
    return reverse(f"admin:candidates_companion_{name}", args=[companion.pk])


def spaced(companion):
    digits = digits_of(companion.code)
    return f"{digits[:3]} {digits[3:]}"


def test_page_shows_the_code_that_is_valid_now(client, boss):
    offered = companions.offer_code(make_pairing_lease(), at=AT)

    page = client.get(page_of(offered, "change")).content.decode()

    assert spaced(offered) in page
    assert "data:image/svg+xml;base64," in page


def test_used_code_is_not_shown(client, boss):
    companion = film(make_pairing_lease()).companion

    page = client.get(page_of(companion, "change")).content.decode()

    assert spaced(companion) not in page
    assert page_of(companion, "revoke") in page


def test_new_code_is_printed_with_a_reason_and_shown(client, boss):
    companion = film(make_pairing_lease()).companion

    page = client.post(page_of(companion, "reprint"), {"reason": "called"}, follow=True)

    printed = Companion.objects.get(state="offered")
    entry = AuditEntry.objects.get(action="companion.offered", actor_kind="staff")
    assert spaced(printed) in page.content.decode()
    assert entry.subject == f"companion:{printed.code}"
    assert AuditEntry.objects.filter(action="step.reprint").count() == 1
    # The phone goes on filming until another one is bound.
    companion.refresh_from_db()
    assert companion.state == "filming"


def test_revoking_needs_a_reason_and_closes_the_phone(client, boss):
    companion = film(make_pairing_lease()).companion

    client.post(page_of(companion, "revoke"), {"reason": " "})
    companion.refresh_from_db()
    before = companion.state
    page = client.post(
        page_of(companion, "revoke"), {"reason": "not theirs"}, follow=True
    )

    companion.refresh_from_db()
    assert (before, companion.state) == ("filming", "revoked")
    assert page_of(companion, "revoke") not in page.content.decode()
