"""The second step: each code once, within its time, and ten ways back."""

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django_otp.oath import hotp

from exams.domain.audit import Actor
from exams.domain.second_factor import (
    CODES,
    WrongCode,
    begin,
    check,
    codes_left,
    confirm,
    is_enrolled,
    is_required,
    remove,
    renew_codes,
)
from exams.enums import Role
from exams.models import RecoveryCode, SecondFactor
from tests.builders.exams import (
    START,
    make_administrator,
    make_assignment,
    make_staff,
)

pytestmark = pytest.mark.django_db


def digits(staff, *, at=START):
    secret = base64.b32decode(SecondFactor.objects.get(staff=staff).secret)
    return f"{hotp(secret, int(at.timestamp()) // 30):06d}"


def enrolled(staff=None):
    staff = staff or make_staff()
    begin(staff)
    return staff, confirm(staff, code=digits(staff), at=START)


def later(seconds):
    return START + timedelta(seconds=seconds)


def test_app_counts_from_its_first_right_code_on():
    staff = make_staff(username="wen")
    address = begin(staff)

    assert address.startswith("otpauth://totp/Kaowu%3Awen?secret=")
    assert begin(staff) == address
    with pytest.raises(WrongCode):
        confirm(staff, code="000000", at=START + timedelta(days=1))
    assert not is_enrolled(staff)
    with pytest.raises(WrongCode):
        check(staff, code=digits(staff), at=START)

    codes = confirm(staff, code=digits(staff), at=START)

    assert is_enrolled(staff)
    assert len(set(codes)) == CODES == codes_left(staff)


def test_code_is_taken_once_and_within_a_step_of_the_clock():
    staff, _codes = enrolled()

    with pytest.raises(WrongCode):
        check(staff, code=digits(staff), at=START)
    spaced = digits(staff, at=later(60))
    check(staff, code=f" {spaced[:3]} {spaced[3:]}", at=later(90))
    far = digits(staff, at=later(300))
    for wrong in (spaced, far, "12345", "abcdef", "１２３４５６"):
        with pytest.raises(WrongCode):
            check(staff, code=wrong, at=later(90))


def test_recovery_code_replaces_the_app_once():
    staff, codes = enrolled()
    shown = f"{codes[0][:5]}-{codes[0][5:]}".upper()

    check(staff, code=shown, at=START)

    with pytest.raises(WrongCode):
        check(staff, code=codes[0], at=START)
    assert codes_left(staff) == CODES - 1


def test_new_codes_void_the_old_ones():
    staff, old = enrolled()

    new = renew_codes(staff, code=digits(staff, at=later(60)), at=later(60))

    assert len(new) == codes_left(staff) == CODES
    with pytest.raises(WrongCode):
        check(staff, code=old[0], at=later(90))
    check(staff, code=new[0], at=later(90))


def test_nothing_of_it_is_readable_in_the_database():
    staff, codes = enrolled()
    secret = SecondFactor.objects.get().secret

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM exams_secondfactor")
        stored = bytes(cursor.fetchone()[0])

    assert secret.encode() not in stored
    assert not any(code in str(list(RecoveryCode.objects.values())) for code in codes)


def test_removed_app_no_longer_counts():
    staff, codes = enrolled()

    remove(staff, by=Actor("system", "test"), at=START)

    assert not is_enrolled(staff)
    with pytest.raises(WrongCode):
        check(staff, code=codes[0], at=START)


def test_setting_names_the_roles_that_need_it(settings):
    settings.TOTP_ROLES = ["administrator", "official"]

    assert is_required(make_administrator())
    assert is_required(make_assignment(role=Role.OFFICIAL).staff)
    assert not is_required(make_assignment(role=Role.HELPDESK).staff)
    settings.TOTP_ROLES = []
    assert not is_required(make_administrator())
