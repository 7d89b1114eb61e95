from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from exams.domain.audit import Actor, ChainBroken, record, verify_chain
from exams.kernel.errors import Fault
from exams.models import AuditEntry

AT = datetime(2027, 4, 27, 1, tzinfo=UTC)
BY = Actor("job", "test")


def write(action="probe.made", **facts):
    with transaction.atomic():
        return record(action, by=BY, at=AT, subject="probe:1", facts=facts)


@pytest.mark.django_db
def test_record_three_times_chains_and_verifies():
    entries = [write(n=n) for n in range(3)]

    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[2].previous == entries[1].digest
    assert verify_chain("system") == 3


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_is_a_fault():
    with pytest.raises(Fault):
        record("probe.made", by=BY, at=AT, subject="probe:1", facts={})

    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_audit_entry_changed_by_raw_sql_is_refused(verb):
    write()
    sql = {
        "update": "UPDATE exams_auditentry SET action = 'x'",
        "delete": "DELETE FROM exams_auditentry",
    }[verb]

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.django_db
def test_verify_chain_with_a_forged_row_fails():
    write()
    AuditEntry(
        chain="system",
        seq=2,
        at=AT,
        action="forged",
        actor_kind="job",
        actor_ref="x",
        subject="s",
        facts={},
        previous="0" * 64,
        digest="0" * 64,
    ).save(force_insert=True)

    with pytest.raises(ChainBroken):
        verify_chain("system")


@pytest.mark.django_db
def test_record_with_a_float_is_refused_and_writes_nothing():
    with pytest.raises(TypeError):
        write(share=0.5)

    assert AuditEntry.objects.count() == 0
