"""Named actors of the admin's tests, signed in."""

import pytest

from exams.domain.audit import Actor
from exams.domain.staff import assign
from exams.enums import Role
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_project,
    make_staff,
)


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def boss(client, db):
    """A superuser, signed in."""
    staff = make_administrator()
    client.force_login(staff)
    return staff


@pytest.fixture
def administrator(client, project):
    """An administrator of `project` alone, signed in."""
    staff = make_staff()
    assign(
        staff,
        role=Role.ADMINISTRATOR,
        project=project,
        by=Actor("system", "test"),
        at=before_start(86_400),
    )
    client.force_login(staff)
    return staff
