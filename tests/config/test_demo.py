"""The demo goes on with what is there, and never mixes with what is real."""

import pytest
from django.urls import reverse

from candidates.models import Mailing
from candidates.queries.mailings import audience_of, reach_of, written_for
from config.management.commands.demo import places_of_accounts
from config.pages import demo
from exams.models import Session
from tests.builders.candidates import make_candidate
from tests.builders.exams import START, after_start, make_assignment, make_staff


def seed(*, known, at=START):
    return demo.seed(base="http://here", candidates=1, at=at, known=known)


@pytest.mark.django_db
def test_demo_goes_on_although_a_visitor_imported_a_roster():
    accounts = seed(known=None)
    make_candidate(origin="real")

    again = seed(known=accounts, at=after_start(60))

    assert again == accounts
    assert [row.kind for row in Session.objects.order_by("pk")] == [
        "formal",
        "formal",
        "mock",
    ]


@pytest.mark.django_db
def test_invitation_is_there_as_one_of_the_visitors_would_get_it():
    seed(known=None)

    draft = Mailing.objects.get()
    (written, _other) = written_for(
        draft, audience_of(draft.session, draft.audience), at=START
    )

    assert draft.state == "draft"
    assert reach_of(draft).addressed == demo.VISITORS
    assert "{" not in written.subject + written.body
    assert "http://here/p/demo/" in written.body


@pytest.mark.django_db
def test_demo_beside_real_candidates_is_refused_with_a_way_out():
    make_candidate(origin="real")

    with pytest.raises(demo.RealRowsHere) as refusal:
        seed(known=None)

    assert "DATA" in str(refusal.value)
    assert Session.objects.count() == 0


def test_logins_of_another_demo_are_not_written_over(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    usual = tmp_path / "var" / "demo" / "accounts.json"
    own = tmp_path / "elsewhere" / "accounts.json"

    assert places_of_accounts(usual) == [usual]
    assert places_of_accounts(own) == [own, usual]
    usual.parent.mkdir(parents=True)
    usual.with_name("kaowu.sqlite3").touch()
    assert places_of_accounts(own) == [own]
    assert places_of_accounts(usual) == [usual]


@pytest.mark.django_db
def test_home_of_a_role_without_pages_names_the_role(client):
    staff = make_staff()
    make_assignment(staff, role="auditor")
    client.force_login(staff)

    page = client.get(reverse("staff:home"), headers={"accept-language": "en"})

    assert page.context["tasks"] == []
    assert "You are assigned as: Auditor." in page.content.decode()
