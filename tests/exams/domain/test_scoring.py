"""Sheets: the panel, the bounds, the lock, and the move to `marked`."""

from decimal import Decimal

import pytest

from exams.domain import scoring
from exams.domain.audit import Actor
from exams.domain.scoring import (
    MarkOutOfBounds,
    MarksMissing,
    MarkTooFine,
    NotANumber,
    NotScorable,
    SheetLocked,
)
from exams.enums import Role
from exams.kernel.errors import NotAllowed, NotFound
from exams.models import AuditEntry, Sheet
from exams.queries.examiner import counted_sheets, panel_of
from tests.builders.exams import (
    make_assignment,
    make_exclusion,
    make_paper,
    make_room,
    make_staff,
)
from tests.builders.scoring import (
    SCORED,
    make_examiner,
    make_exhibit,
    make_panel,
    make_scoring_session,
    make_sealed_attempt,
    make_sheet,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt():
    return make_sealed_attempt()


@pytest.fixture
def examiner(attempt):
    return make_examiner(attempt.session)


def keys_of(attempt):
    return [row.pk for row in attempt.session.paper.criteria.all()]


def save(sheet, *values):
    marks = dict(zip(keys_of(sheet.attempt), values, strict=False))
    by = Actor.of_staff(sheet.examiner)
    return scoring.save_marks(sheet, marks=marks, by=by, at=SCORED)


def submit(sheet):
    return scoring.submit_sheet(sheet, by=Actor.of_staff(sheet.examiner), at=SCORED)


def marks_of(sheet):
    rows = sheet.marks.order_by("criterion__position")
    return list(rows.values_list("value", flat=True))


def test_machine_of_sheets_is_the_documented_one():
    assert dict(scoring.SHEET_MACHINE.moves) == {
        "draft": frozenset({"submitted"}),
        "submitted": frozenset({"locked"}),
    }


def test_open_sheet_twice_returns_one_draft_and_one_audit_entry(attempt, examiner):
    first = scoring.open_sheet(attempt, examiner=examiner, at=SCORED)

    again = scoring.open_sheet(attempt, examiner=examiner, at=SCORED)

    assert (again.pk, again.state) == (first.pk, "draft")
    assert AuditEntry.objects.filter(action="sheet.opened").count() == 1


def test_open_sheet_of_a_draft_moves_to_the_newest_exhibit(attempt, examiner):
    sheet = scoring.open_sheet(attempt, examiner=examiner, at=SCORED)
    newest = make_exhibit(attempt)

    again = scoring.open_sheet(attempt, examiner=examiner, at=SCORED)

    assert (again.pk, again.exhibit) == (sheet.pk, newest)


def test_open_sheet_of_a_locked_sheet_keeps_the_exhibit_it_scored(attempt, examiner):
    scored = attempt.exhibits.get()
    make_sheet(attempt, examiner, "40", "40")
    make_exhibit(attempt)

    again = scoring.open_sheet(attempt, examiner=examiner, at=SCORED)

    assert again.exhibit == scored


@pytest.mark.parametrize("state", ["submitted", "marked", "released", "withdrawn"])
def test_open_sheet_of_an_attempt_that_is_not_sealed_is_refused(state):
    attempt = make_sealed_attempt(state=state)
    examiner = make_examiner(attempt.session)

    with pytest.raises(NotScorable):
        scoring.open_sheet(attempt, examiner=examiner, at=SCORED)


def test_open_sheet_without_an_exhibit_is_refused(attempt, examiner):
    attempt.exhibits.all().delete()

    with pytest.raises(NotScorable):
        scoring.open_sheet(attempt, examiner=examiner, at=SCORED)


def test_open_sheet_by_strangers_is_refused(attempt, examiner):
    make_exclusion(attempt, examiner)
    proctor = make_staff()
    make_assignment(proctor, role=Role.PROCTOR, session=attempt.session)
    elsewhere = make_examiner(make_scoring_session())
    other_room = make_staff()
    make_assignment(other_room, role=Role.EXAMINER, room=make_room(attempt.session))

    for staff in (examiner, proctor, elsewhere, other_room, make_staff()):
        with pytest.raises(NotAllowed):
            scoring.open_sheet(attempt, examiner=staff, at=SCORED)
    assert not Sheet.objects.exists()


def test_panel_of_joins_room_session_and_project_less_exclusions_and_inactive():
    session = make_scoring_session()
    room = make_room(session)
    attempt = make_sealed_attempt(session, room=room)
    in_session, excluded = make_panel(session, 2)
    in_room, chief, away = make_staff(), make_staff(), make_staff(is_active=False)
    make_assignment(in_room, role=Role.EXAMINER, room=room)
    make_assignment(chief, role=Role.CHIEF_EXAMINER, project=session.project)
    make_assignment(away, role=Role.EXAMINER, room=room)
    make_exclusion(attempt, excluded)

    assert set(panel_of(attempt)) == {in_session, in_room, chief}


def test_panel_of_an_attempt_without_a_room_has_no_examiner_of_rooms(attempt):
    make_assignment(make_staff(), role=Role.EXAMINER, room=make_room(attempt.session))

    assert set(panel_of(attempt)) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16.5", Decimal("16.5")),
        (" 50 ", Decimal(50)),
        ("１６．２５", Decimal("16.25")),
        ("１６。５", Decimal("16.5")),
        (".5", Decimal("0.5")),
        ("7.", Decimal(7)),
        ("  ", None),
    ],
)
def test_read_mark_folds_what_people_type(attempt, text, expected):
    criterion = attempt.session.paper.criteria.first()

    assert scoring.read_mark(text, criterion=criterion) == expected


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("50.01", MarkOutOfBounds),
        ("1000000", MarkOutOfBounds),
        ("49.999", MarkTooFine),
        ("-1", NotANumber),
        ("1e1", NotANumber),
        ("NaN", NotANumber),
        ("1,5", NotANumber),
        ("1 5", NotANumber),
        ("十", NotANumber),
        (".", NotANumber),
        ("9" * 5000, NotANumber),
    ],
)
def test_read_mark_of_anything_else_names_the_bound(attempt, text, refusal):
    criterion = attempt.session.paper.criteria.first()

    with pytest.raises(refusal) as refused:
        scoring.read_mark(text, criterion=criterion)

    assert refused.value.facts == {"most": "50", "position": 1}
    assert "50" in str(refused.value)


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-0.01"), Decimal("50.01")]
)
def test_save_marks_with_one_bad_mark_stores_none(attempt, examiner, value):
    sheet = make_sheet(attempt, examiner, state="draft")

    with pytest.raises((NotANumber, MarkOutOfBounds)):
        save(sheet, Decimal(10), value)

    assert marks_of(sheet) == []


