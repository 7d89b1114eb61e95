"""Everything of one candidate as a file: what is in it, what is not, who may."""

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from exams.models import AuditEntry
from tests.builders.cases import make_court, make_noticed_case
from tests.builders.exams import make_assignment, make_staff
from tests.builders.retention import FILES, TEXTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("later")]


def export(client, person, **answers):
    url = reverse("admin:candidate_everything", args=[person.person.pk])
    return client.post(url, {"reason": "Asked for by the person", **answers})


def opened(reply) -> tuple[dict, list]:
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        return tuple(json.loads(archive.read(one)) for one in archive.namelist())


def test_file_has_every_row_and_names_every_file(client, boss, person):
    make_noticed_case(person.attempt, make_court(person.attempt.session))

    reply = export(client, person, clear="on")
    rows, files = opened(reply)

    text = json.dumps(rows, ensure_ascii=False)
    assert {name for name, one in TEXTS.items() if one not in text} == {"face"}
    assert rows["candidate"][0]["phone"] == "13900007788"
    assert rows["cases"][0]["facts"] in rows["notices"][0]["body"]
    kinds = {one["what"] for one in files}
    assert kinds >= {"roster photo", "check-in photo", "recording camera"}
    assert not any(found in reply.content for found in FILES.values())
    entry = AuditEntry.objects.get(action="person.exported")
    assert entry.facts == {"fields": "clear", "reason": "Asked for by the person"}


def test_without_the_right_it_is_masked_and_without_scores(client, project, person):
    staff = make_staff(is_staff=True)
    make_assignment(staff, role="administrator", project=project)
    staff.user_permissions.add(Permission.objects.get(codename="view_candidate"))
    client.force_login(staff)

    rows, _files = opened(export(client, person, clear="on"))

    assert rows["candidate"][0]["phone"] == "*******7788"
    assert rows["audit"] == rows["results"] == []


def test_reason_is_asked_for(client, boss, person):
    assert export(client, person, reason=" ").status_code == 422
    assert not AuditEntry.objects.filter(action="person.exported").exists()
