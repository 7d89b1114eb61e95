"""The form of somebody added late, and the second administrator's confirm page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Enrolment, Latecomer
from config.pages.demo import id_number
from exams.domain.audit import Actor
from exams.domain.draw import commit_draw
from exams.domain.staff import assign
from exams.enums import Role
from tests.builders.exams import START, make_ready_session, make_staff

pytestmark = pytest.mark.django_db
BY = Actor("system", "test")
ADD = reverse("admin:candidates_latecomer_add")
LIST = reverse("admin:candidates_latecomer_changelist")


@pytest.fixture
def session():
    now = timezone.now()
    starts = now + timezone.timedelta(minutes=20)
    session = make_ready_session(starts_at=starts, frozen_at=now)
    commit_draw(session, by=BY, at=now)
    return session


@pytest.fixture
def pair(session):
    two = [make_staff(), make_staff()]
    for staff in two:
        assign(staff, role=Role.ADMINISTRATOR, project=session.project, by=BY, at=START)
    return two


def form(session, **cells):
    return {
        "session": session.pk,
        "ticket_number": "2030099",
        "name": "林晚舟",
        "id_number": id_number(99),
        "reason": "Left out by mistake",
        **cells,
    }


def test_one_asks_and_the_other_enrols(client, session, pair):
    first, second = pair
    client.force_login(first)
    client.post(ADD, form(session))
    agree = reverse(
        "admin:candidates_latecomer_agree", args=[Latecomer.objects.get().pk]
    )
    answer = {"reason": "Checked by telephone", "code": session.code}
    alone = client.post(agree, answer)
    client.force_login(second)
    shown = client.get(agree).content.decode()
    agreed = client.post(agree, answer)

    assert alone.status_code == 403
    assert "林晚舟" in shown
    assert id_number(99) not in shown
    assert agreed.status_code == 302
    assert Enrolment.objects.get(session=session).candidate.name == "林晚舟"


def test_form_has_one_button_only(client, session, pair):
    client.force_login(pair[0])

    page = client.get(ADD).content.decode()

    assert 'name="_save"' in page
    assert 'name="_addanother"' not in page
    assert 'name="_continue"' not in page


def test_bad_cell_is_named_beside_its_field_and_what_was_typed_stays(
    client, session, pair
):
    client.force_login(pair[0])

    page = client.post(ADD, form(session, id_number="11010119900307123X"))

    assert page.context["adminform"].form.errors.keys() == {"id_number"}
    assert "林晚舟" in page.content.decode()
    assert Latecomer.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_for_one_row_and_for_three(
    client, session, pair, rows, django_assert_num_queries
):
    client.force_login(pair[0])
    for number in range(rows):
        cells = {
            "ticket_number": f"20301{number}",
            "id_number": id_number(200 + number),
        }
        client.post(ADD, form(session, **cells))

    with django_assert_num_queries(6):
        page = client.get(LIST)

    assert page.context["cl"].result_count == rows