def test_save_marks_again_replaces_and_takes_back(attempt, examiner):
    sheet = make_sheet(attempt, examiner, "10", "20", state="draft")

    save(sheet, Decimal("12.50"), None)

    assert marks_of(sheet) == [Decimal("12.50")]


def test_save_marks_for_a_criterion_of_another_paper_is_refused(attempt, examiner):
    sheet = make_sheet(attempt, examiner, state="draft")
    foreign = make_paper().criteria.first()

    with pytest.raises(NotFound):
        scoring.save_marks(
            sheet,
            marks={foreign.pk: Decimal(1)},
            by=Actor.of_staff(examiner),
            at=SCORED,
        )


def test_save_marks_by_another_hand_is_refused(attempt, examiner):
    sheet = make_sheet(attempt, examiner, state="draft")
    other = Actor.of_staff(make_examiner(attempt.session))

    with pytest.raises(NotAllowed):
        scoring.save_marks(sheet, marks={}, by=other, at=SCORED)


def test_save_marks_after_an_exclusion_is_refused(attempt, examiner):
    sheet = make_sheet(attempt, examiner, state="draft")
    make_exclusion(attempt, examiner)

    with pytest.raises(NotAllowed):
        save(sheet, Decimal(1))


def test_save_marks_of_a_locked_sheet_is_refused_even_from_a_stale_row(
    attempt, examiner
):
    sheet = make_sheet(attempt, examiner, "10", "20", state="draft")
    stale = Sheet.objects.get(pk=sheet.pk)
    submit(sheet)

    with pytest.raises(SheetLocked):
        save(stale, Decimal(50), Decimal(50))

    assert marks_of(sheet) == [Decimal(10), Decimal(20)]


def test_submit_sheet_with_a_mark_missing_names_it_and_stays_a_draft(attempt, examiner):
    sheet = make_sheet(attempt, examiner, "10", state="draft")

    with pytest.raises(MarksMissing) as refused:
        submit(sheet)

    assert refused.value.facts == {"positions": "2"}
    assert Sheet.objects.get().state == "draft"


def test_submit_sheet_locks_it_and_audits_every_mark(attempt, examiner):
    make_examiner(attempt.session)
    sheet = make_sheet(attempt, examiner, "10", "20.25", state="draft")

    submit(sheet)

    entries = AuditEntry.objects.filter(subject=f"sheet:{sheet.code}").order_by("pk")
    attempt.refresh_from_db()
    assert (Sheet.objects.get().state, attempt.state) == ("locked", "sealed")
    assert [(entry.action, entry.facts) for entry in entries.order_by("seq")] == [
        (
            "sheet.submitted",
            {"from": "draft", "marks": {"1": "10.00", "2": "20.25"}, "version": 1},
        ),
        ("sheet.locked", {"from": "submitted"}),
    ]


def test_submit_sheet_twice_is_refused(attempt, examiner):
    sheet = make_sheet(attempt, examiner, "10", "20", state="draft")
    submit(sheet)

    with pytest.raises(SheetLocked):
        submit(sheet)


def test_submit_sheet_by_the_last_of_the_panel_marks_the_attempt(attempt):
    panel = make_panel(attempt.session, 3)
    make_exclusion(attempt, panel[2])
    sheets = [make_sheet(attempt, one, "10", "20", state="draft") for one in panel]

    states = []
    for sheet in sheets[:2]:
        submit(sheet)
        attempt.refresh_from_db()
        states.append(attempt.state)

    assert states == ["sealed", "marked"]
    assert [sheet.examiner for sheet in counted_sheets(attempt)] == panel[:2]


def test_mark_complete_attempts_after_a_late_exclusion_marks_it(attempt):
    scored, conflicted = make_panel(attempt.session, 2)
    submit(make_sheet(attempt, scored, "10", "20", state="draft"))
    make_exclusion(attempt, conflicted)
    job = Actor.job("release")

    moved = scoring.mark_complete_attempts(attempt.session, by=job, at=SCORED)
    again = scoring.mark_complete_attempts(attempt.session, by=job, at=SCORED)

    attempt.refresh_from_db()
    assert (moved, again, attempt.state) == (1, 0, "marked")


def test_mark_complete_attempts_without_any_sheet_moves_nothing(attempt):
    job = Actor.job("release")

    assert scoring.mark_complete_attempts(attempt.session, by=job, at=SCORED) == 0
