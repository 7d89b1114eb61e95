from datetime import timedelta

import pytest

from candidates.domain.passage import (
    ConfirmMissing,
    DocumentsUnread,
    NotYourStep,
    draw,
    enter_exam,
    finish_stage,
    submit_exam,
)
from candidates.models import DeviceLease, DocumentRead, StagePassage
from candidates.queries import rights
from exams.domain.audit import Actor
from exams.domain.draw import deal_missed
from exams.domain.freezing import freeze
from exams.kernel.errors import BadInput, NotFound, WindowClosed
from exams.models import Attempt, DrawnNumber
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_document,
    make_ready_session,
)
from tests.builders.passages import (
    claim,
    make_person,
    make_published_session,
    make_stages,
    make_verified,
)

pytestmark = pytest.mark.django_db
AT = before_start(1200)
TICK = timedelta(milliseconds=1)
NONCE = "ab" * 16


def frozen_lease(**columns):
    """A verified lease in a session whose draw is committed."""
    session = make_ready_session(state="published", **columns)
    attempt = make_person(session)
    freeze(session, by=Actor.job("test"), at=before_start(3600))
    return make_verified(attempt)


def fresh(lease):
    return DeviceLease.objects.select_related("attempt__session__project").get(
        pk=lease.pk
    )


def finish(lease, stage, answers=None, at=AT):
    finish_stage(lease, stage=stage, answers=answers or {}, at=at)


def rows(lease):
    found = StagePassage.objects.filter(attempt=lease.attempt).order_by("pk")
    return list(found.values_list("stage", flat=True))


def ready_to_enter():
    lease = frozen_lease()
    finish(lease, "flow")
    draw(lease, nonce=NONCE, at=AT)
    finish(lease, "attachments")
    return fresh(lease)


def entered():
    lease = ready_to_enter()
    enter_exam(lease, at=before_start(300))
    return fresh(lease)


def test_finish_stage_in_order_writes_one_row_each():
    lease = ready_to_enter()

    assert rows(lease) == ["devices", "check_in", "flow", "draw", "attachments"]


@pytest.mark.parametrize("stage", ["draw", "attachments"])
def test_finish_stage_out_of_turn_is_refused(stage):
    lease = frozen_lease()

    with pytest.raises(rights.StageMissing):
        finish(lease, stage)

    assert rows(lease) == ["devices", "check_in"]


@pytest.mark.parametrize("stage", ["check_in", "enter", "answer", "upload"])
def test_finish_stage_that_finishes_by_itself_is_refused(stage):
    with pytest.raises(NotYourStep):
        finish(frozen_lease(), stage)


@pytest.mark.parametrize("stage", ["commitment", "nonsense"])
def test_finish_stage_outside_the_list_does_not_exist(stage):
    with pytest.raises(NotFound):
        finish(frozen_lease(), stage)


def test_finish_stage_repeated_changes_nothing():
    lease = frozen_lease()
    finish(lease, "flow")
    first = StagePassage.objects.get(stage="flow")

    finish(lease, "flow", at=AT + TICK)

    assert StagePassage.objects.get(stage="flow").at == first.at


def test_finish_stage_devices_needs_no_identity_but_the_lease():
    attempt = make_person()
    first, second = claim(attempt).lease, claim(attempt).lease

    answers = {"camera": "HD", "microphone": "Array", "without_headphones": True}
    finish(first, "devices", answers)

    assert StagePassage.objects.get().facts == answers | {"platform": "unknown"}
    with pytest.raises(rights.LeaseWaiting):
        finish(second, "devices")


@pytest.mark.parametrize("said", [{}, {"without_headphones": "yes"}])
def test_finish_stage_devices_asks_for_ears_uncovered_where_the_session_does(said):
    session = make_published_session(headphones="allow")
    free, bound = (
        claim(make_person(session)).lease,
        claim(make_person(ticket="t")).lease,
    )

    finish(free, "devices", said)

    assert StagePassage.objects.get().facts == {"platform": "unknown"}
    with pytest.raises(ConfirmMissing):
        finish(bound, "devices", said)


def test_finish_stage_flow_unverified_browser_is_refused():
    lease = claim(make_person()).lease

    with pytest.raises(rights.NotVerified):
        finish(lease, "flow")


