"""Named actors, an edge, and a flush that knows the append-only guards."""

import pytest
from channels.layers import channel_layers
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper as Postgresql
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite
from django.dispatch import receiver
from django.utils import translation

from candidates.edge.app import Edge
from exams.domain.audit import Actor
from exams.domain.staff import assign
from exams.enums import Role
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_project,
    make_staff,
)

_truncate = Postgresql.ops_class.sql_flush
_delete = Sqlite.ops_class.sql_flush


def _flush_on_sqlite(self, *args, **kwargs):
    """Empty the tables between tests although triggers guard some of them.

    The triggers are lifted for the flush and put back in the same script.
    """
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [
        *(f"DROP TRIGGER {name}" for name, _ in triggers),
        *_delete(self, *args, **kwargs),
        *(sql for _, sql in triggers),
    ]


def _flush_on_postgresql(self, style, tables, **kwargs):
    """Delete a few rows instead of truncating sixty files; no trigger sees it.

    Row triggers never see a truncation. Only a superuser may silence them for a
    deletion; anybody else truncates.
    """
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (may_silence,) = cursor.fetchone()
    if not may_silence or kwargs.get("reset_sequences"):
        return _truncate(self, style, tables, **kwargs)
    return [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {self.quote_name(table)}" for table in tables),
    ]


Sqlite.ops_class.sql_flush = _flush_on_sqlite
Postgresql.ops_class.sql_flush = _flush_on_postgresql


@pytest.fixture
def fresh_layer():
    """A channel layer of the test's own: its queues belong to its event loop."""
    channel_layers.backends.clear()


@receiver(connection_created)
def _commit_without_waiting(connection, **kwargs):
    """No test lets the machine fall: rows of the test's own process need no disk."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")


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


@pytest.fixture
def edge(transactional_db, settings, tmp_path):
    """An edge of its own, whose threads see the test's committed rows."""
    settings.RECORDINGS_ROOT = tmp_path / "recordings"
    application = Edge()
    yield application
    application.stop()


@pytest.fixture
def english():
    with translation.override("en"):
        yield
