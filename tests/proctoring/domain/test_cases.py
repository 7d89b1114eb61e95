"""Cases: opened, confirmed by another, told, answered once in time (L6, L7)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from candidates.models import InboxItem
from candidates.queries.rights import LeaseLost, LeaseWaiting
from exams.domain.approvals import SamePerson
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import verify_chain
from exams.kernel.errors import (
    BadInput,
    IllegalMove,
    NotAllowed,
    NotFound,
    WindowClosed,
)
from exams.models import AuditEntry
from proctoring.domain import cases
from proctoring.models import Case, CaseNotice, Incident, Statement
from tests.builders.approvals import JUDGED, make_official
from tests.builders.candidates import make_lease
from tests.builders.cases import (
    ANSWERED_AT,
    CLIP,
    confirm,
    make_article,
    make_case,
    make_incident,
    make_noticed_case,
    make_proctor,
)
from tests.builders.events import misshapen_events
from tests.builders.exams import make_attempt, make_session

pytestmark = pytest.mark.django_db
DUE = JUDGED + cases.ANSWER_WITHIN


def opening(attempt, court, **how):
    how = {
        "article": make_article(attempt.session.project),
        "facts": "facts",
        "incidents": [],
        "by": court.first,
        "at": JUDGED,
        **CLIP,
        **how,
    }
    return cases.open_case(attempt, **how)


def test_opening_takes_the_incidents_into_the_case(attempt, court):
    case = make_case(attempt, court)

    incident = Incident.objects.get()
    entry = AuditEntry.objects.get(action="case.opened")
    assert (incident.state, incident.case) == ("in_case", case)
    assert entry.facts["incidents"] == [incident.code]
    assert entry.actor_ref == str(court.first.pk)


def test_opening_is_the_officials_of_the_session(attempt, court):
    for stranger in (make_proctor(attempt), make_official(make_session())):
        with pytest.raises(NotAllowed):
            opening(attempt, court, by=stranger)


def test_opening_on_wrong_things_is_refused_and_changes_nothing(attempt, court):
    taken = make_incident(attempt)
    opening(attempt, court, incidents=[taken])
    other = make_incident(make_attempt(attempt.session))
    strange = make_article(make_session().project)

    for how, refusal in (
        ({"facts": "  "}, BadInput),
        ({"facts": "x" * 2001}, BadInput),
        ({"from_at": CLIP["to_at"], "to_at": CLIP["from_at"]}, BadInput),
        ({"article": strange}, BadInput),
        ({"incidents": [other]}, BadInput),
        ({"incidents": [taken]}, IllegalMove),
    ):
        with pytest.raises(refusal):
            opening(attempt, court, **how)

    assert Case.objects.count() == 1
    assert Incident.objects.get(pk=other.pk).state == "open"


def test_confirming_takes_a_second_official_and_a_reason(attempt, court):
    case = make_case(attempt, court)

    with pytest.raises(SamePerson):
        cases.confirm_case(case, reason="seen", by=court.first, at=JUDGED)
    with pytest.raises(NotAllowed):
        cases.confirm_case(case, reason="seen", by=make_proctor(attempt), at=JUDGED)
    with pytest.raises(ReasonMissing):
        cases.confirm_case(case, reason="", by=court.second, at=JUDGED)
    confirm(case, court)

    stored = Case.objects.get()
    assert (stored.state, stored.confirmed_by) == ("confirmed", court.second)


def test_database_refuses_one_person_as_opener_and_confirmer(attempt, court):
    case = make_case(attempt, court)

    for columns in (
        {"confirmed_by": court.first, "confirmed_at": JUDGED, "state": "confirmed"},
        {"state": "noticed"},
        {"facts": "other"},
        {"opened_by": court.second},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**columns)


def test_declined_case_goes_nowhere(attempt, court):
    case = make_case(attempt, court)

    cases.decline_case(case, reason="nothing", by=court.second, at=JUDGED)

    with pytest.raises(IllegalMove):
        confirm(case, court)
    with pytest.raises(IllegalMove):
        cases.send_notice(case, by=court.first, at=JUDGED)


def test_notice_reaches_the_inbox_with_facts_basis_due_time_and_link(attempt, court):
    case = make_noticed_case(attempt, court)

    item, notice = InboxItem.objects.get(), CaseNotice.objects.get()
    assert (item.kind, item.due_at, item.must_acknowledge) == ("case_notice", DUE, True)
    assert item.link == f"/cases/{case.code}/"
    assert case.facts in item.body
    assert case.article.text_zh in item.body
    assert notice.item == item
    assert misshapen_events() == []
    assert verify_chain(attempt.session.code) > 0


def test_notice_needs_confirmation_and_a_sane_window(attempt, court):
    case = make_case(attempt, court)

    with pytest.raises(IllegalMove):
        cases.send_notice(case, by=court.first, at=JUDGED)
    confirm(case, court)
    for hours in (0, 24 * 31):
        with pytest.raises(BadInput):
            cases.send_notice(
                case, by=court.first, at=JUDGED, within=timedelta(hours=hours)
            )

    assert not InboxItem.objects.exists()


def test_candidate_states_once_in_the_window(attempt, court):
    case = make_noticed_case(attempt, court)
    lease = make_lease(attempt)

    cases.state_case(case, text=" My mother. ", lease=lease, at=ANSWERED_AT)
    with pytest.raises(IllegalMove):
        cases.state_case(case, text="More.", lease=lease, at=ANSWERED_AT)
    with pytest.raises(IllegalMove):
        cases.waive_case(case, lease=lease, at=ANSWERED_AT)

    assert Statement.objects.get().text == "My mother."
    assert Case.objects.get().state == "stated"
    assert AuditEntry.objects.get(action="case.stated").actor_kind == "candidate"


def test_candidate_waives(attempt, court):
    case = make_noticed_case(attempt, court)

    cases.waive_case(case, lease=make_lease(attempt), at=ANSWERED_AT)

    assert (Statement.objects.get().kind, Case.objects.get().state) == (
        "waiver",
        "waived",
    )


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_statement_of_wrong_length_is_refused(attempt, court, text):
    case = make_noticed_case(attempt, court)

    with pytest.raises(BadInput):
        cases.state_case(case, text=text, lease=make_lease(attempt), at=ANSWERED_AT)


def test_answer_of_another_or_lost_browser_is_refused(attempt, court):
    case = make_noticed_case(attempt, court)

    for lease, refusal in (
        (make_lease(make_attempt(attempt.session)), NotFound),
        (make_lease(attempt, state="superseded", epoch=2), LeaseLost),
        (make_lease(attempt, state="waiting", epoch=None), LeaseWaiting),
    ):
        with pytest.raises(refusal):
            cases.state_case(case, text="Me.", lease=lease, at=ANSWERED_AT)

    assert not Statement.objects.exists()


def test_answer_at_the_due_time_is_late_and_a_moment_before_is_not(attempt, court):
    case = make_noticed_case(attempt, court)
    lease = make_lease(attempt)

    with pytest.raises(WindowClosed):
        cases.state_case(case, text="Late.", lease=lease, at=DUE)
    cases.state_case(case, text="In time.", lease=lease, at=DUE - timedelta(seconds=1))


def test_sweep_stores_that_no_answer_came_once(attempt, court):
    make_noticed_case(attempt, court)

    done = [cases.sweep_cases(at=at) for at in (DUE - timedelta(seconds=1), DUE, DUE)]

    assert done == [0, 1, 0]
    assert Case.objects.get().state == "lapsed"


@pytest.mark.parametrize("model", [CaseNotice, Statement])
def test_database_refuses_to_change_or_delete_what_was_said(attempt, court, model):
    case = make_noticed_case(attempt, court)
    cases.waive_case(case, lease=make_lease(attempt), at=ANSWERED_AT)

    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        model.objects.update(at=ANSWERED_AT + timedelta(days=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")