def test_finish_stage_reading_records_every_published_document():
    lease = frozen_lease()
    project = lease.attempt.session.project
    old = make_document(project, title="Flow", version=1)
    new = make_document(project, title="Flow", version=2)
    draft = make_document(project, title="Later", published_at=None)
    other = make_document(project, kind="notice")

    with pytest.raises(DocumentsUnread):
        finish(lease, "flow", {"documents": [old.pk, draft.pk, other.pk]})
    finish(lease, "flow", {"documents": [new.pk]})

    read = DocumentRead.objects.values_list("attempt", "document", "at")
    assert list(read) == [(lease.attempt_id, new.pk, AT)]


def test_finish_stage_attachments_ask_for_attachments_and_rules():
    lease = frozen_lease()
    project = lease.attempt.session.project
    attachment = make_document(project, kind="attachment")
    rules = make_document(project, kind="rules")
    make_stages(lease.attempt, "flow", "draw")

    with pytest.raises(DocumentsUnread):
        finish(lease, "attachments", {"documents": [attachment.pk]})
    finish(lease, "attachments", {"documents": [attachment.pk, rules.pk]})

    assert DocumentRead.objects.count() == 2


def test_draw_repeated_returns_the_same_number_and_receipt():
    lease = frozen_lease()
    finish(lease, "flow")

    first = draw(lease, nonce=NONCE, at=AT)
    again = draw(lease, nonce="cd" * 16, at=AT + TICK)

    assert (again.pk, again.receipt) == (first.pk, first.receipt)


def test_draw_before_its_turn_is_refused():
    with pytest.raises(rights.StageMissing):
        draw(frozen_lease(), nonce=NONCE, at=AT)


@pytest.mark.parametrize(
    ("edge", "shift", "open_"),
    [
        (before_start(1800), -TICK, False),
        (before_start(1800), 0 * TICK, True),
        (before_start(1800), TICK, True),
        (before_start(600), -TICK, True),
        (before_start(600), 0 * TICK, False),
        (before_start(600), TICK, False),
    ],
)
def test_draw_at_the_edges_of_its_window(edge, shift, open_):
    lease = frozen_lease()
    make_stages(lease.attempt, "flow")

    if open_:
        assert draw(lease, nonce=NONCE, at=edge + shift).number == 1
    else:
        with pytest.raises(WindowClosed):
            draw(lease, nonce=NONCE, at=edge + shift)


def test_finish_stage_draw_after_closing_takes_the_dealt_number():
    lease = frozen_lease()
    make_stages(lease.attempt, "flow")

    with pytest.raises(rights.StageMissing):
        finish(lease, "draw", at=before_start(600) - TICK)
    finish(lease, "draw", at=before_start(600))

    assert DrawnNumber.objects.get().origin == "auto"
    assert rows(lease)[-1] == "draw"


@pytest.mark.parametrize(
    ("edge", "shift", "open_"),
    [
        (before_start(600), -TICK, False),
        (before_start(600), 0 * TICK, True),
        (before_start(600), TICK, True),
        (START, -TICK, True),
        (START, 0 * TICK, False),
        (START, TICK, False),
    ],
)
def test_enter_exam_at_the_edges_of_the_entry_window(edge, shift, open_):
    lease = ready_to_enter()

    if open_:
        enter_exam(lease, at=edge + shift)
        attempt = Attempt.objects.get(pk=lease.attempt_id)
        assert (attempt.state, attempt.entered_at) == ("entered", edge + shift)
    else:
        with pytest.raises(WindowClosed):
            enter_exam(lease, at=edge + shift)
        assert Attempt.objects.get(pk=lease.attempt_id).state == "checked_in"


def test_enter_exam_who_did_not_draw_gets_a_number_with_the_entry():
    lease = frozen_lease()
    make_stages(lease.attempt, "flow", "attachments")

    enter_exam(lease, at=before_start(600))

    assert DrawnNumber.objects.get(attempt=lease.attempt).origin == "auto"
    assert set(rows(lease)) >= {"draw", "enter"}


