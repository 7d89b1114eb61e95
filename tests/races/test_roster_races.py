"""Imports at once on a real database: one after the other, never mixed."""

import io

import pytest

from candidates.domain.roster import (
    ImportDecided,
    RosterStale,
    commit_roster,
    preview_roster,
)
from candidates.models import Candidate, Enrolment, RosterImport
from exams.domain.audit import Actor, verify_chain
from exams.models import Attempt
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_project,
    make_session,
)
from tests.builders.rosters import make_csv, make_person
from tests.races.test_lease_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT = before_start(86_400)
PEOPLE = 40


def preview(session, name):
    people = [make_person(n, name=f"{name}{n}") for n in range(PEOPLE)]
    if name == "乙":
        people.reverse()
    return preview_roster(
        session,
        file=io.BytesIO(make_csv(people)),
        filename="名册.csv",
        by=make_administrator(),
        at=AT,
    )


def commit(roster_import):
    def press():
        try:
            commit_roster(roster_import, by=Actor("staff", "1"), at=AT)
        except (RosterStale, ImportDecided) as refusal:
            return refusal.code
        return "committed"

    return press


@pytest.mark.parametrize("round_", range(3))
def test_two_rosters_of_the_same_people_do_not_mix(round_):
    project = make_project()
    one, two = (preview(make_session(project=project), name) for name in ("甲", "乙"))

    found = at_once(commit(one), commit(two))

    assert sorted(found) == ["committed", "roster_stale"]
    names = {name[0] for name in Candidate.objects.values_list("name", flat=True)}
    assert len(names) == 1
    assert Candidate.objects.count() == Attempt.objects.count() == PEOPLE
    won = RosterImport.objects.get(state="committed").session
    assert Enrolment.objects.filter(session=won).count() == PEOPLE
    assert Enrolment.objects.count() == PEOPLE


def test_one_import_pressed_many_times_is_written_once():
    roster_import = preview(make_session(), "甲")

    found = at_once(*[commit(RosterImport.objects.get()) for _ in range(6)])

    assert sorted(found) == ["committed"] + ["roster_import_decided"] * 5
    assert Candidate.objects.count() == Enrolment.objects.count() == PEOPLE
    assert verify_chain(roster_import.session.code) == 2
