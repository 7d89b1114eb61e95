"""Declared conflicts: whom they meet, and that the examiner never gets the sheet."""

import pytest

from candidates.domain.conflicts import (
    AlreadyDeclared,
    TooManyDeclared,
    declare,
    lift_match,
    match_project,
    sweep_conflicts,
    withdraw,
)
from candidates.domain.people import sign_in_hash
from candidates.models import ConflictMatch, DeclaredConflict, RosterImport
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor
from exams.domain.exclusions import ScoringOver
from exams.domain.scoring import open_sheet, save_marks, submit_sheet
from exams.kernel.errors import BadInput, Conflict, NotAllowed
from exams.models import AuditEntry, Exclusion
from exams.queries.examiner import counted_sheets, desk_rows, panel_of
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.exams import make_attempt, make_session, make_staff
from tests.builders.scoring import (
    SCORED,
    make_exhibit,
    make_number,
    make_panel,
    make_scoring_session,
    make_sheet,
)

pytestmark = pytest.mark.django_db
BY = Actor("system", "test")


def enrolled(session, *, state="sealed", **columns):
    """A person of the session with a number and an exhibit; returns the attempt."""
    ticket = columns.setdefault("ticket_number", f"T{session.attempts.count()}")
    columns.setdefault("id_number", "11010119900307123X")
    columns["sign_in_hash"] = sign_in_hash(
        session.project, ticket, columns["id_number"][-6:]
    )
    attempt = make_attempt(session, state=state)
    make_enrolment(make_candidate(session.project, **columns), attempt)
    make_number(attempt)
    make_exhibit(attempt)
    return attempt


def declared(session, staff, kind, value, by=None):
    return declare(
        session.project, staff=staff, kind=kind, value=value, by=by or staff, at=SCORED
    )


def excluded(staff):
    return set(Exclusion.objects.filter(staff=staff).values_list("attempt", flat=True))


@pytest.fixture
def session():
    return make_scoring_session()


@pytest.mark.parametrize(
    ("kind", "value", "columns"),
    [
        ("name", "阿依古丽 买买提", {"name": "阿依古丽·买买提"}),
        ("name", "ｌｉｎ zhiyuan", {"name": "Lin Zhiyuan"}),
        ("id_suffix", "07123x", {"id_number": "11010119900307123X"}),
        ("institution", "第三中学", {"post": "云州市第三中学 语文教师"}),
        ("candidate", "ａ-17", {"ticket_number": "A-17"}),
    ],
)
def test_declaration_excludes_from_whom_it_meets_and_from_nobody_else(
    session, kind, value, columns
):
    examiner = make_panel(session, 1)[0]
    met = enrolled(session, **columns)
    other = enrolled(
        session, name="王一", post="区统计局", id_number="110101199003074567"
    )

    row = declared(session, examiner, kind, value)

    assert excluded(examiner) == {met.pk}
    assert row.matches.get().state == "excluded"
    assert [line.number for line in desk_rows(examiner, session)] == [
        f"{other.drawn_number.number:03d}"
    ]
    assert not panel_of(met).filter(pk=examiner.pk).exists()


def test_excluded_examiner_never_gets_the_sheet_nor_finishes_one(session):
    examiner, colleague = make_panel(session, 2)
    attempt = enrolled(session, name="林知远")
    sheet = open_sheet(attempt, examiner=examiner, at=SCORED)
    declared(session, examiner, "name", "林知远")
    by = Actor.of_staff(examiner)

    with pytest.raises(NotAllowed):
        open_sheet(attempt, examiner=examiner, at=SCORED)
    with pytest.raises(NotAllowed):
        save_marks(sheet, marks={}, by=by, at=SCORED)
    with pytest.raises(NotAllowed):
        submit_sheet(sheet, by=by, at=SCORED)

    assert set(panel_of(attempt)) == {colleague}
    assert open_sheet(attempt, examiner=colleague, at=SCORED).examiner == colleague


def test_last_mark_of_the_smaller_panel_completes_the_attempt(session):
    examiner, colleague = make_panel(session, 2)
    attempt = enrolled(session, name="林知远")
    make_sheet(attempt, colleague, "40", "40")

    declared(session, examiner, "name", "林知远")

    attempt.refresh_from_db()
    assert attempt.state == "marked"


def test_marks_given_before_no_longer_count_unless_they_are_the_only_ones(session):
    examiner, colleague = make_panel(session, 2)
    both = enrolled(session, name="林知远", state="marked")
    alone = enrolled(
        session, name="林知远", state="marked", id_number="110101199003074567"
    )
    make_sheet(both, examiner, "10", "10")
    make_sheet(both, colleague, "40", "40")
    make_sheet(alone, examiner, "10", "10")

    row = declared(session, examiner, "name", "林知远")

    assert [sheet.examiner for sheet in counted_sheets(both)] == [colleague]
    states = dict(row.matches.values_list("attempt", "state"))
    assert states == {both.pk: "excluded", alone.pk: "too_late"}
    assert counted_sheets(alone).count() == 1


