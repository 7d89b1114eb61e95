"""Features row 5: admission tickets, made once, whole, and never out of date."""

import contextlib
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django_q.models import OrmQ

from candidates.backends.ticket_fonts import FontMissing
from candidates.domain.sweeps import TicketWaker
from candidates.domain.ticket_making import make_tickets
from candidates.domain.tickets import (
    NobodyEnrolled,
    SessionNotPublished,
    TicketsBeingMade,
    TicketsStale,
    TicketStale,
    folder_of,
    open_ticket,
    publish_tickets,
    request_tickets,
    sweep_ticket_files,
    withdraw_tickets,
)
from candidates.models import Candidate, Ticket, TicketBatch
from candidates.queries.tickets import freshness_of, progress_of
from candidates.tasks import make_tickets as task
from exams.domain.attempts import ReasonMissing
from exams.domain.mock_windows import NotForMocks
from exams.kernel.errors import Conflict, IllegalMove, NotFound
from exams.models import Attempt, AuditEntry, Project, Session
from tests.builders.exams import (
    make_document,
    make_project,
    make_room,
    make_session,
    make_staff,
)
from tests.builders.passages import picture
from tests.builders.tickets import (
    AT,
    BY,
    ENTRY,
    make_batch,
    make_person,
    make_published_tickets,
    make_ready_tickets,
    text_of,
)

pytestmark = pytest.mark.django_db
RARE = "㴴𠮷䶮"  # extension A, extension B, and one that many fonts lack
UNKNOWN = "\U0002b740"  # extension D: not in the font


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.TICKETS_ROOT = tmp_path / "tickets"


@pytest.fixture
def session():
    return make_session(
        title="上午场", state="published", project=make_project(title="公开招聘面试")
    )


def own(batch, enrolment):
    return Ticket.objects.get(batch=batch, enrolment=enrolment)


def rooms(batch):
    return batch.tickets.filter(enrolment__isnull=True).order_by("room__name")


def test_ticket_says_who_when_where_and_whom_to_call(session):
    make_document(session.project, kind="rules", title="考场规则", body="不得迟到。")
    person = make_person(
        session, name=RARE, room=make_room(session, name="第一考场"), post="教师"
    )

    text = text_of(own(make_ready_tickets(session), person))

    for word in (
        *(RARE, person.candidate.ticket_number, "教师", "第一考场", "上午场"),
        *("公开招聘面试", "2030-05-20", "08:30 – 09:00", "08:50 – 09:00"),
        *("09:00 – 09:20", ENTRY, "010-12345678", "考场规则", "不得迟到。"),
    ):
        assert word in text
    for secret in (person.candidate.id_number, person.attempt.code):
        assert secret not in text


def test_ticket_of_another_zone_and_of_extra_time_says_its_own_times(session):
    session.time_zone = "America/New_York"
    session.save()
    person = make_person(session)
    Attempt.objects.filter(pk=person.attempt_id).update(extra_seconds=600)

    text = text_of(own(make_ready_tickets(session, language="en"), person))

    assert "2030-05-19 (America/New_York)" in text
    assert "21:00 – 21:30" in text


def test_every_room_has_a_file_of_its_people_in_the_order_of_their_numbers(session):
    first, second = make_room(session, name="A"), make_room(session, name="B")
    people = [
        make_person(session, ticket_number=number, room=room)
        for number, room in (
            ("N-3", first),
            ("N-1", first),
            ("N-2", second),
            ("N-4", None),
        )
    ]

    batch = make_ready_tickets(session)

    numbers = {}
    for row in rooms(batch):
        # Once beside the name, once at the foot of the page.
        found = re.findall(r"N-(\d)", text_of(row))
        numbers[row.room and row.room.name] = ("".join(found), row.pages)
    assert numbers == {"A": ("1133", 2), "B": ("22", 1), None: ("44", 1)}
    assert progress_of(batch) == {"made": 7, "total": 7, "problems": 0}
    assert len(people) == batch.tickets.filter(enrolment__isnull=False).count()


