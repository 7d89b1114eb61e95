"""Rulings by two people; a void and its reversal; the way there (R82, L6–L8)."""

import ast
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from candidates.models import InboxItem
from exams.domain.approvals import LIFETIME, ApprovalExpired, PayloadChanged, SamePerson
from exams.domain.audit import verify_chain
from exams.domain.voids import AlreadyVoid
from exams.kernel.errors import BadInput, Conflict, IllegalMove, NotAllowed, Refusal
from exams.models import AuditEntry, Void
from exams.queries.voids import void_of
from proctoring.domain import cases, incidents, rulings
from proctoring.domain.rulings import NoSanction
from proctoring.models import Case, Incident, Proposal, Ruling
from proctoring.queries.cases import outcomes_open, pending_proposal
from tests.architecture.source import python_files, relative, tree_of
from tests.builders.approvals import JUDGED, turn
from tests.builders.candidates import make_lease
from tests.builders.cases import (
    CLIP,
    REASONS,
    RULED_AT,
    make_article,
    make_case,
    make_heard_case,
    make_incident,
    make_noticed_case,
    make_observation,
    make_proctor,
    rule,
)
from tests.builders.events import misshapen_events
from tests.builders.exams import make_attempt

pytestmark = pytest.mark.django_db


def propose(case, by, outcome="void", at=RULED_AT):
    return rulings.propose_ruling(
        case, outcome=outcome, reasons="The film shows it.", by=by, at=at
    )


def test_void_ruling_cancels_the_score_and_is_told(attempt, court):
    case = make_heard_case(attempt, court)

    ruling = rule(case, court)

    void = void_of(attempt)
    letter = InboxItem.objects.get(kind="ruling")
    approval = ruling.proposal.approval
    assert (void.ref, void.reason) == (case.code, REASONS)
    assert {approval.requested_by, approval.approved_by} == {court.first, court.second}
    assert Case.objects.get().state == "ruled"
    assert letter.body == ruling.letter
    assert REASONS in letter.body
    assert letter.link == f"/cases/{case.code}/"
    assert misshapen_events() == []
    assert verify_chain(attempt.session.code) > 0


@pytest.mark.parametrize("outcome", ["dismiss", "warn"])
def test_ruling_without_a_sanction_takes_two_as_well_and_cancels_nothing(
    attempt, court, outcome
):
    case = make_heard_case(attempt, court)
    proposal = propose(case, court.first, outcome)

    with pytest.raises(SamePerson):
        rulings.approve_ruling(proposal, by=court.first, at=RULED_AT)
    rulings.approve_ruling(proposal, by=court.second, at=RULED_AT)

    assert Ruling.objects.get().outcome == outcome
    assert void_of(attempt) is None
    assert outcomes_open(Case.objects.get()) == ()


def test_nothing_is_ruled_before_the_candidate_was_heard(attempt, court):
    case = make_noticed_case(attempt, court)

    with pytest.raises(IllegalMove):
        propose(case, court.first)
    cases.sweep_cases(at=JUDGED + cases.ANSWER_WITHIN)
    rule(Case.objects.get(), court)

    assert void_of(attempt) is not None


def test_who_proposed_does_not_approve(attempt, court):
    proposal = propose(make_heard_case(attempt, court), court.first)

    with pytest.raises(SamePerson):
        rulings.approve_ruling(proposal, by=court.first, at=RULED_AT)

    assert (Void.objects.count(), Ruling.objects.count()) == (0, 0)


def test_without_the_right_nobody_proposes_or_approves(attempt, court):
    case = make_heard_case(attempt, court)
    proctor = make_proctor(attempt)
    proposal = propose(case, court.first)

    with pytest.raises(NotAllowed):
        propose(case, proctor)
    with pytest.raises(NotAllowed):
        rulings.approve_ruling(proposal, by=proctor, at=RULED_AT)


def test_proposal_expires(attempt, court):
    case = make_heard_case(attempt, court)
    proposal = propose(case, court.first)

    assert pending_proposal(case, at=RULED_AT) == proposal
    assert pending_proposal(case, at=RULED_AT + LIFETIME) is None
    with pytest.raises(ApprovalExpired):
        rulings.approve_ruling(proposal, by=court.second, at=RULED_AT + LIFETIME)


def test_older_proposal_is_not_approved_any_more(attempt, court):
    case = make_heard_case(attempt, court)
    old = propose(case, court.first)
    new = propose(case, court.second, "warn")

    with pytest.raises(Conflict):
        rulings.approve_ruling(old, by=court.third, at=RULED_AT)
    rulings.approve_ruling(new, by=court.third, at=RULED_AT)

    assert Ruling.objects.get().outcome == "warn"


def test_approving_after_the_score_turned_meanwhile_executes_nothing(attempt, court):
    case = make_heard_case(attempt, court)
    proposal = propose(case, court.first)
    people = [court.second, court.third]
    turn(attempt, people)
    turn(attempt, people, "restore")

    with pytest.raises(PayloadChanged):
        rulings.approve_ruling(proposal, by=court.second, at=RULED_AT)

    assert Ruling.objects.count() == 0
    assert Case.objects.get().state == "stated"


