"""The audit trail in the admin: filtered, readable, checked on the page."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from exams.domain import audit_checks
from exams.domain.audit import Actor, record
from exams.domain.audit_checks import ChainTooLong, check_chain
from exams.kernel.errors import NotFound
from exams.models import AuditEntry
from exams.queries.acts import ACTS
from exams.queries.audit_trail import chains_of
from exams.queries.fact_words import fact_lines, subject_words
from tests.builders.exams import START, make_session, make_staff

pytestmark = pytest.mark.django_db
LIST = "admin:exams_auditentry_changelist"
CHECK = "admin:audit_check"
BY = Actor("system", "test")


@pytest.fixture
def session(project):
    return make_session(project=project, title="Morning")


def write(session, *, action="attempt.submitted", by=BY, at=START, subject="attempt:abcd", **facts):  # fmt: skip
    chain = session.code if session else "system"
    return record(action, by=by, at=at, subject=subject, facts=facts, chain=chain)


def shown(client, **query):
    page = client.get(reverse(LIST), query, headers={"accept-language": "en"})
    assert page.status_code == 200
    return [row.pk for row in page.context["cl"].result_list]


def tamper(entry):
    """Change a guarded row as somebody with the database in hand would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "UPDATE exams_auditentry SET action = 'x' WHERE id = %s", [entry.pk]
            )
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            " AND tbl_name = 'exams_auditentry'"
        )
        guards = cursor.fetchall()
        for name, _sql in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(
            "UPDATE exams_auditentry SET action = 'x' WHERE id = %s", [entry.pk]
        )
        for _name, sql in guards:
            cursor.execute(sql)


def test_list_is_narrowed_by_act_session_person_subject_and_day(client, boss, session):
    staff = make_staff(username="anna")
    other = make_session()
    one = write(session, by=Actor.of_staff(staff)).pk
    two = write(other, action="sheet.locked", subject="sheet:k7").pk
    three = write(
        session, by=Actor("candidate", "qqqq"), at=START + timedelta(days=1)
    ).pk

    assert shown(client) == [three, two, one]
    assert shown(client, act="sheet.locked") == [two]
    assert shown(client, session=other.code) == [two]
    assert shown(client, person="anna") == [one]
    assert shown(client, person="qqqq") == [three]
    assert shown(client, person="nobody") == []
    assert shown(client, subject="k7") == shown(client, subject="sheet:k7") == [two]
    assert shown(client, since="2030-05-21") == [three]
    assert shown(client, until="2030-05-20") == [two, one]
    assert shown(client, since="2030-05-20", until="2030-05-20", act="sheet.locked") == [two]  # fmt: skip


def test_day_is_the_staff_s_own(client, boss, session):
    before_midnight = write(session, at=START.replace(hour=15, minute=59)).pk
    after_midnight = write(session, at=START.replace(hour=16, minute=0)).pk

    assert shown(client, until="2030-05-20") == [before_midnight]
    assert shown(client, since="2030-05-21") == [after_midnight]


def test_what_is_no_date_is_said_and_shows_nothing(client, boss, session):
    write(session)

    for text in ("yesterday", "2030-02-31", "9" * 30):
        page = client.get(reverse(LIST), {"since": text}, headers={"accept-language": "en"})  # fmt: skip
        assert page.context["cl"].result_count == 0
        assert "Enter a valid date." in page.content.decode()


def test_administrator_reads_and_exports_the_own_sessions_only(
    client, administrator, session
):
    mine = write(session, reason="mine")
    write(make_session(), reason="theirs")
    write(None, reason="of nobody")

    assert shown(client) == [mine.pk]
    sent = client.post(reverse("admin:exams_auditentry_export"), {"format": "csv"})
    text = b"".join(sent.streaming_content).decode()
    assert mine.digest in text
    assert "theirs" not in text


