"""Signing in step by step; nobody is in before the last; and being put out at once."""

import asyncio
import base64
import re

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.test import Client
from django.urls import reverse
from django_otp.oath import hotp

from config.asgi import application
from exams.domain.accounts import deactivate, give_link, give_password
from exams.domain.audit import Actor
from exams.domain.second_factor import begin, confirm
from exams.enums import Role
from exams.kernel import clock
from exams.models import AuditEntry, SecondFactor, Staff
from tests.builders.candidates import make_enrolled_attempt
from tests.builders.exams import (
    make_administrator,
    make_assignment,
    make_room,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_request
from tests.builders.sockets import SocketClient

BY = Actor("system", "test")
PASSWORD = "password-for-tests"
NEW = "a-long-new-password"
STAFF, ADMIN = "/staff/sign-in/", "/admin/login/"


def digits(staff, *, ahead=0):
    secret = base64.b32decode(SecondFactor.objects.get(staff=staff).secret)
    return f"{hotp(secret, int(clock.now().timestamp()) // 30 + ahead):06d}"


def sign_in(client, staff, password=PASSWORD, url=STAFF, **more):
    body = {"username": staff.username, "password": password, **more}
    return client.post(url, body, headers={"accept-language": "en"})


def is_in(client):
    return client.get("/staff/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "lands"), [(STAFF, "/staff/"), (ADMIN, "/admin/")])
def test_password_alone_signs_in_where_no_role_needs_more(client, url, lands):
    assert sign_in(client, make_administrator(), url=url)["Location"] == lands
    assert is_in(client)


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "lands"), [(STAFF, "/staff/"), (ADMIN, "/admin/")])
def test_enrolled_person_is_in_after_the_second_step_only(client, url, lands):
    staff = make_administrator()
    begin(staff)
    confirm(staff, code=digits(staff), at=clock.now())

    first = sign_in(client, staff, url=url)
    assert first["Location"] == reverse("staff:second-step")
    assert not is_in(client)
    wrong = client.post(first["Location"], {"code": "000000"})
    assert (wrong.status_code, is_in(client)) == (422, False)
    client.post(first["Location"], {"code": digits(staff, ahead=1)})

    assert is_in(client)
    assert client.get(lands).status_code == 200


@pytest.mark.django_db
def test_role_that_needs_it_sets_it_up_before_being_in(client, settings):
    settings.TOTP_ROLES = ["administrator"]
    staff = make_administrator()
    step = sign_in(client, staff)["Location"]

    page = client.get(step, headers={"accept-language": "en"}).content.decode()
    assert "data:image/svg+xml;base64," in page
    assert not is_in(client)
    codes = client.post(step, {"code": digits(staff)}).content.decode()
    assert len(re.findall(r">[a-z2-9]{5}-[a-z2-9]{5}<", codes)) == 10
    assert not is_in(client)
    assert client.get(step)["Location"] == "/staff/"

    assert is_in(client)


@pytest.mark.django_db
def test_temporary_password_is_replaced_before_being_in(client):
    staff = make_staff()
    temporary = give_password(staff, by=BY, at=clock.now())

    step = sign_in(client, staff, temporary)["Location"]
    assert step == reverse("staff:new-password")
    assert not is_in(client)
    weak = client.post(step, {"password": "short", "again": "short"})
    other = client.post(step, {"password": NEW, "again": NEW + "x"})
    assert (weak.status_code, other.status_code, is_in(client)) == (422, 422, False)
    client.post(step, {"password": NEW, "again": NEW})

    assert is_in(client)
    assert not Staff.objects.get().must_change_password


@pytest.mark.django_db
def test_second_step_comes_before_the_new_password(client):
    staff = make_staff()
    begin(staff)
    confirm(staff, code=digits(staff), at=clock.now())
    temporary = give_password(staff, by=BY, at=clock.now())
    sign_in(client, staff, temporary)

    skipped = client.post(
        reverse("staff:new-password"), {"password": NEW, "again": NEW}
    )

    assert skipped["Location"] == reverse("staff:second-step")
    assert Staff.objects.get().check_password(temporary)


