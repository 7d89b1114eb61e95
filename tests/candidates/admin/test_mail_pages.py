"""The pages of letters through an administrator's eyes."""

import pytest
from django.core import mail
from django.urls import reverse

from candidates.models import Mailing, MailPermit, MailTemplate, Recipient
from candidates.tasks import send_mailing
from exams.models import AuditEntry
from tests.builders.candidates import make_enrolment
from tests.builders.exams import make_attempt, make_session
from tests.builders.mail import (
    AT,
    BODY,
    allow_mail,
    make_draft,
    make_sent_mailing,
    make_template,
)
from tests.builders.tickets import make_person

pytestmark = pytest.mark.django_db
DRAFT = "/admin/candidates/mailing/add/"
TEMPLATE = "/admin/candidates/mailtemplate/add/"


@pytest.fixture(autouse=True)
def _mail(settings):
    settings.EMAIL_URL = "smtp://mail.example.org"


@pytest.fixture
def session(project):
    return make_session(project=project, title="上午场", state="published")


def url_of(mailing, name="show"):
    return reverse(f"admin:mailing_{name}", args=[mailing.pk])


def step_of(mailing, name):
    return reverse(f"admin:candidates_mailing_{name}", args=[mailing.pk])


def template_of(project, **words):
    return {
        "project": project.pk,
        "title": "邀请",
        "language": "en",
        "subject": "{project}",
        "body": BODY,
        **words,
    }


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"subject": "{nmae}"}, "subject", "{nmae}"),
        ({"body": "Dear {name.id_number}"}, "body", "{name.id_number}"),
        ({"body": "{name"}, "body", "{name}"),
    ],
)
def test_wrong_placeholder_is_named_beside_its_field(
    client, administrator, project, words, field, said
):
    page = client.post(TEMPLATE, template_of(project, **words))

    errors = page.context["adminform"].form.errors
    assert errors.keys() == {field}
    assert said in str(errors[field].as_data()[0].message)
    assert MailTemplate.objects.count() == 0


def test_letter_goes_from_its_template_to_the_people(client, administrator, session):
    people = [make_person(session, email=f"p{n}@example.org") for n in range(2)]
    client.post(TEMPLATE, template_of(session.project))
    client.post(
        "/admin/candidates/mailpermit/add/", {"session": session.pk, "allowed": "on"}
    )
    assert MailPermit.objects.get().allowed

    page = client.post(
        DRAFT,
        {
            "session": session.pk,
            "template": MailTemplate.objects.get().pk,
            "audience": "everybody",
        },
        follow=True,
    )

    mailing, first = Mailing.objects.get(), people[0].candidate
    assert page.redirect_chain == [(url_of(mailing), 302)]
    text = page.content.decode()
    assert first.name in text
    assert "p0@example.org" not in text
    second = client.get(url_of(mailing) + "?as=2").content.decode()
    assert people[1].candidate.name in second
    confirm = client.get(step_of(mailing, "send"))
    assert "2" in str(confirm.context["extent"])
    assert confirm.context["cautions"] == []
    assert client.post(step_of(mailing, "send"), {"reason": "go"}).status_code == 302
    again = client.post(step_of(mailing, "send"), {"reason": "go"})
    assert again.status_code == 409
    assert client.get(url_of(mailing, "progress")).json() == {
        "made": 0,
        "total": 2,
        "done": False,
    }
    assert send_mailing(mailing.code) == "finished"
    assert len(mail.outbox) == 2
    done = client.get(url_of(mailing)).content.decode()
    assert "p***@example.org" in done
    assert "p0@example.org" not in done
    assert AuditEntry.objects.filter(action="step.send").count() == 1


def test_session_without_permission_is_refused_on_the_page(
    client, administrator, session
):
    template = make_template(session.project)

    page = client.post(
        DRAFT,
        {"session": session.pk, "template": template.pk, "audience": "everybody"},
    )

    assert (page.status_code, page.context["refusal"].code) == (
        409,
        "mail_not_allowed",
    )
    assert Mailing.objects.count() == 0


def test_choices_are_of_the_own_projects(client, administrator):
    other = make_session()

    page = client.post(
        DRAFT,
        {
            "session": other.pk,
            "template": make_template(other.project).pk,
            "audience": "everybody",
        },
    )

    assert page.context["form"].errors.keys() == {"session", "template"}


def test_server_without_mail_says_so_before_and_refuses(
    client, administrator, session, settings
):
    make_person(session, email="a@example.org")
    mailing = make_draft(session)
    settings.EMAIL_URL = ""

    page = client.get(step_of(mailing, "send"))
    refused = client.post(step_of(mailing, "send"), {"reason": "x"})

    assert len(page.context["cautions"]) == 1
    assert (refused.status_code, Recipient.objects.count()) == (503, 0)
    assert "EMAIL_URL" in client.get(url_of(mailing)).content.decode()


def test_recipients_show_their_states_and_only_failed_ones_can_be_retried(
    client, administrator, session
):
    mailing = make_sent_mailing(session)

    page = client.get(url_of(mailing) + "?state=failed")
    unknown = client.get(url_of(mailing) + "?state=unknown").context["rows"]

    assert [line["answer"] for line in page.context["rows"]] == ["550 no such user"]
    assert len(unknown) == 1
    assert [step.name for step, _ in page.context["steps"]] == ["retry"]
    client.post(step_of(mailing, "retry"), {"reason": "address corrected"})
    assert sorted(Recipient.objects.values_list("state", flat=True)) == [
        "no_address",
        "sent",
        "unknown",
        "waiting",
    ]
    assert client.get(url_of(mailing) + "?state=x&p=y&as=z").status_code == 200


def test_who_never_tested_is_a_list_that_can_be_written_to(
    client, administrator, session
):
    mock = make_session(project=session.project, kind="mock", state="published")
    tested, never = make_person(session), make_person(session, email="n@example.org")
    make_enrolment(
        tested.candidate,
        make_attempt(mock, entered_at=AT),
        mock_day=AT.date(),
        mock_ordinal=1,
    )
    url = reverse("admin:mailing_untested", args=[session.pk])

    page = client.get(url)

    assert [row.pk for row in page.context["page"]] == [never.pk]
    assert page.context["addressed"] == {never.pk}
    address = f"{DRAFT}?session={session.pk}&amp;audience=never_tested"
    assert address in page.content.decode()
    other = reverse("admin:mailing_untested", args=[make_session().pk])
    assert [client.get(other).status_code, client.get(url + "?p=x").status_code] == [
        404,
        200,
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_of_letters_take_a_fixed_number_of_queries(
    client, boss, rows, django_assert_num_queries
):
    mailings = [make_sent_mailing(make_session()) for _ in range(rows)]
    session = mailings[0].session
    for _ in range(rows):
        make_person(session)

    with django_assert_num_queries(4):
        client.get("/admin/candidates/mailing/")
    with django_assert_num_queries(6):
        client.get(reverse("admin:mailing_untested", args=[session.pk]))
    with django_assert_num_queries(10):
        client.get(url_of(mailings[0]))


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_of_templates_and_permits_take_a_fixed_number_of_queries(
    client, boss, rows, django_assert_num_queries
):
    for _ in range(rows):
        session = make_session()
        make_template(session.project)
        allow_mail(session)

    with django_assert_num_queries(4):
        client.get("/admin/candidates/mailtemplate/")
    with django_assert_num_queries(4):
        client.get("/admin/candidates/mailpermit/")