def test_facts_are_words(client, boss, session, english):
    staff = make_staff(username="anna")
    entry = write(
        session, action="attempt.submitted", by=Actor.of_staff(staff),
        **{"from": "entered", "to": "submitted", "complete": True, "odd_key": "x"},
        fields=["a", "b"], head="0" * 64,
    )  # fmt: skip
    page = client.get(reverse(LIST), headers={"accept-language": "en"}).content.decode()

    assert dict(fact_lines(entry)) == {
        "from": "Entered",
        "to": "Submitted",
        "complete": "Yes",
        "odd_key": "x",
        "fields": "a, b",
        "last digest": "000000000000…",
    }
    assert subject_words(entry.subject) == "Attempt abcd"
    assert subject_words("ticketbatch:abcd") == "Admission tickets abcd"
    assert subject_words("odd") == "odd"
    for words in (
        "Exam ended",
        "Staff anna",
        "Attempt abcd",
        "to: Submitted",
        "Morning",
    ):
        assert words in page


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_any_number_of_rows(
    client, boss, rows, django_assert_num_queries
):
    for number in range(rows):
        staff = make_staff(username=f"s{number}")
        write(make_session(), by=Actor.of_staff(staff))

    with django_assert_num_queries(7):
        client.get(reverse(LIST))


@pytest.mark.parametrize("rows", [1, 3])
def test_checks_cost_the_same_for_any_number_of_chains(
    boss, rows, django_assert_num_queries
):
    for _ in range(rows):
        session = make_session()
        write(session)
        check_chain(session.code, by=Actor.of_staff(boss), at=START)

    with django_assert_num_queries(5):
        assert len(chains_of(boss)) == rows + 1


def test_sound_chain_is_said_with_its_length_and_time(client, administrator, session):
    write(session), write(session)

    sent = client.post(reverse(CHECK), {"chain": session.code})
    page = client.get(
        reverse(CHECK), headers={"accept-language": "en"}
    ).content.decode()

    assert sent.status_code == 302
    (chain,) = chains_of(administrator)
    assert (chain.result, chain.checked, chain.length) == ("sound", 2, 2)
    assert chain.by.endswith(f" {administrator.username}")
    assert "2 entries, checked" in page
    entry = AuditEntry.objects.get(action="audit.verified")
    assert (entry.chain, entry.subject) == ("system", f"chain:{session.code}")


def test_changed_entry_breaks_the_chain_on_the_page(client, boss, session):
    write(session)
    tamper(write(session))
    write(session)

    client.post(reverse(CHECK), {"chain": session.code})
    page = client.get(reverse(LIST), {"session": session.code}, headers={"accept-language": "en"}).content.decode()  # fmt: skip

    assert "at entry 2, found" in page


def test_cut_end_is_found_by_the_check_before(boss, session):
    write(session), write(session)
    by = Actor.of_staff(boss)
    assert check_chain(session.code, by=by, at=START) == "sound"
    entry = AuditEntry.objects.get(action="audit.verified")

    assert entry.facts["entries"] == 2
    with pytest.raises(audit_checks.WasCut):
        audit_checks.require_uncut(session.code, 1)
    audit_checks.require_uncut(session.code, 3)


@pytest.mark.parametrize("chain", ["", "system", "unknown"])
def test_chain_of_others_cannot_be_checked(client, administrator, session, chain):
    write(None)
    theirs = make_session()
    write(theirs)

    for code in (chain, theirs.code):
        assert client.post(reverse(CHECK), {"chain": code}).status_code == 404
    assert not AuditEntry.objects.filter(action="audit.verified").exists()


def test_long_chain_is_sent_to_the_command(session, english):
    write(session), write(session)

    with pytest.raises(ChainTooLong, match="more than 1 entries"):
        check_chain(session.code, by=BY, at=START, most=1)
    with pytest.raises(NotFound):
        check_chain("nothing", by=BY, at=START)


def test_command_records_what_the_page_shows(boss, session, capsys):
    write(session)

    call_command("verify_audit", session.code, record=True)

    (chain,) = chains_of(boss, codes=[session.code])
    assert (chain.result, chain.checked) == ("sound", 1)
    tamper(write(session))
    with pytest.raises(CommandError, match="broken at entry"):
        call_command("verify_audit", session.code, record=True)
    assert chains_of(boss, codes=[session.code])[0].result == "broken"


def test_every_act_may_be_chosen_in_either_language(client, boss, session):
    write(session)

    for language in ("en", "zh-hans"):
        page = client.get(reverse(LIST), headers={"accept-language": language})
        chosen = [value for value, _label in page.context["by"].fields["act"].choices]
        assert set(chosen) == {"", *ACTS}