def test_ticket_has_the_photo_and_a_lost_one_is_named(session):
    seen, lost = make_person(session), make_person(session, photo="photos/gone")
    seen.candidate.photo.save("x", ContentFile(picture()))

    batch = make_ready_tickets(session)

    files = [settings.TICKETS_ROOT / own(batch, one).path for one in (seen, lost)]
    assert [b"/DCTDecode" in file.read_bytes() for file in files] == [True, False]
    assert own(batch, seen).problem == ""
    assert own(batch, lost).problem == "photo"


def test_name_without_a_shape_is_named_and_never_printed_as_a_box(session):
    person, other = make_person(session, name=f"张{UNKNOWN}"), make_person(session)

    batch = make_ready_tickets(session)

    row, room = own(batch, person), rooms(batch).get()
    assert (row.path, row.problem) == ("", "glyph")
    assert row.facts == {"characters": f"{UNKNOWN} (U+2B740)"}
    assert (room.pages, room.problem, room.facts) == (1, "left_out", {"count": 1})
    assert other.candidate.ticket_number in text_of(room)
    with pytest.raises(NotFound):
        open_ticket(row, by=BY, at=AT)


def test_title_without_a_shape_fails_the_whole_and_says_which(session):
    Session.objects.filter(pk=session.pk).update(title=f"上午{UNKNOWN}")
    make_person(session)

    batch = make_ready_tickets(Session.objects.get())

    assert (batch.state, batch.problem) == ("failed", "glyph_missing")
    assert batch.facts == {"characters": f"{UNKNOWN} (U+2B740)"}
    assert sweep_ticket_files(at=AT) == 1


def test_server_without_the_font_refuses_and_stores_nothing(session, settings):
    make_person(session)
    settings.PDF_FONTS = ["/nowhere/font.ttc"]

    with pytest.raises(FontMissing) as refused:
        make_batch(session)

    assert "/nowhere/font.ttc" in str(refused.value)
    assert TicketBatch.objects.count() == 0


def test_worker_without_the_font_fails_with_the_reason(session, settings):
    make_person(session)
    batch = make_batch(session)
    settings.PDF_FONTS = ["/nowhere/font.ttc"]

    make_tickets(batch, at=AT)

    assert (batch.state, batch.problem) == ("failed", "font_missing")
    assert progress_of(batch)["made"] == 0


def test_tickets_are_for_formal_sessions_with_a_roster(session):
    with pytest.raises(NobodyEnrolled):
        make_batch(session)
    with pytest.raises(NotForMocks):
        make_batch(make_session(kind="mock"))
    assert TicketBatch.objects.count() == 0


def test_tickets_are_made_once_at_a_time_in_each_language(session):
    make_person(session)
    make_batch(session)

    with pytest.raises(TicketsBeingMade):
        make_batch(session)

    make_batch(session, language="en")
    assert TicketBatch.objects.count() == 2


def test_asking_wakes_the_job_and_the_sweep_wakes_a_forgotten_one(
    session, django_capture_on_commit_callbacks
):
    make_person(session)
    with django_capture_on_commit_callbacks(execute=True):
        batch = make_batch(session)
    queued = [(row.task["func"], row.task["kwargs"]) for row in OrmQ.objects.all()]
    waker = TicketWaker()

    assert queued == [("candidates.tasks.make_tickets", {"batch": batch.code})]
    turns = [waker.wake(at=AT + timedelta(seconds=n)) for n in (0, 5, 31, 60, 95)]
    assert turns == [1, 0, 1, 0, 1]
    make_tickets(batch, at=AT)
    assert waker.wake(at=AT + timedelta(hours=1)) == 0


def test_job_that_may_not_go_on_is_finished_by_the_next_one(session):
    for _ in range(3):
        make_person(session)
    batch, turns = make_batch(session), iter([True, True, False])

    make_tickets(batch, at=AT, may_go_on=lambda: next(turns))

    assert (batch.state, progress_of(batch)["made"]) == ("making", 2)
    assert task(batch=batch.code) == "ready"
    assert task(batch=batch.code) == "ready"
    assert task(batch="nowhere") == "gone"
    assert progress_of(batch)["made"] == 4


def test_second_worker_on_one_batch_is_sent_away(session):
    make_person(session)
    batch = make_batch(session)

    def race():
        with pytest.raises(Conflict):
            make_tickets(TicketBatch.objects.get(), at=AT)
        return True

    make_tickets(batch, at=AT, may_go_on=race)

    assert batch.state == "ready"


