"""Staff and documents on forms; read-only rows stay read-only."""

import pytest
from django.urls import reverse

from exams.domain import sign_in_locks
from exams.domain.audit import Actor
from exams.domain.projects import advance
from exams.domain.sign_in_locks import ACCOUNT_FAILURES, count_failure
from exams.enums import Role
from exams.kernel import clock
from exams.models import Assignment, AuditEntry, Document, SignInLock, Staff
from tests.builders.exams import (
    make_administrator,
    make_assignment,
    make_attempt,
    make_document,
    make_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
EMPTY = {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}


def staff_url(staff, name="change"):
    return reverse(f"admin:exams_staff_{name}", args=[staff.pk])


def role_form(staff, *, role, **scope):
    data = {
        "username": staff.username,
        "first_name": "新名",
        "is_active": "on",
        "assignments-TOTAL_FORMS": 1,
        "assignments-INITIAL_FORMS": 0,
        "assignments-0-staff": staff.pk,
        "assignments-0-role": role,
    }
    return data | {f"assignments-0-{name}": row.pk for name, row in scope.items()}


def test_role_given_on_the_form_opens_the_admin_and_is_audited(client, boss, project):
    staff = make_staff()

    response = client.post(
        staff_url(staff), role_form(staff, role="administrator", project=project)
    )

    assert response.status_code == 302
    staff.refresh_from_db()
    assert staff.is_staff
    assert sorted(AuditEntry.objects.values_list("action", flat=True)) == [
        "admin.change",
        "staff.assigned",
    ]
    assert "新名" not in str(list(AuditEntry.objects.values("facts")))


def test_excluding_roles_are_refused_beside_the_field(client, boss):
    session = make_session()
    staff = make_staff()
    make_assignment(staff, role=Role.PROCTOR, session=session)
    data = role_form(staff, role="examiner", session=session)
    held = Assignment.objects.get()
    data |= {
        "assignments-TOTAL_FORMS": 2,
        "assignments-INITIAL_FORMS": 1,
        "assignments-0-id": held.pk,
        "assignments-1-staff": staff.pk,
        "assignments-1-role": "examiner",
        "assignments-1-session": session.pk,
    }

    response = client.post(staff_url(staff), data)

    assert response.status_code == 200
    assert Assignment.objects.get() == held


def test_account_is_made_on_the_form_and_gets_its_password_on_the_next(client, boss):
    response = client.post(
        reverse("admin:exams_staff_add"),
        {"username": "zhou", "first_name": "周晓岚"},
    )

    staff = Staff.objects.get(username="zhou")
    assert response["Location"] == staff_url(staff, "reset")
    assert not staff.has_usable_password()
    assert AuditEntry.objects.get().action == "admin.add"


def test_administrator_touches_no_other_administrator_and_no_other_project(
    client, administrator, project
):
    superuser = make_administrator()
    stranger = make_assignment(role=Role.PROCTOR).staff
    own = make_assignment(
        role=Role.PROCTOR, session=make_session(project=project)
    ).staff

    for staff in (superuser, stranger, administrator):
        before = Staff.objects.get(pk=staff.pk).password
        assert (
            client.post(staff_url(staff), {"username": "x", **EMPTY}).status_code == 403
        )
        for name in ("reset", "deactivate", "drop-second-step"):
            page = client.post(staff_url(staff, name), {"reason": "x", "way": "link"})
            assert page.status_code == 403
        assert Staff.objects.get(pk=staff.pk).password == before
    assert client.get(staff_url(own)).status_code == 200
    assert (
        "is_superuser"
        not in client.get(staff_url(own)).context["adminform"].form.fields
    )


def test_administrator_cannot_make_himself_a_superuser(client, administrator, project):
    own = make_assignment(
        role=Role.PROCTOR, session=make_session(project=project)
    ).staff

    client.post(
        staff_url(own),
        {"username": own.username, "is_active": "on", "is_superuser": "on", **EMPTY},
    )

    assert not Staff.objects.filter(is_superuser=True).exists()


def test_draft_document_is_edited_published_and_then_closed(client, boss):
    document = make_document(published_at=None)
    url = reverse("admin:exams_document_change", args=[document.pk])
    data = {
        "project": document.project_id,
        "kind": "flow",
        "version": 1,
        "title": "新标题",
        "body": "正文",
    }

    assert client.post(url, data).status_code == 302
    publish = reverse("admin:exams_document_publish", args=[document.pk])
    assert client.post(publish, {"reason": "Approved"}).status_code == 302
    assert client.post(url, data | {"title": "again"}).status_code == 403

    document = Document.objects.get()
    assert document.title == "新标题"
    assert document.published_at is not None
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("name", ["attempt", "auditentry", "draw", "sheet", "result"])
def test_evidence_is_neither_added_changed_nor_deleted(client, boss, name):
    attempt = make_attempt(state="absent")

    assert client.get(reverse(f"admin:exams_{name}_add")).status_code == 403
    if name == "attempt":
        for page in ("change", "delete"):
            url = reverse(f"admin:exams_attempt_{page}", args=[attempt.pk])
            assert client.post(url, {"state": "entered"}).status_code == 403
        attempt.refresh_from_db()
        assert attempt.state == "absent"


def test_history_tells_acts_in_words_and_in_both_languages(client, boss):
    session = make_session()
    session_url = reverse("admin:exams_session_history", args=[session.pk])
    document = make_document(published_at=None)
    client.post(
        reverse("admin:exams_document_publish", args=[document.pk]), {"reason": "Why"}
    )

    page = client.get(
        reverse("admin:exams_document_history", args=[document.pk]),
        headers={"accept-language": "en"},
    ).content.decode()

    assert "Document published" in page
    assert "Why" in page
    assert client.get(session_url).status_code == 200


def test_audit_list_of_one_projects_administrator_has_only_its_chains(
    client, administrator, project
):
    mine, theirs = (
        make_session(project=project, state="draft"),
        make_session(state="draft"),
    )
    for session in (mine, theirs):
        advance(session, to="published", by=Actor("system", "t"), at=clock.now())

    page = client.get(reverse("admin:exams_auditentry_changelist")).content.decode()

    assert mine.code in page
    assert theirs.code not in page


@pytest.mark.parametrize(("rows", "queries"), [(1, 4), (3, 4)])
def test_list_of_locks_names_what_is_locked_now(
    client, boss, rows, queries, django_assert_num_queries
):
    at = clock.now()
    names = [make_staff().username for _ in range(rows)]
    for name in [*names, "nobody"]:
        for _ in range(ACCOUNT_FAILURES):
            count_failure(name, f"address of {name}", at=at)
    SignInLock.objects.create(key="over", first_at=at, locked_until=at)

    with django_assert_num_queries(queries):
        page = client.get(reverse("admin:exams_signinlock_changelist"))

    shown = page.content.decode()
    assert [name for name in names if f"{name}<" not in shown] == []
    assert len(page.context["cl"].result_list) == rows + 1


def test_unlocking_asks_why_and_is_audited(client, boss):
    for _ in range(ACCOUNT_FAILURES):
        count_failure("nobody", "192.0.2.1", at=clock.now())
    lock = SignInLock.objects.get(locked_until__isnull=False)
    url = reverse("admin:exams_signinlock_unlock", args=[lock.pk])

    assert client.post(url, {"reason": ""}).status_code == 200
    response = client.post(url, {"reason": "asked on the hotline"}, follow=True)

    assert response.status_code == 200
    sign_in_locks.require_open("nobody", "192.0.2.1", at=clock.now())
    entries = AuditEntry.objects.filter(subject=f"signinlock:{lock.pk}").order_by("pk")
    assert [row.action for row in entries.order_by("seq")] == [
        "sign_in.unlocked",
        "step.unlock",
    ]
