"""Staging, comparing and committing rosters: all or nothing."""

import io
from random import Random

import pytest

from candidates.domain.roster import (
    ImportDecided,
    RosterHasProblems,
    RosterStale,
    commit_roster,
    discard_roster,
    enrol,
    preview_roster,
    staged_rows,
)
from candidates.domain.roster_rows import Problem
from candidates.enums import ImportState
from candidates.models import Candidate, Enrolment, RosterImport, RosterPart
from candidates.queries.roster import roster_page
from exams.domain.audit import Actor, verify_chain
from exams.domain.projects import Frozen
from exams.models import Attempt, AuditEntry, Room
from tests.builders.exams import make_administrator, make_session
from tests.builders.rosters import (
    AT,
    BY,
    import_people,
    make_csv,
    make_id_number,
    make_people,
    make_person,
    make_xlsx,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make_session()


def preview(session, people, *, make=make_csv, **columns):
    return preview_roster(
        session,
        file=io.BytesIO(make(people)),
        filename="名册.csv",
        by=columns.pop("by", None) or make_administrator(),
        at=AT,
    )


def held():
    """Everything that a roster writes, in one comparable value."""
    return {
        "candidates": list(
            Candidate.objects.order_by("ticket_number").values_list(
                "ticket_number", "name", "id_number", "phone", "phone_tail", "post"
            )
        ),
        "rooms": sorted(Room.objects.values_list("session", "name")),
        "enrolments": sorted(
            Enrolment.objects.values_list(
                "candidate__ticket_number", "attempt__room__name", "attempt__state"
            )
        ),
        "attempts": Attempt.objects.count(),
    }


def test_preview_writes_no_person_and_encrypts_what_it_keeps(session):
    roster_import = preview(session, make_people(3))

    assert held() == {"candidates": [], "rooms": [], "enrolments": [], "attempts": 0}
    assert roster_import.counts == {
        "new": 3,
        "changed": 0,
        "same": 0,
        "bad": 0,
        "gone": 0,
    }
    raw = RosterPart.objects.extra(select={"raw": "staged"}).get().raw
    assert make_id_number(1).encode() not in bytes(raw)


@pytest.mark.parametrize("make", [make_csv, make_xlsx])
def test_commit_writes_people_attempts_and_rooms_at_once(session, make):
    roster_import = preview(session, make_people(3), make=make)

    counts = commit_roster(roster_import, by=BY, at=AT)

    assert counts == {"new": 3, "changed": 0, "same": 0, "bad": 0, "gone": 0}
    assert held() == {
        "candidates": [
            (
                f"203000000{n}",
                f"考生{n}",
                make_id_number(n),
                f"1380000000{n}",
                f"000{n}",
                "综合管理",
            )
            for n in (1, 2, 3)
        ],
        "rooms": [(session.pk, f"第{n}考场") for n in (1, 2, 3)],
        "enrolments": [
            ("2030000001", "第2考场", "enrolled"),
            ("2030000002", "第3考场", "enrolled"),
            ("2030000003", "第1考场", "enrolled"),
        ],
        "attempts": 3,
    }


def test_commit_wipes_the_staged_rows_and_is_audited(session):
    roster_import = import_people(session, make_people(2))

    row = RosterImport.objects.get()
    assert (row.state, row.committed_at) == (ImportState.COMMITTED, AT)
    assert not RosterPart.objects.exists()
    entries = AuditEntry.objects.filter(chain=session.code).order_by("seq")
    assert [(entry.action, entry.subject, entry.facts) for entry in entries] == [
        (
            action,
            f"roster:{roster_import.pk}",
            {"new": 2, "changed": 0, "same": 0, "bad": 0, "gone": 0},
        )
        for action in ("roster.previewed", "roster.committed")
    ]
    assert verify_chain(session.code) == 2


def test_same_file_again_changes_nothing(session):
    import_people(session, make_people(3))
    before = held()

    roster_import = import_people(session, make_people(3))

    assert roster_import.counts == {
        "new": 0,
        "changed": 0,
        "same": 3,
        "bad": 0,
        "gone": 0,
    }
    assert held() == before


def test_changes_are_listed_per_cell_and_written_by_ticket_number(session):
    import_people(session, make_people(2))
    changed = make_person(
        1,
        name="新名",
        id_number=make_id_number(50),
        phone="13900000009",
        room="第9考场",
    )

    roster_import = preview(session, [changed, make_person(2)])

    rows = list(staged_rows(roster_import))
    assert [row.status for row in rows] == ["changed", "same"]
    assert rows[0].changes == {
        "name": ["考生1", "新名"],
        "id_number": [make_id_number(1), make_id_number(50)],
        "phone": ["13800000001", "13900000009"],
        "room": ["第2考场", "第9考场"],
    }
    commit_roster(roster_import, by=BY, at=AT)
    assert held()["candidates"][0] == (
        "2030000001",
        "新名",
        make_id_number(50),
        "13900000009",
        "0009",
        "综合管理",
    )
    assert held()["enrolments"][0] == ("2030000001", "第9考场", "enrolled")
    assert held()["attempts"] == 2


def test_changed_id_number_changes_what_signs_in(session):
    import_people(session, [make_person(1)])
    before = Candidate.objects.values_list("id_hash", "sign_in_hash").get()

    import_people(session, [make_person(1, id_number=make_id_number(9))])

    after = Candidate.objects.values_list("id_hash", "sign_in_hash").get()
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_person_of_the_project_is_enrolled_in_a_second_session(session):
    import_people(session, [make_person(1)])
    other = make_session(project=session.project, title="下午场")

    roster_import = import_people(other, [make_person(1)])

    assert roster_import.counts == {
        "new": 0,
        "changed": 1,
        "same": 0,
        "bad": 0,
        "gone": 0,
    }
    assert Candidate.objects.count() == 1
    assert Enrolment.objects.count() == 2


def test_columns_that_the_file_lacks_are_left_alone(session):
    import_people(session, [make_person(1)])
    before = held()
    short = make_csv([make_person(1)[:3]], header=("准考证号", "姓名", "身份证号"))

    roster_import = preview(session, [], make=lambda _people: short)

    assert roster_import.counts == {
        "new": 0,
        "changed": 0,
        "same": 1,
        "bad": 0,
        "gone": 0,
    }
    commit_roster(roster_import, by=BY, at=AT)
    assert held() == before


def test_id_number_of_another_person_of_the_project_is_a_problem(session):
    import_people(session, [make_person(1)])

    roster_import = preview(session, [make_person(2, id_number=make_id_number(1))])

    assert next(staged_rows(roster_import)).problems == [
        Problem("id_number", "C", "id_taken", {"ticket": "2030000001"})
    ]
    assert roster_import.counts == {
        "new": 0,
        "changed": 0,
        "same": 0,
        "bad": 1,
        "gone": 1,
    }


def test_fifty_planted_errors_in_a_thousand_rows_are_all_named_and_nothing_enters(
    session,
):
    people = make_people(1000)
    expected = plant_errors(people, count=50)

    roster_import = preview(session, people, make=make_xlsx)

    found = {
        (problem.place, problem.field)
        for row in all_rows(roster_import)
        for problem in row.problems
    }
    assert len(expected) == 50
    assert {place for place, _field in found} == expected
    assert roster_import.counts == {
        "new": 950,
        "changed": 0,
        "same": 0,
        "bad": 50,
        "gone": 0,
    }
    with pytest.raises(RosterHasProblems):
        commit_roster(roster_import, by=BY, at=AT)
    assert held() == {"candidates": [], "rooms": [], "enrolments": [], "attempts": 0}
    assert RosterImport.objects.get().state == ImportState.PREVIEW


def test_second_of_two_previews_is_stale_and_writes_nothing(session):
    first = preview(session, make_people(2))
    second = preview(session, [make_person(1, name="别名"), make_person(3)])
    commit_roster(first, by=BY, at=AT)
    before = held()

    with pytest.raises(RosterStale):
        commit_roster(second, by=BY, at=AT)

    assert held() == before
    assert RosterImport.objects.get(pk=second.pk).state == ImportState.PREVIEW


def test_failure_at_the_last_write_of_a_commit_leaves_nothing(session):
    roster_import = preview(session, make_people(5))

    with pytest.raises(TypeError):
        # The audit entry comes last, and its canonical JSON holds no floats.
        commit_roster(roster_import, by=Actor("staff", 0.5), at=AT)

    assert held() == {"candidates": [], "rooms": [], "enrolments": [], "attempts": 0}
    assert RosterImport.objects.get().state == ImportState.PREVIEW


def test_frozen_session_refuses_preview_commit_and_enrolment(session):
    roster_import = preview(session, make_people(1))
    type(session).objects.filter(pk=session.pk).update(frozen_at=AT)

    with pytest.raises(Frozen):
        commit_roster(roster_import, by=BY, at=AT)
    with pytest.raises(Frozen):
        enrol(session, [], by=BY, at=AT)
    session.refresh_from_db()
    with pytest.raises(Frozen):
        preview(session, make_people(1))

    assert held() == {"candidates": [], "rooms": [], "enrolments": [], "attempts": 0}


def test_import_is_decided_once(session):
    committed = import_people(session, make_people(1))
    discarded = preview(session, make_people(1))
    discard_roster(discarded, by=BY, at=AT)

    for decided in (committed, discarded):
        with pytest.raises(ImportDecided):
            commit_roster(decided, by=BY, at=AT)
        with pytest.raises(ImportDecided):
            discard_roster(decided, by=BY, at=AT)
    row = RosterImport.objects.get(pk=discarded.pk)
    assert row.state == ImportState.DISCARDED
    assert not RosterPart.objects.exists()


def test_enrol_takes_people_as_fields(session):
    person = {
        "ticket_number": "20300001",
        "name": "张三",
        "id_number": make_id_number(1),
    }

    counts = enrol(session, [person], by=BY, at=AT)

    assert counts == {"new": 1, "changed": 0, "same": 0, "bad": 0, "gone": 0}
    assert held()["enrolments"] == [("20300001", None, "enrolled")]


def test_enrol_refuses_bad_people_whole(session):
    people = [
        {"ticket_number": "20300001", "name": "张三", "id_number": make_id_number(1)},
        {"ticket_number": "20300002", "name": "李四", "id_number": "1"},
    ]

    with pytest.raises(RosterHasProblems) as refusal:
        enrol(session, people, by=BY, at=AT)

    assert refusal.value.facts == {"count": 1}
    assert Candidate.objects.count() == 0


def all_rows(roster_import):
    first = roster_page(roster_import)
    pages = [roster_page(roster_import, number=n) for n in range(1, first.pages + 1)]
    return [row for page in pages for row in page.rows]


def plant_errors(people, *, count):
    """Spoil `count` lines, one cell each; return the cells as a spreadsheet names them."""
    random = Random(7)
    spoils = [
        (0, ""),
        (0, "张三"),
        (1, ""),
        (1, "=HYPERLINK(1)"),
        (2, "12345"),
        (2, "110101199001011234"),
        (2, 110101199001011234),
        (3, "0000"),
        (4, "＝cmd"),
        (5, "x" * 61),
    ]
    expected = set()
    for turn, index in enumerate(random.sample(range(len(people)), count)):
        column, text = spoils[turn % len(spoils)]
        people[index][column] = text
        expected.add(f"{'ABCDEF'[column]}{index + 2}")
    return expected
