from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from exams.domain.audit import Actor, record
from exams.models import AuditEntry

AT = datetime(2027, 4, 27, 1, tzinfo=UTC)


def write(chain):
    with transaction.atomic():
        by = Actor("job", "test")
        record("probe.made", by=by, at=AT, subject="p:1", facts={}, chain=chain)


@pytest.mark.django_db
def test_verify_audit_names_every_sound_chain():
    out = StringIO()
    write("system")
    write("abc")
    write("abc")

    call_command("verify_audit", stdout=out)

    assert out.getvalue().splitlines() == [
        "abc: 2 entries, sound",
        "system: 1 entries, sound",
    ]


@pytest.mark.django_db
def test_verify_audit_of_a_forged_chain_fails():
    AuditEntry(
        chain="abc",
        seq=1,
        at=AT,
        action="forged",
        actor_kind="job",
        actor_ref="x",
        subject="s",
        facts={},
        previous="0" * 64,
        digest="f" * 64,
    ).save(force_insert=True)

    with pytest.raises(CommandError, match="abc: broken"):
        call_command("verify_audit", stdout=StringIO())
