"""Deletions: what is due, what holds it back, two people, and nothing left behind."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.utils import DatabaseError

from candidates.models import (
    Candidate,
    CheckIn,
    DeviceLease,
    Observation,
    Recheck,
    Recording,
)
from config.pages import retention_plan
from config.pages.retention_job import carry_out
from exams.domain import retention
from exams.domain.approvals import NotApproved, PayloadChanged, SamePerson
from exams.domain.audit import verify_chain
from exams.domain.holds import lift_hold, set_hold
from exams.enums import RetentionClass
from exams.kernel.errors import NotAllowed
from exams.models import AuditEntry, Exhibit, RetentionItem, Session
from exams.queries.retention import digest_over
from helpdesk.models import Message
from tests.builders import retention as made
from tests.builders.cases import make_case, make_court
from tests.builders.exams import make_staff
from tests.builders.retention import FILES, LATER, RELEASED, TEXTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("later")]
TODAY = LATER.date()
APPS = ("exams", "candidates", "proctoring", "helpdesk")


def everything_in_rows() -> str:
    """Every row of every table as our code reads it: ciphertext is opened."""
    rows = (
        value
        for name in APPS
        for model in apps.get_app_config(name).get_models()
        for value in model._base_manager.values_list()
    )
    return "\n".join(map(str, rows))


def everything_in_files() -> bytes:
    roots = (settings.MEDIA_ROOT, settings.RECORDINGS_ROOT, settings.TICKETS_ROOT)
    paths = (path for root in roots for path in Path(root).rglob("*"))
    return b"\n".join(path.read_bytes() for path in paths if path.is_file())


def canaries_left(person) -> set[str]:
    rows, files = everything_in_rows(), everything_in_files()
    films = {**FILES, "camera": person.take.slices[0].body[-60:]}
    return {
        *(name for name, text in TEXTS.items() if text in rows),
        *(name for name, found in films.items() if found in files),
    }


def test_no_canary_is_left_in_rows_or_files(project, people, person):
    before = canaries_left(person)
    digests = [row.digest for row in person.camera.manifests.all()]

    run = made.delete_all(project, people)

    assert before == {*TEXTS, *FILES, "camera"}
    assert canaries_left(person) == set()
    assert run.state == "finished"
    # What it was, who it was and what was decided stays.
    camera = Recording.objects.get(pk=person.camera.pk)
    assert (camera.erased_at.date(), camera.state) == (TODAY, "verified")
    assert [row.digest for row in camera.manifests.all()] == digests
    assert (Path(settings.RECORDINGS_ROOT) / camera.manifests.get().path).is_file()
    assert Exhibit.objects.get(attempt=person.attempt).erased_at.date() == TODAY
    assert CheckIn.objects.get(pk=person.check_in.pk).erased_at.date() == TODAY
    found = Candidate.objects.get(pk=person.person.pk)
    assert (found.name, found.phone) == ("姓名金丝雀", "13900007788")
    assert (found.photo.name, found.photo_erased_at.date()) == ("", TODAY)
    assert Observation.objects.get().kind == "device_lost"
    assert Message.objects.get().author == "candidate"
    assert verify_chain(person.attempt.session.code)
    assert verify_chain("system")


def test_certificate_says_what_two_people_did(project, people, person):
    run = made.delete_all(project, people)

    told = retention.certificate_of(run)
    assert digest_over(told) == run.certificate_digest
    assert told["plan"] == run.approval.digest
    assert (told["asked_by"], told["approved_by"]) == (people[0].pk, people[1].pk)
    counts = {kind: one["deleted"] for kind, one in told["classes"].items()}
    assert counts == {
        "camera": 1, "screen": 1, "phone": 1, "id_check": 3, "chat": 2, "logs": 1,
    }  # fmt: skip
    manifests = {one["digest"] for one in told["items"] if one["class"] == "camera"}
    assert manifests == {person.camera.manifests.get().digest}
    entry = AuditEntry.objects.get(action="retention.finished")
    assert entry.facts["digest"] == run.certificate_digest


def test_each_class_is_due_at_its_own_time(project, person):
    project.keep_camera_days, project.keep_logs_days = 100, 900
    project.save()

    def due(days):
        at = RELEASED + timedelta(days=days)
        lines = retention_plan.lines_of(project, cutoff=at, at=at)
        return {line.kind for line in lines if line.due}

    assert due(99) == {"id_check"}
    assert due(100) == {"id_check", "camera"}
    assert due(899) == set(RetentionClass) - {"logs"}
    assert due(900) == set(RetentionClass)


@pytest.mark.parametrize("what", ["hold", "case", "recheck", "asked"])
def test_what_is_disputed_is_never_due(project, people, person, what):
    at = LATER
    if what == "hold":
        set_hold(person.attempt, reason="Court order", by=people[0], at=LATER)
    elif what == "case":
        make_case(person.attempt, make_court(person.attempt.session))
    elif what == "asked":
        lease = DeviceLease.objects.get(attempt=person.attempt)
        asked = {"attempt": person.attempt, "lease": lease, "at": RELEASED}
        Recheck.objects.create(text="Were all totals counted?", **asked)
    else:
        project.keep_camera_days, at = 1, RELEASED + timedelta(days=20)
        project.save()

    lines = retention_plan.lines_of(project, cutoff=at, at=at)

    assert [line.due for line in lines] == [[]] * 6
    assert [count for _words, count in lines[0].reasons] == [1]


def test_hold_after_the_approval_holds_what_is_not_deleted_yet(project, people, person):
    run = made.agree(made.propose(project, people[0]), people[1])
    set_hold(person.attempt, reason="Court order", by=people[0], at=LATER)

    carry_out(run.code)

    run.refresh_from_db()
    told = retention.certificate_of(run)
    assert run.state == "finished"
    assert {one["held"] for one in told["classes"].values()} == {1, 2, 3}
    assert {one["deleted"] for one in told["classes"].values()} == {0}
    assert canaries_left(person) == {*TEXTS, *FILES, "camera"}
    lift_hold(person.attempt, reason="Settled", by=people[0], at=LATER)
    made.delete_all(project, people)
    assert canaries_left(person) == set()


def test_nothing_happens_without_the_second_person(project, people, person):
    run = made.propose(project, people[0])
    item = run.items.first()

    with pytest.raises(SamePerson):
        made.agree(run, people[0])
    with pytest.raises(NotAllowed):
        made.agree(run, make_staff())
    with pytest.raises(NotApproved):
        retention_plan.erase(item, at=LATER)
    assert carry_out(run.code) == "asked"
    set_hold(person.attempt, reason="Court order", by=people[0], at=LATER)
    with pytest.raises(PayloadChanged):
        made.agree(run, people[1])
    assert canaries_left(person) == {*TEXTS, *FILES, "camera"}


def test_database_refuses_to_rewrite_what_was_noticed_or_agreed(
    project, people, person
):
    run = made.propose(project, people[0])
    changes = (
        (Observation.objects.all(), {"facts": {"label": "other"}}),
        (Observation.objects.all(), {"kind": "takeover"}),
        (RetentionItem.objects.filter(run=run), {"digest": "0" * 64}),
    )
    for rows, columns in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**columns)


def test_sessions_without_results_are_never_due(project, person):
    Session.objects.update(state="scoring")

    lines = retention_plan.lines_of(project, cutoff=LATER, at=LATER)

    assert not any(line.due or line.held for line in lines)
