"""Every change of a roster row is a row of its own, and a replaced photo's file goes."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from candidates.domain.photo_files import READ_WITHIN, set_photo, sweep_files
from candidates.domain.roster import enrol
from candidates.models import Candidate, DiscardedFile, RosterChange
from exams.models import AuditEntry
from tests.builders.candidates import make_candidate
from tests.builders.exams import make_session
from tests.builders.photos import picture
from tests.builders.rosters import (
    AT,
    BY,
    import_people,
    make_id_number,
    make_people,
    make_person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make_session()


def changes():
    rows = RosterChange.objects.order_by("candidate__ticket_number", "pk")
    return list(
        rows.values_list(
            "candidate__ticket_number", "kind", "fields", "roster_import", "actor_ref"
        )
    )


def test_import_notes_who_changed_and_who_is_gone_and_no_row_for_the_new(session):
    first = import_people(session, make_people(3))
    assert {*Candidate.objects.values_list("brought_by", flat=True)} == {first.pk}
    assert changes() == []

    changed = make_person(2, name="别名", phone="13900000000", room="第9考场")
    second = import_people(session, [make_person(1), changed, make_person(4)])

    assert changes() == [
        ("2030000002", "changed", "name,phone,room", second.pk, "1"),
        ("2030000003", "gone", "", second.pk, "1"),
    ]
    assert Candidate.objects.get(ticket_number="2030000004").brought_by == second
    stored = str(list(RosterChange.objects.values()))
    assert "别名" not in stored
    assert "13900000000" not in stored


def test_people_enrolled_without_a_file_are_noted_too(session):
    import_people(session, [make_person(1)])
    person = {
        "ticket_number": "2030000001",
        "name": "别名",
        "id_number": make_id_number(1),
    }

    enrol(session, [person], by=BY, at=AT)

    # What is not given is empty, as in a file that has the column.
    assert changes() == [("2030000001", "changed", "name,phone,post,room", None, "1")]


@pytest.mark.parametrize("write", ["update", "delete"])
def test_changes_are_only_added_to(session, write):
    import_people(session, [make_person(1)])
    import_people(session, [make_person(1, name="别名")])
    rows = RosterChange.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(kind="gone") if write == "update" else rows._raw_delete("default")


def test_replaced_photo_is_deleted_after_a_while_and_never_one_that_is_named():
    person = make_candidate()
    set_photo(person, photo=picture(), by=BY, at=AT)
    old = person.photo.name
    set_photo(person, photo=picture(colour=(9, 9, 9)), by=BY, at=AT)
    new = person.photo.name
    # As if a mistake discarded what a row names.
    DiscardedFile.objects.create(name=new, due_at=AT)

    assert sweep_files(at=AT + READ_WITHIN - timedelta(seconds=1)) == 0
    assert default_storage.exists(old)
    assert sweep_files(at=AT + READ_WITHIN) == 1

    assert [default_storage.exists(name) for name in (old, new)] == [False, True]
    assert not DiscardedFile.objects.exists()
    kinds = RosterChange.objects.order_by("pk").values_list("kind", flat=True)
    assert [*kinds] == ["photo_set", "photo_replaced"]
    digests = RosterChange.objects.order_by("pk").values_list("sha256", flat=True)
    audited = AuditEntry.objects.filter(action="candidate.photo_set").order_by("seq")
    assert [*digests] == [row.facts["sha256"] for row in audited]