def test_another_project_and_released_sessions_are_not_met(session):
    examiner = make_panel(session, 1)[0]
    enrolled(make_scoring_session(), name="林知远")
    enrolled(make_session(project=session.project, state="released"), name="林知远")

    row = declared(session, examiner, "name", "林知远")

    assert excluded(examiner) == set()
    assert row.matches.count() == 0


def test_same_conflict_is_kept_once_however_it_is_typed(session):
    staff = make_staff()
    declared(session, staff, "name", "Lin Zhiyuan")

    with pytest.raises(AlreadyDeclared):
        declared(session, staff, "name", "LIN  ZHI YUAN")

    assert DeclaredConflict.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", " "),
        ("name", "x" * 81),
        ("name", "a\x00b"),
        ("id_suffix", "12345"),
        ("id_suffix", "12345Y"),
        ("institution", "中"),
        ("candidate", "nobody"),
        ("friend", "x"),
    ],
)
def test_senseless_declaration_is_refused(session, kind, value):
    with pytest.raises(BadInput):
        declared(session, make_staff(), kind, value)

    assert DeclaredConflict.objects.count() == AuditEntry.objects.count() == 0


def test_list_of_one_examiner_is_bounded(session, monkeypatch):
    monkeypatch.setattr("candidates.domain.conflicts.MAX_DECLARED", 1)
    staff = make_staff()
    declared(session, staff, "name", "甲")

    with pytest.raises(TooManyDeclared):
        declared(session, staff, "name", "乙")


def test_import_after_the_declaration_is_matched_by_the_sweep(session):
    examiner = make_panel(session, 1)[0]
    declared(session, examiner, "name", "林知远")
    attempt = enrolled(session, name="林知远")
    row = RosterImport.objects.create(
        session=session,
        uploaded_by=make_staff(),
        filename="f",
        created_at=SCORED,
        state="committed",
    )

    assert sweep_conflicts(at=SCORED) == 1
    assert excluded(examiner) == {attempt.pk}
    assert sweep_conflicts(at=SCORED) == 0
    row.refresh_from_db()
    assert row.matched_at == SCORED


def test_lifted_namesake_is_not_brought_back(session):
    examiner = make_panel(session, 1)[0]
    attempt = enrolled(session, name="林知远")
    match = declared(session, examiner, "name", "林知远").matches.get()

    with pytest.raises(ReasonMissing):
        lift_match(match, reason=" ", by=BY, at=SCORED)
    lift_match(match, reason="a namesake", by=BY, at=SCORED)

    assert excluded(examiner) == set()
    assert match_project(session.project, at=SCORED) == 0
    assert open_sheet(attempt, examiner=examiner, at=SCORED)
    with pytest.raises(Conflict):
        lift_match(match, reason="again", by=BY, at=SCORED)


def test_exclusion_that_two_conflicts_hold_ends_with_the_second(session):
    examiner = make_panel(session, 1)[0]
    attempt = enrolled(session, name="林知远", post="区统计局")
    one = declared(session, examiner, "name", "林知远")
    two = declared(session, examiner, "institution", "统计局")

    withdraw(one, reason="x", by=BY, at=SCORED)
    assert excluded(examiner) == {attempt.pk}
    withdraw(two, reason="x", by=BY, at=SCORED)

    assert excluded(examiner) == set()
    with pytest.raises(Conflict):
        withdraw(two, reason="x", by=BY, at=SCORED)


def test_panel_does_not_grow_after_all_marks_are_in(session):
    examiner, colleague = make_panel(session, 2)
    attempt = enrolled(session, name="林知远")
    make_sheet(attempt, colleague, "40", "40")
    match = declared(session, examiner, "name", "林知远").matches.get()

    with pytest.raises(ScoringOver):
        lift_match(match, reason="late", by=BY, at=SCORED)

    assert ConflictMatch.objects.get().state == "excluded"


def test_trail_names_nobody(session):
    examiner = make_panel(session, 1)[0]
    attempt = enrolled(session, name="林知远")

    declared(session, examiner, "name", "林知远")

    entries = AuditEntry.objects.order_by("pk")
    assert {"conflict.declared", "exclusion.made"} <= {row.action for row in entries}
    assert "林知远" not in str(list(entries.values("subject", "facts")))
    made = entries.get(action="exclusion.made")
    assert made.subject == f"attempt:{attempt.code}"
