from datetime import timedelta

import pytest

from exams.domain import attempts
from exams.domain.audit import Actor, verify_chain
from exams.kernel.errors import Conflict, IllegalMove, WindowClosed
from exams.models import Attempt, AuditEntry, Event
from tests.builders.exams import make_attempt, make_session

BY = Actor("job", "test")
MS = timedelta(milliseconds=1)


def entered(session):
    attempt = make_attempt(session=session, state="checked_in")
    return attempts.enter(attempt, by=BY, at=session.starts_at - MS)


@pytest.mark.django_db
def test_advance_writes_state_audit_and_event_together():
    attempt = make_attempt()
    at = attempt.session.starts_at

    attempts.check_in(attempt, by=BY, at=at)

    entry = AuditEntry.objects.get()
    event = Event.objects.get()
    assert Attempt.objects.get().state == "checked_in"
    assert (entry.action, entry.facts) == ("attempt.checked_in", {"from": "enrolled"})
    assert (event.seq, event.payload) == (1, {"from": "enrolled", "to": "checked_in"})
    assert verify_chain(attempt.session.code) == 1


@pytest.mark.django_db
def test_advance_with_a_stale_row_is_a_conflict_and_changes_nothing():
    attempt = make_attempt()
    stale = Attempt.objects.get(pk=attempt.pk)
    attempts.check_in(attempt, by=BY, at=attempt.session.starts_at)

    with pytest.raises(Conflict):
        attempts.check_in(stale, by=BY, at=attempt.session.starts_at)

    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_advance_along_no_edge_of_the_table_is_illegal():
    attempt = make_attempt()

    with pytest.raises(IllegalMove):
        attempts.advance(attempt, to="released", by=BY, at=attempt.session.starts_at)

    assert (Attempt.objects.get().state, AuditEntry.objects.count()) == ("enrolled", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("edge", "shift", "open_"),
    [
        ("opens", -MS, False),
        ("opens", 0 * MS, True),
        ("opens", MS, True),
        ("closes", -MS, True),
        ("closes", 0 * MS, False),
        ("closes", MS, False),
    ],
)
def test_enter_at_the_edges_of_its_window(edge, shift, open_):
    session = make_session()
    before = timedelta(seconds=session.entry_open_before if edge == "opens" else 0)
    attempt = make_attempt(session=session, state="checked_in")
    at = session.starts_at - before + shift

    if not open_:
        with pytest.raises(WindowClosed):
            attempts.enter(attempt, by=BY, at=at)
    else:
        attempts.enter(attempt, by=BY, at=at)

    assert Attempt.objects.get().entered_at == (at if open_ else None)


@pytest.mark.django_db
def test_submit_after_the_deadline_is_stored_at_the_deadline():
    session = make_session()
    attempt = entered(session)
    ends = session.starts_at + timedelta(seconds=session.preparation + session.answer)

    attempts.submit(attempt, by=BY, at=ends + timedelta(seconds=5), how="candidate")

    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.submitted_by) == (ends, "deadline")


@pytest.mark.django_db
def test_sweep_deadlines_stores_the_overdue_once_and_leaves_the_others():
    session = make_session()
    over, running = entered(session), entered(session)
    running.extra_seconds = 600
    running.save()
    ends = session.starts_at + timedelta(seconds=session.preparation + session.answer)

    stored = [attempts.sweep_deadlines(at=ends) for _ in range(2)]

    over.refresh_from_db()
    running.refresh_from_db()
    assert stored == [1, 0]
    assert (over.state, over.submitted_by, running.state) == (
        "submitted",
        "deadline",
        "entered",
    )


@pytest.mark.django_db
def test_close_entry_marks_the_missing_absent_and_restore_brings_one_back():
    session = make_session()
    missing = make_attempt(session=session)
    present = entered(session)
    at = session.starts_at

    closed = attempts.close_entry(session, by=BY, at=at, reason="entry is over")
    missing.refresh_from_db()
    attempts.restore(missing, by=BY, at=at, reason="power cut at the centre")

    present.refresh_from_db()
    assert (closed, present.state, missing.state) == (1, "entered", "enrolled")


@pytest.mark.django_db
def test_close_entry_while_entry_is_open_is_refused():
    session = make_session()
    make_attempt(session=session)

    with pytest.raises(WindowClosed):
        attempts.close_entry(session, by=BY, at=session.starts_at - MS, reason="x")

    assert Attempt.objects.get().state == "enrolled"


@pytest.mark.django_db
def test_restore_without_a_reason_is_refused():
    attempt = make_attempt(state="absent")

    with pytest.raises(attempts.ReasonMissing):
        attempts.restore(attempt, by=BY, at=attempt.session.starts_at, reason="  ")
