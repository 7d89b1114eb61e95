"""Named actors of the admin, and a flush that knows the append-only guards."""

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from exams.domain.audit import Actor
from exams.domain.staff import assign
from exams.enums import Role
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_project,
    make_staff,
)

DatabaseOperations = DatabaseWrapper.ops_class
_sql_flush = DatabaseOperations.sql_flush


def _sql_flush_past_guards(self, *args, **kwargs):
    """Empty the tables between tests although triggers guard some of them.

    PostgreSQL truncates, which row triggers do not see; SQLite deletes, so the
    triggers are lifted for the flush and put back in the same script.
    """
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [
        *(f"DROP TRIGGER {name}" for name, _ in triggers),
        *_sql_flush(self, *args, **kwargs),
        *(sql for _, sql in triggers),
    ]


DatabaseOperations.sql_flush = _sql_flush_past_guards


@pytest.fixture
def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


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
