"""The database's own clock, for what must not depend on one clock alone."""

from datetime import UTC, datetime

from django.db import connection


def database_now() -> datetime:
    """Return the database's present instant, aware, in UTC."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0].astimezone(UTC)
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0])
