"""Fixtures of every test, and a flush that knows the append-only guards."""

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

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