@pytest.mark.django_db
def test_one_time_link_sets_the_password_and_is_over(client):
    staff = make_staff()
    url = reverse("staff:link", args=[give_link(staff, by=BY, at=clock.now())])

    assert staff.username in client.get(url).content.decode()
    assert client.post(url, {"password": NEW, "again": NEW})["Location"] == STAFF
    assert not is_in(client)

    assert client.get(url).status_code == 404
    assert sign_in(client, staff, NEW)["Location"] == "/staff/"


@pytest.mark.django_db
@pytest.mark.parametrize("url", [STAFF, ADMIN])
def test_five_wrong_passwords_lock_the_account_with_the_time(client, url):
    staff = make_administrator()
    for _ in range(5):
        sign_in(client, staff, "wrong", url=url)

    page = sign_in(client, staff, url=url).content.decode()

    assert re.search(r"Try again from \d\d:\d\d:\d\d \(Asia/Shanghai\)", page)
    assert not is_in(client)
    client.force_login(make_administrator())
    unlock = reverse("admin:exams_staff_unlock", args=[staff.pk])
    assert client.post(unlock, {"reason": "he called"}).status_code == 302
    assert sign_in(Client(), staff, url=url).status_code == 302


@pytest.mark.django_db
def test_wrong_codes_lock_as_wrong_passwords_do(client):
    staff = make_staff()
    begin(staff)
    confirm(staff, code=digits(staff), at=clock.now())
    step = sign_in(client, staff)["Location"]
    for _ in range(5):
        client.post(step, {"code": "000000"})

    assert client.post(step, {"code": digits(staff, ahead=1)}).status_code == 422
    assert not is_in(client)
    assert AuditEntry.objects.filter(action="sign_in.locked").count() == 1


@pytest.mark.django_db
def test_reset_is_shown_once_to_the_administrator_alone(client, boss):
    staff = make_staff()
    url = reverse("admin:exams_staff_reset", args=[staff.pk])

    page = client.post(url, {"way": "password", "reason": "forgot"})

    secret = re.search(r"data-secret>([a-z2-9]{14})<", page.content.decode())[1]
    assert "no-store" in page["Cache-Control"]
    assert Staff.objects.get(pk=staff.pk).check_password(secret)
    assert secret not in client.get(url).content.decode()
    link = client.post(url, {"way": "link", "reason": "again"}).content.decode()
    token = re.search(r"http://testserver(/staff/link/\w{32}/)<", link)[1]
    assert Client().get(token).status_code == 200


@pytest.mark.django_db
def test_changed_password_signs_every_other_computer_out(client):
    staff, other = make_staff(), Client()
    client.force_login(staff), other.force_login(staff)
    body = {"act": "password", "password": NEW, "again": NEW}

    wrong = client.post("/staff/security/", body | {"present": "no"})
    assert wrong.status_code == 422
    client.post("/staff/security/", body | {"present": PASSWORD})

    assert is_in(client)
    assert not is_in(other)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["grid", "desk", "conversation"])
def test_deactivation_ends_sign_ins_and_closes_open_sockets(kind, client):
    session = make_session(starts_at=clock.now(), state="published")
    room = make_room(session)
    attempt = make_enrolled_attempt(session, room=room)
    role = Role.PROCTOR if kind == "grid" else Role.HELPDESK
    scope = {"room": room} if kind == "grid" else {"project": session.project}
    staff = make_assignment(role=role, **scope).staff
    client.force_login(staff)
    cookie = client.cookies["sessionid"].value
    path = {
        "grid": "/ws/grid/",
        "desk": "/ws/helpdesk/",
        "conversation": f"/ws/helpdesk/requests/{make_request(attempt).code}/",
    }[kind]

    async def scenario():
        one = SocketClient(
            application,
            path,
            headers=[
                (b"host", b"testserver"),
                (b"origin", b"http://testserver"),
                (b"cookie", f"sessionid={cookie}".encode()),
            ],
        )
        assert await one.connect()
        begun = asyncio.get_running_loop().time()
        await database_sync_to_async(deactivate)(staff, by=BY, at=clock.now())
        code = await one.closing_code()
        return code, asyncio.get_running_loop().time() - begun

    code, seconds = async_to_sync(scenario)()

    assert code == 4401
    assert seconds < 4
    assert not is_in(client)