def test_void_of_a_void_score_and_of_a_mild_article_is_refused(attempt, court):
    mild = make_article(attempt.session.project, "9")
    case = make_heard_case(attempt, court, article=mild, lease=make_lease(attempt))

    with pytest.raises(NoSanction):
        propose(case, court.first)
    with pytest.raises(BadInput):
        propose(case, court.first, "hang")

    other = make_attempt(attempt.session, state="sealed")
    case = make_heard_case(other, court)
    turn(other, [court.first, court.second])
    with pytest.raises(AlreadyVoid):
        propose(case, court.first)


def test_reversal_is_another_row_and_brings_the_score_back(attempt, court):
    case = make_heard_case(attempt, court)
    first = rule(case, court)

    later = RULED_AT + timedelta(days=9)
    second = rule(case, court, "restore", at=later)

    assert void_of(attempt) is None
    assert list(Ruling.objects.order_by("turn")) == [first, second]
    assert AuditEntry.objects.filter(action="case.reversed").count() == 1
    assert outcomes_open(Case.objects.get()) == ()
    with pytest.raises(IllegalMove):
        propose(case, court.first, "restore", at=later)


def test_restore_before_any_void_is_refused(attempt, court):
    case = make_heard_case(attempt, court)

    with pytest.raises(IllegalMove):
        propose(case, court.first, "restore")


@pytest.mark.parametrize("model", [Ruling, Proposal])
def test_database_refuses_to_change_or_delete_a_ruling(attempt, court, model):
    rule(make_heard_case(attempt, court), court)

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(outcome="dismiss")
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")


# No path from an observation to a cancelled score without two people.


def reachable(moves, start, without=frozenset()):
    found, queue = {start}, [start]
    while queue:
        old = queue.pop()
        for new in moves.get(old, ()):
            if new not in found and (old, new) not in without:
                found.add(new)
                queue.append(new)
    return found


def paths(moves, start, end, before=()):
    if start == end:
        yield before
    for new in moves.get(start, ()):
        yield from paths(moves, new, end, (*before, (start, new)))


def test_tables_lead_to_a_ruling_only_through_two_second_persons():
    moves = cases.MACHINE.moves
    ways = list(paths(moves, "opened", "ruled"))

    assert len(ways) == 3
    assert all(len(cases.SECOND_PERSON & set(way)) == 2 for way in ways)
    assert reachable(moves, "opened", cases.SECOND_PERSON) == {"opened", "declined"}
    assert reachable(incidents.MACHINE.moves, "open") == {
        "open",
        "dismissed",
        "in_case",
    }


def trees_saying(text):
    """Yield the files whose text has it, parsed."""
    for path in python_files():
        if text in path.read_text("utf-8"):
            yield relative(path), ast.walk(tree_of(path))


def callers_of(name):
    return {
        path
        for path, nodes in trees_saying(name)
        for node in nodes
        if isinstance(node, ast.Attribute | ast.Name)
        and (getattr(node, "attr", None) or getattr(node, "id", None)) == name
    }


def test_a_void_has_one_writer_and_one_caller():
    writers = {
        path
        for path, nodes in trees_saying("Void.objects")
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in ("create", "bulk_create", "get_or_create", "update_or_create")
        and ast.unparse(node.value) == "Void.objects"
    }

    assert writers == {"exams/domain/voids.py"}
    assert callers_of("void_attempt") <= {
        "exams/domain/voids.py",
        "proctoring/domain/rulings.py",
    }


def everything_alone(person, attempt, lease, at):
    """Every act of this organ, each done by the same one person, or by nobody."""
    yield lambda: incidents.sweep_incidents(at=at)
    yield lambda: cases.sweep_cases(at=at)
    for case in Case.objects.all():
        yield lambda case=case: cases.confirm_case(case, reason="r", by=person, at=at)
        yield lambda case=case: cases.send_notice(case, by=person, at=at)
        yield lambda case=case: cases.state_case(case, text="t", lease=lease, at=at)
        yield lambda case=case: cases.waive_case(case, lease=lease, at=at)
        for outcome in ("dismiss", "warn", "void", "restore"):
            yield lambda case=case, outcome=outcome: propose(case, person, outcome, at)
    for proposal in Proposal.objects.all():
        yield lambda row=proposal: rulings.approve_ruling(row, by=person, at=at)
    for incident in Incident.objects.filter(state="open"):
        yield lambda row=incident: cases.open_case(
            attempt,
            article=make_article(attempt.session.project),
            facts="f",
            incidents=[row],
            by=person,
            at=at,
            **CLIP,
        )


def try_all(person, attempt, lease):
    """Let one person try everything, again and again, until nothing moves."""
    for round_ in range(8):
        at = RULED_AT + timedelta(hours=30 * round_)
        for act in list(everything_alone(person, attempt, lease, at)):
            try:
                with transaction.atomic():
                    act()
            except Refusal:
                continue


def test_one_person_alone_gets_nowhere_from_an_observation(attempt, court):
    make_observation(attempt)

    try_all(court.first, attempt, make_lease(attempt))

    assert set(Case.objects.values_list("state", flat=True)) == {"opened"}
    assert (Void.objects.count(), Ruling.objects.count()) == (0, 0)


@pytest.mark.parametrize("prepared", [make_case, make_noticed_case, make_heard_case])
def test_one_person_alone_never_cancels_from_wherever_two_left_a_case(
    attempt, court, prepared
):
    lease = make_lease(attempt)
    prepared(
        attempt, court, **({"lease": lease} if prepared is make_heard_case else {})
    )
    make_incident(attempt)

    try_all(court.third, attempt, lease)

    assert (Void.objects.count(), Ruling.objects.count()) == (0, 0)