def test_enter_exam_who_missed_a_draw_that_deals_nothing_asks_the_helpdesk():
    lease = frozen_lease(auto_assign=False)
    make_stages(lease.attempt, "flow", "attachments")
    at = before_start(600)
    for act in (
        lambda: enter_exam(lease, at=at),
        lambda: draw(lease, nonce=NONCE, at=at),
        lambda: finish(lease, "draw", at=at),
    ):
        with pytest.raises(rights.NotDrawn):
            act()

    deal_missed(lease.attempt, by=Actor.job("test"), at=at)
    enter_exam(fresh(lease), at=at)

    assert Attempt.objects.get(pk=lease.attempt_id).state == "entered"


def test_enter_exam_without_a_stage_is_refused_and_changes_nothing():
    lease = frozen_lease()
    make_stages(lease.attempt, "flow")

    with pytest.raises(rights.StageMissing):
        enter_exam(lease, at=before_start(300))

    assert Attempt.objects.get(pk=lease.attempt_id).state == "checked_in"


def test_enter_exam_again_is_a_return_until_the_end():
    lease = entered()
    ends = START + timedelta(seconds=lease.attempt.session.answer)

    enter_exam(lease, at=after_start(60))
    enter_exam(lease, at=ends - TICK)
    with pytest.raises(rights.ExamOver):
        enter_exam(lease, at=ends)

    attempt = Attempt.objects.get(pk=lease.attempt_id)
    assert attempt.entered_at == before_start(300)


def test_enter_exam_old_browser_after_a_takeover_is_refused():
    lease = ready_to_enter()
    DeviceLease.objects.filter(pk=lease.pk).update(state="superseded")

    with pytest.raises(rights.LeaseLost):
        enter_exam(lease, at=before_start(300))


def test_finish_stage_after_enter_confirms_devices_information_paper():
    lease = entered()
    devices = {"camera": "HD", "microphone": "Array", "surface": "monitor"}
    at = before_start(200)

    with pytest.raises(rights.StageMissing):
        finish(lease, "information", {"confirmed": True}, at=at)
    finish(lease, "device_confirmation", devices, at=at)
    finish(lease, "information", {"confirmed": True}, at=at)
    finish(lease, "paper_check", {"confirmed": True}, at=at)

    assert rows(lease)[-3:] == ["device_confirmation", "information", "paper_check"]
    row = StagePassage.objects.get(stage="device_confirmation")
    assert row.facts == devices


@pytest.mark.parametrize(
    "answers", [{}, {"camera": "HD"}, {"camera": 1, "microphone": "x"}]
)
def test_finish_stage_device_confirmation_names_both_devices(answers):
    with pytest.raises(BadInput):
        finish(entered(), "device_confirmation", answers, at=before_start(200))


@pytest.mark.parametrize("answers", [{}, {"confirmed": False}, {"confirmed": "true"}])
def test_finish_stage_information_needs_the_confirmation(answers):
    lease = entered()
    make_stages(lease.attempt, "device_confirmation")

    with pytest.raises(ConfirmMissing):
        finish(lease, "information", answers, at=before_start(200))


def test_submit_exam_confirmed_ends_early_and_repeats_quietly():
    lease = entered()

    with pytest.raises(ConfirmMissing):
        submit_exam(lease, confirmed=False, at=after_start(60))
    submit_exam(lease, confirmed=True, at=after_start(60))
    submit_exam(lease, confirmed=True, at=after_start(90))

    attempt = Attempt.objects.get(pk=lease.attempt_id)
    assert (attempt.state, attempt.submitted_by, attempt.submitted_at) == (
        "submitted",
        "candidate",
        after_start(60),
    )


def test_submit_exam_after_the_deadline_is_stored_at_the_deadline():
    lease = entered()
    ends = START + timedelta(seconds=lease.attempt.session.answer)

    submit_exam(lease, confirmed=True, at=ends)

    attempt = Attempt.objects.get(pk=lease.attempt_id)
    assert (attempt.submitted_by, attempt.submitted_at) == ("deadline", ends)


def test_submit_exam_before_the_start_is_refused():
    with pytest.raises(WindowClosed):
        submit_exam(entered(), confirmed=True, at=START - TICK)


def test_submit_exam_not_entered_is_refused():
    with pytest.raises(rights.NotEntered):
        submit_exam(ready_to_enter(), confirmed=True, at=after_start(1))