CHANGES = {
    "name": lambda row: Candidate.objects.filter(pk=row.candidate_id).update(name="别"),
    "photo": lambda row: Candidate.objects.filter(pk=row.candidate_id).update(
        photo="n"
    ),
    "room": lambda row: Attempt.objects.filter(pk=row.attempt_id).update(
        room=make_room(row.session)
    ),
    "withdrawn": lambda row: Attempt.objects.filter(pk=row.attempt_id).update(
        state="withdrawn"
    ),
    "times": lambda row: Session.objects.update(answer=60),
    "hotline": lambda row: Project.objects.update(hotline="400-1"),
    "rules": lambda row: make_document(
        row.session.project, kind="rules", published_at=AT
    ),
}


class Undo(Exception):
    pass


def test_changed_roster_makes_the_files_stale_for_everybody(session):
    person = make_person(session)
    make_published_tickets(session)
    found = {}

    for name, change in {"nothing": lambda row: None, **CHANGES}.items():
        with contextlib.suppress(Undo), transaction.atomic():
            change(person)
            batch = TicketBatch.objects.get()
            fresh = freshness_of(batch, at=AT).is_fresh
            found[name] = (fresh, [is_handed_out(one) for one in batch.tickets.all()])
            raise Undo

    stale = (False, [False, False])
    assert found == {"nothing": (True, [True, True]), **dict.fromkeys(CHANGES, stale)}


def is_handed_out(ticket):
    try:
        return open_ticket(ticket, by=BY, at=AT).exists()
    except TicketStale:
        return False


def test_stale_or_incomplete_tickets_are_not_published(session):
    make_person(session)
    batch = make_ready_tickets(session)
    make_person(session)

    with pytest.raises(TicketsStale) as refused:
        publish_tickets(batch, by=BY, at=AT)

    # The newcomer, and the file of those without a room.
    assert refused.value.facts == {"count": 2}
    assert TicketBatch.objects.get().state == "ready"


def test_tickets_of_a_draft_are_made_and_not_published():
    draft = make_session()
    make_person(draft)
    batch = make_ready_tickets(draft)

    with pytest.raises(SessionNotPublished):
        publish_tickets(batch, by=BY, at=AT)


def test_new_tickets_replace_the_published_ones_when_they_are_published(session):
    make_person(session)
    old = make_published_tickets(session)
    new = make_ready_tickets(session)
    old.refresh_from_db()
    assert old.state == "published"

    publish_tickets(new, by=BY, at=AT)

    old.refresh_from_db()
    assert (old.state, new.state) == ("superseded", "published")
    assert folder_of(old).exists()
    assert sweep_ticket_files(at=AT) == 1
    assert sweep_ticket_files(at=AT) == 0
    assert not folder_of(old).exists()
    with pytest.raises(NotFound):
        open_ticket(old.tickets.select_related("batch").first(), by=BY, at=AT)
    with pytest.raises(IllegalMove):
        publish_tickets(old, by=BY, at=AT)


def test_withdrawn_tickets_are_found_no_more_and_have_a_reason(session):
    person = make_person(session)
    batch = make_published_tickets(session)
    with pytest.raises(ReasonMissing):
        withdraw_tickets(batch, by=BY, at=AT, reason=" ")

    withdraw_tickets(batch, by=BY, at=AT, reason="wrong hall")

    with pytest.raises(NotFound):
        open_ticket(own(batch, person), by=BY, at=AT)


def test_trail_says_who_asked_published_and_fetched(session):
    person = make_person(session)
    boss = make_staff()
    batch = request_tickets(session, language="en", entry_url=ENTRY, by=boss, at=AT)
    make_tickets(batch, at=AT)
    publish_tickets(batch, by=BY, at=AT)

    open_ticket(own(batch, person), by=BY, at=AT)

    entries = AuditEntry.objects.filter(subject=f"tickets:{batch.code}").order_by("seq")
    assert [(row.action, row.actor_kind) for row in entries] == [
        ("tickets.requested", "staff"),
        ("tickets.ready", "job"),
        ("tickets.published", "system"),
        ("ticket.opened", "system"),
    ]
    assert entries.last().facts["ticket"] == own(batch, person).code
